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
        datasets = list(task.made())
        models = list(dict.fromkeys(model for dataset in datasets for model in task.models_on(dataset)))
        vocabulary = len(open_dataset(paths.data_folder(datasets[0])).classes)
        parts.append(sizes(study, vocabulary, models).assign(task=name, vocabulary=vocabulary))
    table = pd.concat(parts, ignore_index=True)
    table = table[["task", "vocabulary", *table.columns.drop(["task", "vocabulary"])]]
    write_csv(paths.table(CHAPTER, "parameters"), table)
