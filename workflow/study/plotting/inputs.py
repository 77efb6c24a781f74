"""What figures of examples read: the aggregated scores of several models."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from study.files import read_parquet
from study.scores.registry import SCORES


def read_scores(files: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """The models' scores.parquet one below the other.

    Args:
        files: `…/<model>/scores.parquet`.
        columns: score columns; of each, mean, std, number of runs and rank error are read.

    Returns:
        `model, example_id, content, label` and `<column>_mean, _std, _n, _rank_error` of the columns that
        each run has a value of; the others (agreement, a user's own) vary over no runs.

    Raises:
        StudyError: a file is missing, damaged, or lacks a score.
    """
    columns = [column for column in columns if column not in SCORES or SCORES[column].per_run]
    kept = ["example_id", "content", "label"]
    kept += [f"{column}_{part}" for column in columns for part in ("mean", "std", "n", "rank_error")]
    frames = [read_parquet(file, kept) for file in files]
    for file, frame in zip(files, frames, strict=True):
        frame.insert(0, "model", Path(file).parent.name)
    return pd.concat(frames, ignore_index=True)
