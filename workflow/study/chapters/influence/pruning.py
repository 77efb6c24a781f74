"""Step `pruning`: what encoders learn from the examples that pruning leaves."""

import pandas as pd

from study import paths
from study.analysis.pruned import pruned_table
from study.chapters.influence.reading import CHAPTER, pruned_runs
from study.config import StudySettings
from study.files import write_csv


def run(study: StudySettings, dataset: str) -> None:
    """Write pruning_runs.csv and pruning.csv of a data set, of the encoders that a plan names."""
    tables: dict[str, list[pd.DataFrame]] = {"pruning_runs": [], "pruning": []}
    for model in study.influence.models_on(dataset):
        runs = pruned_runs(study, dataset, model)
        if len(runs):
            tables["pruning_runs"].append(runs.assign(model=model))
            tables["pruning"].append(pruned_table(runs).assign(model=model))
    for name, parts in tables.items():
        table = pd.concat(parts, ignore_index=True)
        columns = ["model", *(column for column in table.columns if column != "model")]
        write_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"), table[columns])
