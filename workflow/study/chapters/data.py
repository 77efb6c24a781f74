"""Steps `prepare` and `card`: a data set in the one form that every chapter reads, and what is in it."""

from study import paths
from study.config import StudySettings
from study.data import card
from study.data.dataset import open as open_dataset
from study.data.sources import prepare as prepare_data
from study.files import read_parquet


def prepare(study: StudySettings, dataset: str) -> None:
    """Read, check and write a data set."""
    settings = study.datasets[dataset]
    excluded = {
        content
        for other in settings.without
        for content in read_parquet(f"{paths.data_folder(other)}/examples.parquet", ["content"])["content"]
    }
    prepare_data(dataset, settings, study.seed, paths.data_folder(dataset), excluded)


def describe(study: StudySettings, dataset: str) -> None:
    """Write the card of a prepared data set."""
    folder = paths.data_folder(dataset)
    card.write(open_dataset(folder), study.datasets[dataset], folder)
