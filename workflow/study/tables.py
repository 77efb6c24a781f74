"""Many runs as one table, and one score of many runs as a matrix."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from study import paths
from study.errors import StudyError
from study.files import as_written, read_parquet


def run_seeds(chapter: str, dataset: str, model: str, root: str | Path = ".") -> list[int]:
    """The seeds whose runs of a model are finished, in order."""
    folder = Path(root) / paths.model_folder(chapter, dataset, model)
    found = (
        run.name.removeprefix("seed=")
        for run in folder.glob("seed=*")
        if (run / "examples.parquet").is_file()
    )
    return sorted(int(seed) for seed in found if seed.isdecimal())


def load_runs(
    chapter: str,
    dataset: str,
    models: Iterable[str],
    seeds: Sequence[int] | None = None,
    columns: Sequence[str] | None = None,
    root: str | Path = ".",
) -> pd.DataFrame:
    """The example records of many runs, one below the other.

    Args:
        chapter, dataset, models: which runs.
        seeds: which of them; by default all that are finished.
        columns: score columns to read; by default all.
        root: the folder in which the study ran.

    Returns:
        A row per model, seed and example: `model`, `seed`, `example_id`, `content`, `label` and the scores.

    Raises:
        StudyError: no run is there, or runs of a model hold different examples.
        DamagedFile: a run's record cannot be read.
    """
    keep = None if columns is None else ["example_id", "content", "label", *columns]
    frames = []
    for model in models:
        chosen = run_seeds(chapter, dataset, model, root) if seeds is None else seeds
        for seed in chosen:
            path = Path(root) / paths.run_folder(chapter, dataset, model, seed) / "examples.parquet"
            frame = read_parquet(path, keep)
            frame.insert(0, "model", model)
            frame.insert(1, "seed", seed)
            _check_same_examples(frames, frame, path)
            frames.append(frame)
    if not frames:
        raise StudyError(
            "no finished run was found",
            where=f"{root}/{paths.RESULTS}/{chapter}/{dataset}",
            expected="at least one folder <model>/seed=<k> with examples.parquet",
            do=f"run: snakemake {chapter}",
        )
    return pd.concat(frames, ignore_index=True)


def score_matrices(
    chapter: str,
    dataset: str,
    model: str,
    seeds: Sequence[int],
    columns: Sequence[str],
    root: str | Path = ".",
) -> dict[str, np.ndarray]:
    """Scores of one model's runs as {column: (runs, examples)} float64, runs in the order of `seeds`.

    Runs are read one after the other into one array, which is all that is ever in memory.

    Raises:
        StudyError: the runs hold different examples.
        DamagedFile: a run's record is missing or cannot be read.
    """
    values, first = np.empty((len(columns), 0, 0)), []
    for row, seed in enumerate(seeds):
        path = Path(root) / paths.run_folder(chapter, dataset, model, seed) / "examples.parquet"
        frame = read_parquet(path, ["example_id", *columns])
        _check_same_examples(first, frame, path)
        if not first:
            first.append(frame[["example_id"]])
            values = np.empty((len(columns), len(seeds), len(frame)))
        with as_written(path):
            for place, column in enumerate(columns):
                values[place, row] = frame[column]
    return dict(zip(columns, values, strict=True))


def _check_same_examples(frames: list[pd.DataFrame], frame: pd.DataFrame, path: Path) -> None:
    if frames and not np.array_equal(frames[0]["example_id"], frame["example_id"]):
        raise StudyError(
            "the runs of a data set hold different examples",
            where=str(path),
            expected="the same examples in the same order in every run",
            do="remove this run's folder and run snakemake again",
        )
