"""Fixtures: a study that is left in peace, and copies of it that are not."""

import shutil
import time
from pathlib import Path

import pytest

from tests.faults.disturbed import NAME, TARGETS, Disturbed, Undisturbed
from tests.project import snapshot


@pytest.fixture(scope="session")
def peace(checkout, tmp_path_factory) -> Undisturbed:
    """The study that nothing happens to."""
    shutil.copy(Path(__file__).with_name("study.yaml"), checkout.root / NAME)
    folder = tmp_path_factory.mktemp("peace")
    start = time.monotonic()
    ran = checkout.snakemake("--", *TARGETS, config=(NAME,), folder=folder)
    assert ran.code == 0, ran.text
    return Undisturbed(checkout, folder, snapshot(folder), time.monotonic() - start)


@pytest.fixture
def study(peace, tmp_path) -> Disturbed:
    """The study before anything was run."""
    folder = tmp_path / "study"
    folder.mkdir()
    return Disturbed(peace, folder)


@pytest.fixture
def finished(study) -> Disturbed:
    """The study when all is done."""
    shutil.copytree(study.peace.folder, study.folder, dirs_exist_ok=True)
    return Disturbed(study.peace, study.folder)
