"""Steps `prepare` and `card`: a data set in the one form that every chapter reads, and what is in it."""

from importlib import import_module

from study import paths
from study.config import StudySettings
from study.config.makers import describer_of, loader_of, store_of
from study.data.dataset import save
from study.files import read_parquet
from study.kinds import CORPUS


def prepare(study: StudySettings, dataset: str) -> None:
    """Read or make, check and write a data set.

    Raises:
        StudyError: the data are missing, cannot be read or made, or the folder cannot be written.
    """
    settings, folder = study.all_datasets[dataset], paths.data_folder(dataset)
    maker = import_module(loader_of(settings))
    if settings.kind == CORPUS:  # it may be larger than memory, and so is written as it is made
        maker.prepare(dataset, settings, study.seed, folder)
        return
    excluded = {
        content
        for other in settings.without
        for content in read_parquet(f"{paths.data_folder(other)}/examples.parquet", ["content"])["content"]
    }
    save(maker.load(dataset, settings, study.seed, excluded), folder)


def describe(study: StudySettings, dataset: str) -> None:
    """Write the card of a prepared data set."""
    settings, folder = study.all_datasets[dataset], paths.data_folder(dataset)
    data = import_module(store_of(settings)).open(folder)
    import_module(describer_of(settings)).write(data, settings, folder)
