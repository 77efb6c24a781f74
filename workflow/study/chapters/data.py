"""Step `prepare`: a data set in the one form that every chapter reads."""

from study import paths
from study.config import StudySettings
from study.data.sources import prepare


def run(study: StudySettings, dataset: str) -> None:
    """Read, check and write a data set with its card."""
    prepare(dataset, study.datasets[dataset], study.seed, paths.data_folder(dataset))
