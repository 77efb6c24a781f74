"""What the steps of chapters read of their runs: scores as matrices, and the examples that they are of."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from study import paths
from study.analysis.consistency import example_rank_error
from study.config import StudySettings
from study.files import read_json, read_parquet, write_csv, write_parquet
from study.kinds import IMAGE, TEXT
from study.scores.registry import SCORES, columns_of, orient
from study.tables import load_runs, score_matrices

_KINDS = {"difficulty": IMAGE, "influence": TEXT}


def recorded_scores(study: StudySettings, chapter: str) -> list[str]:
    """The score columns that the runs of a chapter record, in the registry's order."""
    absent = getattr(study, chapter).recording.absent_families()
    return [column for column in columns_of(_KINDS[chapter]) if SCORES[column].family not in absent]


def matrices(
    study: StudySettings, chapter: str, dataset: str, model: str, columns: Sequence[str] | None = None
) -> dict[str, np.ndarray]:
    """Scores of one model: {column: (runs, examples)}; by default all recorded columns."""
    columns = list(columns or recorded_scores(study, chapter))
    return score_matrices(chapter, dataset, model, range(getattr(study, chapter).seeds), columns)


def by_model(
    study: StudySettings, chapter: str, dataset: str, models: Sequence[str], column: str
) -> dict[str, np.ndarray]:
    """One score of several models: {model: (runs, examples)}."""
    return {model: matrices(study, chapter, dataset, model, [column])[column] for model in models}


def hard_by_model(
    study: StudySettings, chapter: str, dataset: str, models: Sequence[str], column: str
) -> dict[str, np.ndarray]:
    """`by_model`, with the sign for which high means hard."""
    found = by_model(study, chapter, dataset, models, column)
    return {model: orient(column, matrix) for model, matrix in found.items()}


def metric_by_model(
    study: StudySettings, chapter: str, dataset: str, models: Sequence[str], name: str
) -> dict[str, np.ndarray]:
    """A number of the metrics of every run of several models: {model: (runs,)}."""
    seeds = range(getattr(study, chapter).seeds)
    return {
        model: np.array(
            [
                read_json(f"{paths.run_folder(chapter, dataset, model, seed)}/metrics.json")[name]
                for seed in seeds
            ]
        )
        for model in models
    }


def example_frame(chapter: str, dataset: str, model: str) -> pd.DataFrame:
    """`example_id`, `content` and `label` of the training examples, from a model's first run."""
    return load_runs(chapter, dataset, [model], [0], [])[["example_id", "content", "label"]]


def flips(chapter: str, dataset: str, model: str) -> np.ndarray:
    """(N,) whether the label of each training example was changed, in the order of the model's runs."""
    data = read_parquet(f"{paths.data_folder(dataset)}/examples.parquet", ["example_id", "flipped"])
    flipped = data.set_index("example_id")["flipped"]
    return flipped.loc[example_frame(chapter, dataset, model)["example_id"]].to_numpy(dtype=bool)


def write_tables(chapter: str, tables: Mapping[str, pd.DataFrame], dataset: str, model: str) -> None:
    """Write tables of one model by name, each with the column `model` in front."""
    for name, table in tables.items():
        path = paths.model_analysis(chapter, dataset, model, f"{name}.csv")
        write_csv(path, table.assign(model=model)[["model", *table.columns]])


def write_averages(study: StudySettings, chapter: str, dataset: str, model: str) -> None:
    """Write `scores.parquet`: per score the mean, std (ddof 1), number of runs and mean rank error."""
    columns: dict[str, np.ndarray] = {}
    for score, values in matrices(study, chapter, dataset, model).items():
        columns[f"{score}_mean"] = values.mean(axis=0)
        columns[f"{score}_std"] = values.std(axis=0, ddof=1)
        columns[f"{score}_n"] = np.full(values.shape[1], len(values), dtype=np.int32)
        columns[f"{score}_rank_error"] = example_rank_error(values)
    frame = pd.concat([example_frame(chapter, dataset, model), pd.DataFrame(columns)], axis=1)
    write_parquet(paths.scores(chapter, dataset, model), frame)
