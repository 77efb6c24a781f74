"""Step `tuning`: how each learning rate did for each model and task, and if the sweep was wide enough."""

import pandas as pd

from study import paths
from study.chapters.experts.reading import CHAPTER
from study.config import StudySettings
from study.files import read_csv, write_csv


def run(study: StudySettings) -> None:
    """Write tuning.csv."""
    write_csv(paths.table(CHAPTER, "tuning"), tuning_table(study, CHAPTER))


def tuning_table(study: StudySettings, chapter: str) -> pd.DataFrame:
    """A row per task of a chapter, model, rate, weight decay and seed.

    `at_end`: the chosen rate is the lowest or the highest that was tried; a better one may lie beyond.
    """
    parts = []
    for name, task in getattr(study, chapter).tasks.items():
        for model in task.all_models:
            tried = read_csv(paths.tuning(chapter, name, model))
            chosen = tried.loc[tried["chosen"], "learning_rate"].iloc[0]
            ends = (tried["learning_rate"].min(), tried["learning_rate"].max())
            tried = tried.assign(at_end=tried["chosen"] & (chosen in ends))
            tried.insert(0, "model", model)
            tried.insert(0, "task", name)
            parts.append(tried)
    return pd.concat(parts, ignore_index=True)
