"""What figures of examples read: the aggregated scores of several models."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from study.files import read_parquet


def read_scores(files: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """The models' scores.parquet one below the other.

    Args:
        files: `…/<model>/scores.parquet`.
        columns: score columns; of each, mean, std, number of runs and rank error are read.

    Returns:
        `model, example_id, content, label` and `<column>_mean, _std, _n, _rank_error`.

    Raises:
        StudyError: a file is missing, damaged, or lacks a score.
    """
    kept = ["example_id", "content", "label"]
    kept += [f"{column}_{part}" for column in columns for part in ("mean", "std", "n", "rank_error")]
    frames = [read_parquet(file, kept) for file in files]
    for file, frame in zip(files, frames, strict=True):
        frame.insert(0, "model", Path(file).parent.name)
    return pd.concat(frames, ignore_index=True)
