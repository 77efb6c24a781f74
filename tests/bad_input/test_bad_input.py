"""Whatever is wrong is answered at once, with one message, and nothing is touched that is not the study's."""

import time
from importlib import import_module
from pathlib import Path

import pytest
from huggingface_hub import constants
from tests.bad_input.case import USAGE
from tests.bad_input.cases import CASES

from study import paths
from study.cli import main
from study.files import DAMAGED
from study.processes import peak_memory_mb

SECONDS, MEGABYTES = 5, 500  # of the process; memory beside what it had before
OWN = (paths.RESULTS, paths.WORK, paths.LOGS)


@pytest.fixture(scope="module", autouse=True)
def libraries():
    """Imports take seconds, for which no mistake is to blame."""
    for name in ("datasets", "study.training.pool_ranking", "study.report.page"):
        import_module(name)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The folder of a study, in another one that a path may lead out to."""
    place = tmp_path / "studies/mine"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    monkeypatch.delenv("STUDY_CONFIG", raising=False)
    monkeypatch.delenv("LM_EVAL", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return place


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.area}: {case.name}")
def test_what_is_wrong_is_told_in_one_message(case, folder, capsys):
    arguments = case.make(folder)
    before = contents(folder.parents[1])
    capsys.readouterr()
    start, memory = time.process_time(), peak_memory_mb()
    code = answered(arguments)
    seconds, grown = time.process_time() - start, peak_memory_mb() - memory
    said = capsys.readouterr().err
    assert code == case.code, said
    assert all(words in said for words in case.told), said
    check_form(said, case.code)
    check_untouched(before, contents(folder.parents[1]), folder)
    assert seconds < SECONDS and grown < MEGABYTES


def test_every_mistake_is_another_one():
    names = [(case.area, case.name) for case in CASES]
    assert len(names) == len(set(names)) >= 60


def answered(arguments: list[str]) -> int:
    """Run a command; returns its exit code."""
    try:
        return main(arguments)
    except SystemExit as usage:
        return usage.code


def check_form(said: str, code: int) -> None:
    """One line says what is wrong, another one what to do; or how the command is used."""
    assert "Traceback" not in said
    if code == USAGE:
        assert said.startswith("usage: ")
        return
    lines = said.splitlines()
    assert sum(line.startswith("error: ") for line in lines) == 1, said
    assert sum(line.startswith("  do: ") for line in lines) == 1, said


def contents(root: Path) -> dict[Path, bytes | None]:
    """All files below a folder with their bytes, and all folders."""
    return {path: path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


def check_untouched(before: dict, after: dict, folder: Path) -> None:
    """Files are new in the study's own folders alone; those that were there keep their bytes.

    A damaged result is set aside: the same bytes under another name.
    """
    own = {path for path in before | after if any(path.is_relative_to(folder / name) for name in OWN)}
    for path, content in before.items():
        aside = path.with_name(path.name + DAMAGED) if path in own else path
        assert after.get(path, after.get(aside, "gone")) == content, path
    assert not after.keys() - before.keys() - own
