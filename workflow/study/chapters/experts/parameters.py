"""Step `parameters`: how large every model is."""

import pandas as pd

from study import paths
from study.chapters.experts.reading import CHAPTER, sizes
from study.config import StudySettings
from study.data.dataset import open as open_dataset
from study.files import write_csv


def run(study: StudySettings) -> None:
    """Write parameters.csv, a row per task and model."""
    parts = []
    for name, task in study.experts.tasks.items():
        vocabulary = len(open_dataset(paths.data_folder(next(iter(task.made())))).classes)
        parts.append(sizes(study, vocabulary, task.all_models).assign(task=name, vocabulary=vocabulary))
    table = pd.concat(parts, ignore_index=True)
    table = table[["task", "vocabulary", *table.columns.drop(["task", "vocabulary"])]]
    write_csv(paths.table(CHAPTER, "parameters"), table)
