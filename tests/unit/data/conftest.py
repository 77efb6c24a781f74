"""Loading small data sets, and checking how bad ones are refused."""

import pytest
from pydantic import TypeAdapter
from tests.unit.data.pictures import FOUR, grey, parquet, pngs

from study.config.datasets import DatasetSettings
from study.data.sources import load
from study.errors import StudyError


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path_factory, monkeypatch):
    """Readers keep rows below work/ for a while."""
    monkeypatch.chdir(tmp_path_factory.mktemp("study"))


@pytest.fixture
def settings():
    """Build the settings of a data set from keys, checked as those of a config file are."""
    return lambda **keys: TypeAdapter(DatasetSettings).validate_python(keys)


@pytest.fixture
def load_files(settings):
    """Load parquet files as a data set named `own`."""

    def run(train, test=None, study_seed=0, format="parquet", **keys):
        as_list = [[path] if isinstance(path, str) else path for path in (train, test)]
        chosen = settings(source="files", format=format, train=as_list[0], test=as_list[1], **keys)
        return load("own", chosen, study_seed)

    return run


@pytest.fixture
def refused():
    """Call something that must fail with a complete StudyError, whose parts hold the given words."""

    def run(call, what: str, where: str, expected: str, do: str) -> None:
        with pytest.raises(StudyError) as caught:
            call()
        error = caught.value
        assert what in error.what
        assert where in error.where
        assert expected in error.expected
        assert do in error.do

    return run


@pytest.fixture
def good(tmp_path):
    """A parquet file with four grey pictures of two classes."""
    return parquet(tmp_path / "good.parquet", pngs(grey(4)), FOUR)
