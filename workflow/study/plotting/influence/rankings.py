"""What figures of the chapter read beside tables: averaged scores of every example, and names of classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from study.files import read_parquet


def read_rankings(files: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """The models' rankings.parquet one below the other.

    Args:
        files: `…/<model>/rankings.parquet`.
        columns: score columns, means over runs.

    Returns:
        `model, example_id, label` and the columns.

    Raises:
        StudyError: a file is missing, damaged, or lacks a score.
    """
    frames = [read_parquet(file, ["example_id", "label", *columns]) for file in files]
    for file, frame in zip(files, frames, strict=True):
        frame.insert(0, "model", Path(file).parent.name)
    return pd.concat(frames, ignore_index=True)


def class_names(card: Mapping[str, Any]) -> dict[int, str]:
    """Names by label, from a data set's card.json."""
    return {entry["label"]: entry["name"] for entry in card["classes"]}
