"""Step `aggregate`: the scores of one encoder over its runs, example by example."""

from study.chapters.influence.reading import CHAPTER
from study.chapters.runs import write_averages
from study.config import StudySettings


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write `scores.parquet`; see `write_averages`."""
    write_averages(study, CHAPTER, dataset, model)
