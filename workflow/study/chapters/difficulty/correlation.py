"""Step `correlation`: how scores correlate with each other."""

from study import paths
from study.analysis.correlation import correlation_table
from study.chapters.difficulty.reading import CHAPTER, each_model, with_model
from study.config import StudySettings
from study.files import write_csv


def run(study: StudySettings, dataset: str) -> None:
    """Write score_correlation.csv."""
    tables = {model: correlation_table(scores) for model, scores in each_model(study, dataset)}
    write_csv(paths.analysis(CHAPTER, dataset, "score_correlation.csv"), with_model(tables))
