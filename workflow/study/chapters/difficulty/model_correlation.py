"""Step `model_correlation`: whether models agree on what is hard."""

from study import paths
from study.analysis.model_correlation import model_correlation_tables
from study.chapters.difficulty.reading import CHAPTER, by_model
from study.config import StudySettings
from study.files import write_csv


def run(study: StudySettings, dataset: str) -> None:
    """Write model_correlation.csv and model_correlation_summary.csv for the scores that figures show."""
    scores = {score: by_model(study, dataset, score) for score in study.difficulty.analysis.scores}
    tables = model_correlation_tables(scores)
    write_csv(paths.analysis(CHAPTER, dataset, "model_correlation.csv"), tables.pairs)
    write_csv(paths.analysis(CHAPTER, dataset, "model_correlation_summary.csv"), tables.summary)
