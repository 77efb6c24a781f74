"""Step `correlation`: how scores correlate with each other."""

from study.analysis.correlation import correlation_table
from study.chapters.difficulty.reading import all_scores, write_tables
from study.config import StudySettings


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write score_correlation.csv of one model."""
    write_tables({"score_correlation": correlation_table(all_scores(study, dataset, model))}, dataset, model)
