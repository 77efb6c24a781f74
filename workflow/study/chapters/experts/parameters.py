"""Step `parameters`: how large every model is."""

from importlib import import_module

import pandas as pd

from study import paths
from study.chapters.experts.reading import CHAPTER, sizes
from study.config import StudySettings
from study.config.base import Settings
from study.config.makers import store_of
from study.files import write_csv
from study.kinds import CORPUS


def run(study: StudySettings) -> None:
    """Write parameters.csv, a row per task and model."""
    parts = []
    for name, task in study.experts.tasks.items():
        vocabulary = _vocabulary(*next(iter(task.made().items())))
        parts.append(sizes(study, vocabulary, task.all_models).assign(task=name, vocabulary=vocabulary))
    table = pd.concat(parts, ignore_index=True)
    table = table[["task", "vocabulary", *table.columns.drop(["task", "vocabulary"])]]
    write_csv(paths.table(CHAPTER, "parameters"), table)


def _vocabulary(name: str, settings: Settings) -> int:
    """Number of tokens of a data set or a corpus."""
    data = import_module(store_of(settings)).open(paths.data_folder(name))
    return data.vocabulary if settings.kind == CORPUS else len(data.classes)
