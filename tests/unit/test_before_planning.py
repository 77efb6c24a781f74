"""Results are mended where files are made, named where that is planned, and left alone otherwise."""

from types import SimpleNamespace

import pytest
from snakemake.exceptions import WorkflowError

from before_planning import LOCKS, before_planning


def executed(lock: bool = True, damaged: tuple[str, ...] = (), **kind: bool) -> list:
    """What happens, in order, where Snakemake comes to execute with an executor of a kind."""

    def mend(pretend: bool) -> tuple[str, ...]:
        happened.append(pretend)
        return damaged

    happened = []
    workflow = SimpleNamespace(
        execution_settings=SimpleNamespace(lock=lock),
        execute=lambda executor_plugin, updated_files: happened.append(updated_files),
    )
    before_planning(workflow, mend)
    assert not happened
    settings = SimpleNamespace(**{"dryrun_exec": False, "touch_exec": False} | kind)
    workflow.execute(executor_plugin=SimpleNamespace(common_settings=settings), updated_files="executed")
    return happened


@pytest.fixture
def locked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    LOCKS.mkdir(parents=True)
    (LOCKS / "0.output.lock").write_text("results/index.csv\n")


def test_files_are_mended_before_they_are_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert executed(damaged=("a.csv",)) == [False, "executed"]


@pytest.mark.parametrize("kind", ["dryrun_exec", "touch_exec"])
def test_where_no_job_runs_they_are_named_only(locked, kind):
    assert executed(damaged=("a.csv",), **{kind: True}) == [True, "executed"]


def test_where_another_is_at_work_they_are_left(locked):
    assert executed() == [True, "executed"]
    assert executed(lock=False, damaged=("a.csv",)) == [False, "executed"]
    with pytest.raises(WorkflowError, match=r"(?s)another Snakemake is at work.*a\.csv.*--unlock"):
        executed(damaged=("a.csv",))
