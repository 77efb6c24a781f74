"""Step `correlation`: how the scores of an encoder correlate, and how far they agree on the hardest."""

import numpy as np
import pandas as pd

from study.analysis.correlation import correlation_table
from study.analysis.hard_sets import overlap_table
from study.chapters.influence.reading import all_scores, write_of_models
from study.config import StudySettings
from study.scores.registry import orient


def run(study: StudySettings, dataset: str) -> None:
    """Write score_correlation.csv and hard_overlap.csv of a data set, of the scores that figures show."""
    write_of_models(study, dataset, _tables)


def _tables(study: StudySettings, dataset: str, model: str) -> dict[str, pd.DataFrame]:
    shown, seeds = study.influence.analysis.scores, study.influence.seeds
    scores = all_scores(study, dataset, model)
    of_runs = {
        column: scores[column] if len(scores[column]) == seeds else scores[column].mean(axis=0)[None]
        for column in shown
    }
    hardness = {column: orient(column, scores[column].mean(axis=0)) for column in shown}
    return {
        "score_correlation": correlation_table(of_runs),
        "hard_overlap": overlap_table(hardness, np.array(study.influence.analysis.hardest)),
    }
