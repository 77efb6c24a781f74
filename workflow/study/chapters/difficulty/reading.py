"""What the steps of the chapter read and write: scores of runs as matrices, tables of a model."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from study import paths
from study.chapters import runs
from study.config import StudySettings
from study.files import DamagedFile, read_parquet
from study.scores.registry import SCORES

CHAPTER = "difficulty"


def matrices(
    study: StudySettings, dataset: str, model: str, columns: Sequence[str] | None = None
) -> dict[str, np.ndarray]:
    """Scores of one model: {column: (runs, examples)}; by default all recorded columns."""
    return runs.matrices(study, CHAPTER, dataset, model, columns)


def over_runs(dataset: str, model: str) -> dict[str, np.ndarray]:
    """Scores that have one value over all runs of a model: {column: (1, examples)}."""
    frame = read_parquet(paths.over_runs(CHAPTER, dataset, model))
    return {
        column: frame[column].to_numpy(dtype=np.float64)[None] for column in frame.columns if column in SCORES
    }


def all_scores(study: StudySettings, dataset: str, model: str) -> dict[str, np.ndarray]:
    """Scores of one model, those of runs (runs, examples) and those over runs (1, examples)."""
    return {**matrices(study, dataset, model), **over_runs(dataset, model)}


def by_model(study: StudySettings, dataset: str, column: str) -> dict[str, np.ndarray]:
    """One score of all models: {model: (runs, examples)}."""
    return runs.by_model(study, CHAPTER, dataset, study.difficulty.models_on(dataset), column)


def hard_by_model(study: StudySettings, dataset: str, column: str) -> dict[str, np.ndarray]:
    """`by_model`, with the sign for which high means hard."""
    return runs.hard_by_model(study, CHAPTER, dataset, study.difficulty.models_on(dataset), column)


def per_run(columns: Sequence[str]) -> list[str]:
    """Those scores of which each run has values of its own."""
    return [column for column in columns if SCORES[column].per_run]


def write_tables(tables: Mapping[str, pd.DataFrame], dataset: str, model: str) -> None:
    """Write tables of one model by name, each with the column `model` in front."""
    runs.write_tables(CHAPTER, tables, dataset, model)


def test_accuracies(study: StudySettings, dataset: str) -> dict[str, np.ndarray]:
    """Test accuracy of every run: {model: (runs,)}."""
    return runs.metric_by_model(study, CHAPTER, dataset, study.difficulty.models_on(dataset), "test_accuracy")


def trains_on_subsets(study: StudySettings, dataset: str, model: str) -> bool:
    """Whether a model has runs on random parts of the training set."""
    subsets = study.difficulty.subsets
    return subsets is not None and subsets.trains(dataset, model)


def subset_runs(study: StudySettings, dataset: str, model: str) -> tuple[np.ndarray, np.ndarray]:
    """Which runs trained on which examples, and which they got right: two (S, N) bool."""
    place = (CHAPTER, dataset, model)
    (variant,) = study.difficulty.subsets.trained().variants
    frames = [
        read_parquet(f"{paths.run_folder(*place, seed, variant)}/examples.parquet", ["inside", "correct"])
        for seed in range(study.difficulty.subsets.runs)
    ]
    return np.array([frame["inside"] for frame in frames]), np.array([frame["correct"] for frame in frames])


def example_frame(dataset: str, model: str) -> pd.DataFrame:
    """`example_id`, `content` and `label` of the training examples, from a model's first run."""
    return runs.example_frame(CHAPTER, dataset, model)


def trajectories(study: StudySettings, dataset: str, model: str, measure: str) -> np.ndarray:
    """A measure (`loss`, `confidence` or `correct`) over training: (runs that keep it, epochs, examples).

    float32, or booleans for `correct`; runs in order of seed. Without such runs the first axis is empty.

    Raises:
        DamagedFile: rows are missing, or not in order of epoch and example.
    """
    recording, found = study.difficulty.recording, []
    for seed in filter(recording.keeps_trajectory, range(study.difficulty.seeds)):
        path = f"{paths.run_folder(CHAPTER, dataset, model, seed)}/{paths.TRAJECTORY}"
        frame = read_parquet(path, ["epoch", "example", measure])
        epochs, examples = int(frame["epoch"].max()), int(frame["example"].max()) + 1
        whole = len(frame) == epochs * examples
        if not (
            whole
            and np.array_equal(frame["epoch"].to_numpy().reshape(epochs, -1)[:, 0], np.arange(1, epochs + 1))
            and np.array_equal(frame["example"].to_numpy()[:examples], np.arange(examples))
        ):
            raise DamagedFile(path, "it lacks an epoch or an example")
        found.append(frame[measure].to_numpy().reshape(epochs, examples))
    if not found:
        return np.empty((0, study.run(CHAPTER, dataset, model, 0).training.epochs, 0), dtype=np.float32)
    return np.array(found)
