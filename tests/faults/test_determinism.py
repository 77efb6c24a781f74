"""The same bytes wherever and however the study runs: all chapters."""

import os

import pytest

from tests.project import Project, run, snapshot
from tests.warm import warm_python

STUDIES = (
    "config/smoke.yaml",
    "config/examples/influence-tiny.yaml",
    "config/examples/selection-tiny.yaml",
    "config/examples/experts-tiny.yaml",
    "config/examples/synthesis-tiny.yaml",
)
ELSEWHERE = {
    "TZ": "Pacific/Kiritimati",  # a day ahead
    "LC_ALL": "POSIX",
    "PYTHONHASHSEED": "12345",
    "OMP_NUM_THREADS": "2",
}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A checkout whose path has a blank, in another environment."""
    environment = {**os.environ, **ELSEWHERE}
    with warm_python(tmp_path_factory.mktemp("elsewhere"), environment=environment) as python:
        project = Project(tmp_path_factory.mktemp("an other place"), python)
        project.copy()
        yield project


@pytest.mark.parametrize("config", STUDIES)
def test_another_place_order_time_zone_locale_and_hash_seed(tiny, elsewhere, config, tmp_path):
    """One job at a time, in another order."""
    home = tiny(config)
    command = elsewhere.command("--cores", "1", "--scheduler", "greedy", config=(config,), folder=tmp_path)
    ran = run(command, elsewhere.root, elsewhere.environment(**ELSEWHERE))
    assert ran.code == 0, ran.text[-5000:]
    found = snapshot(tmp_path)
    assert found.keys() == home.results.keys()
    assert [name for name in found if found[name] != home.results[name]] == []
