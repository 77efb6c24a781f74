"""Step `correlation`: how the scores of an encoder correlate, and how far they agree on the hardest."""

import numpy as np

from study.analysis.correlation import correlation_table
from study.analysis.hard_sets import overlap_table
from study.chapters.influence.reading import all_scores, write_tables
from study.config import StudySettings
from study.scores.registry import orient


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write score_correlation.csv and hard_overlap.csv of one encoder, of the scores that figures show."""
    shown, seeds = study.influence.analysis.scores, study.influence.seeds
    scores = all_scores(study, dataset, model)
    of_runs = {
        column: scores[column] if len(scores[column]) == seeds else scores[column].mean(axis=0)[None]
        for column in shown
    }
    hardness = {column: orient(column, scores[column].mean(axis=0)) for column in shown}
    tables = {
        "score_correlation": correlation_table(of_runs),
        "hard_overlap": overlap_table(hardness, np.array(study.influence.analysis.hardest)),
    }
    write_tables(tables, dataset, model)
