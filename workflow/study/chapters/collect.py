"""Step `collect`: the tables of a chapter, over its data sets."""

import pandas as pd

from study import paths
from study.config import StudySettings
from study.files import read_csv, write_csv
from study.scores import registry


def run(study: StudySettings, chapter: str, table: str) -> None:
    """Write one table: the analyses of this name, one data set below the other; `scores` says what scores mean."""
    write_csv(paths.table(chapter, table), registry.table() if table == "scores" else _joined(study, chapter, table))


def _joined(study: StudySettings, chapter: str, table: str) -> pd.DataFrame:
    frames = []
    for dataset in getattr(study, chapter).datasets:
        frame = read_csv(paths.analysis(chapter, dataset, f"{table}.csv"))
        frame.insert(0, "dataset", dataset)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
