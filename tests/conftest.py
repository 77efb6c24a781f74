"""The smoke study, run once; tests that look at it, or at what one process did, share a worker.

pytest-xdist's own groups (3.8.0) mark tests by a suffix of their names, which pytest 9.2 does not keep.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.project import Finished, Project, snapshot
from tests.warm import warm_python

pytest_plugins = ("tests.faults.fixtures",)

TOGETHER = {  # what runs on one worker, by the modules of its tests
    "the smoke study": (
        "workflow/test_smoke",
        "workflow/test_faults",
        "workflow/test_extending",
        "workflow/test_provenance",
    ),
    "the tiny studies": (
        "workflow/test_influence",
        "workflow/test_experts",
        "workflow/test_selection",
        "workflow/test_synthesis",
        "faults/test_determinism",
    ),
    "the papers' models": ("workflow/test_paper",),
    "the cluster": ("slurm/test_slurm",),
    "the watched processes": ("bad_input/test_safety",),
}
GROUPS = {f"tests/{module}.py": group for group, modules in TOGETHER.items() for module in modules}


def pytest_xdist_make_scheduler(config, log) -> Any:
    """Every test may run anywhere, but for those of `TOGETHER`, which come first."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return GROUPS.get(nodeid.partition("::")[0], nodeid)

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Project:
    """The project before anything was run."""
    copied = Project(tmp_path_factory.mktemp("project"))
    copied.copy()
    return copied


@pytest.fixture(scope="session")
def warm(checkout, tmp_path_factory) -> Iterator[Project]:
    """The same project where it starts hundreds of processes; on Linux they are forks."""
    if sys.platform != "linux":
        yield checkout
        return
    with warm_python(tmp_path_factory.mktemp("warm")) as python:
        yield Project(checkout.root, python)


@pytest.fixture(scope="session")
def project(checkout) -> Project:
    """The project with its smoke study done."""
    ran = checkout.snakemake()
    assert ran.code == 0, ran.text
    return checkout


@pytest.fixture(scope="session")
def tiny(warm, tmp_path_factory) -> Callable[[str], Finished]:
    """A function that runs a study whole, when it is first asked for it: tiny(configuration file)."""

    @cache
    def finished(config: str) -> Finished:
        folder = tmp_path_factory.mktemp(Path(config).stem)
        ran = warm.snakemake(config=(config,), folder=folder)
        assert ran.code == 0, ran.text
        return Finished(folder, snapshot(folder))

    return finished


@pytest.fixture
def copied(project, tmp_path) -> Path:
    """The finished study once more, in a folder in which a test may do damage."""
    return shutil.copytree(project.folder, tmp_path / "study")


@pytest.fixture
def edited(checkout):
    """A function that edits a file of the copy for the length of a test: edited(path, old, new)."""
    originals: dict[Path, tuple[str, os.stat_result]] = {}

    def edit(name: str, old: str, new: str) -> None:
        path = checkout.root / name
        text = path.read_text()
        assert old in text, f"{name} no longer holds {old!r}"
        originals.setdefault(path, (text, path.stat()))
        path.write_text(text.replace(old, new, 1))

    yield edit
    for path, (text, status) in originals.items():
        path.write_text(text)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
