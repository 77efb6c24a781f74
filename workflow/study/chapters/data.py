"""Steps `prepare` and `card`: a data set in the one form that every chapter reads, and what is in it."""

from importlib import import_module

from study import paths
from study.config import StudySettings
from study.config.makers import describer_of, loader_of
from study.data.dataset import open as open_dataset
from study.data.dataset import save
from study.files import read_parquet


def prepare(study: StudySettings, dataset: str) -> None:
    """Read or make, check and write a data set.

    Raises:
        StudyError: the data are missing, cannot be read or made, or the folder cannot be written.
    """
    settings = study.all_datasets[dataset]
    excluded = {
        content
        for other in settings.without
        for content in read_parquet(f"{paths.data_folder(other)}/examples.parquet", ["content"])["content"]
    }
    load = import_module(loader_of(settings)).load
    save(load(dataset, settings, study.seed, excluded), paths.data_folder(dataset))


def describe(study: StudySettings, dataset: str) -> None:
    """Write the card of a prepared data set."""
    settings, folder = study.all_datasets[dataset], paths.data_folder(dataset)
    import_module(describer_of(settings)).write(open_dataset(folder), settings, folder)
