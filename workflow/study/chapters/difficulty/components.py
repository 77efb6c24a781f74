"""Step `components`: what run-averaged scores have in common."""

from study.analysis.components import loading_table, variance_table
from study.chapters.difficulty.reading import all_scores, write_tables
from study.config import StudySettings
from study.scores.registry import SCORES
from study.seeds import generator


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write components.csv and loadings.csv of one model."""
    signs = {column: 1 if score.hard == "high" else -1 for column, score in SCORES.items()}
    scores = all_scores(study, dataset, model)
    stream = generator(study.seed, dataset, model, "components")
    shares = variance_table(scores, signs, stream, study.difficulty.analysis.permutations)
    write_tables({"components": shares, "loadings": loading_table(scores, signs)}, dataset, model)
