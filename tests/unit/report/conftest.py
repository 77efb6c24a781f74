"""The results of studies that never ran, in a folder of their own."""

import pytest
from tests.unit.report.made_up import FIGURES, make, study_of

from study.report.contents import read_contents
from study.report.reading import Results

SOME = (tuple(FIGURES), ("difficulty",), ("selection",), ("influence", "experts"))


@pytest.fixture(params=SOME, ids="+".join)
def results(request, tmp_path, monkeypatch) -> Results:
    """The results of a study of some chapters, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Results(study_of(request.param), read_contents(make(request.param)))


@pytest.fixture
def whole(tmp_path, monkeypatch) -> Results:
    """The results of a study of all chapters, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Results(study_of(SOME[0]), read_contents(make(SOME[0])))
