"""Step `tuning`: how each learning rate did for each model, and if the sweep was wide enough."""

from study import paths
from study.chapters.experts.tuning import tuning_table
from study.chapters.synthesis.reading import CHAPTER
from study.config import StudySettings
from study.files import write_csv


def run(study: StudySettings) -> None:
    """Write tuning.csv, a row per model, rate, weight decay and seed; see `tuning_table`."""
    write_csv(paths.table(CHAPTER, "tuning"), tuning_table(study, CHAPTER))
