"""Step `scores_all`: every score of every model of a data set in one table, a row per example."""

import numpy as np
import pandas as pd

from study import paths
from study.chapters.difficulty.reading import CHAPTER
from study.chapters.runs import recorded_scores
from study.config import StudySettings
from study.files import read_parquet, write_parquet
from study.scores.registry import SCORES

_IDENTITY = ["example_id", "content", "label", "true_label", "flipped"]


def run(study: StudySettings, dataset: str) -> None:
    """Write scores_all.parquet: `<model>.<score>.mean`, `.std` and `.n` over runs."""
    examples = read_parquet(f"{paths.data_folder(dataset)}/examples.parquet", [*_IDENTITY, "split"])
    parts = [examples[examples["split"] == "train"][_IDENTITY].reset_index(drop=True)]
    for model in study.difficulty.models_on(dataset):
        parts += [_of_runs(study, dataset, model), _over_runs(dataset, model)]
    write_parquet(paths.scores_all(CHAPTER, dataset), pd.concat(parts, axis=1))


def _of_runs(study: StudySettings, dataset: str, model: str) -> pd.DataFrame:
    names = {
        f"{score}_{part}": f"{model}.{score}.{part}"
        for score in recorded_scores(study, CHAPTER)
        for part in ("mean", "std", "n")
    }
    return read_parquet(paths.scores(CHAPTER, dataset, model), list(names)).rename(columns=names)


def _over_runs(dataset: str, model: str) -> pd.DataFrame:
    """Scores with one value over all runs: they have a number of runs, and no spread over them."""
    frame = read_parquet(paths.over_runs(CHAPTER, dataset, model))
    columns = {}
    for score in frame.columns.intersection(list(SCORES)):
        columns[f"{model}.{score}.mean"] = frame[score].to_numpy()
        if f"{score}_n" in frame:
            columns[f"{model}.{score}.std"] = np.full(len(frame), np.nan)
            columns[f"{model}.{score}.n"] = frame[f"{score}_n"].to_numpy()
    return pd.DataFrame(columns)
