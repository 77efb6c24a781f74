"""Step `pruning`: what encoders learn from the examples that pruning leaves."""

import pandas as pd

from study.analysis.pruned import pruned_table
from study.chapters.influence.reading import pruned_runs, write_of_models
from study.config import StudySettings


def run(study: StudySettings, dataset: str) -> None:
    """Write pruning_runs.csv and pruning.csv of a data set, of the encoders that a plan names."""
    write_of_models(study, dataset, _tables)


def _tables(study: StudySettings, dataset: str, model: str) -> dict[str, pd.DataFrame]:
    runs = pruned_runs(study, dataset, model)
    return {"pruning_runs": runs, "pruning": pruned_table(runs)} if len(runs) else {}
