"""Step `harness`: what every language model answered to tasks of the lm-evaluation-harness."""

import pandas as pd

from study import paths
from study.chapters.experts.reading import CHAPTER, runs_of
from study.config import StudySettings
from study.files import read_csv, write_csv


def run(study: StudySettings) -> None:
    """Write harness.csv: `dataset, model, seed` before the columns of each run's own."""
    parts = []
    for task in study.experts.pretraining.tasks().values():
        for dataset, model, seed in runs_of(study, task):
            found = read_csv(f"{paths.run_folder(CHAPTER, dataset, model, seed)}/{paths.HARNESS}")
            for place, (name, value) in enumerate((("dataset", dataset), ("model", model), ("seed", seed))):
                found.insert(place, name, value)
            parts.append(found)
    write_csv(paths.table(CHAPTER, "harness"), pd.concat(parts, ignore_index=True))
