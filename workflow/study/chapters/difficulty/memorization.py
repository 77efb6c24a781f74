"""Step `memorization`: how sure memorization and C-score of a model are."""

import pandas as pd

from study.analysis.memorization import COLUMNS, SCORES, memorization_table
from study.chapters.difficulty.reading import subset_runs, trains_on_subsets, write_tables
from study.config import StudySettings
from study.seeds import generator


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write memorization.csv of one model; for a model without such runs it says that there are none."""
    if trains_on_subsets(study, dataset, model):
        stream = generator(study.seed, dataset, model, "memorization")
        draws = study.difficulty.analysis.draws
        table = memorization_table(*subset_runs(study, dataset, model), stream, draws)
    else:
        reason = "difficulty.subsets does not name this model: it has no runs on parts of the training set"
        table = pd.DataFrame({"score": SCORES, "n": 0, "reason": reason}, columns=COLUMNS)
    write_tables({"memorization": table}, dataset, model)
