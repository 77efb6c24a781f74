"""The study on a real cluster: the bytes of the study at home, whatever happens to its jobs."""

import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tests.faults.conftest import peace, tell  # noqa: F401 (fixtures)
from tests.faults.disturbed import NAME, Disturbed, Undisturbed, wait_until
from tests.faults.table import quoted
from tests.project import snapshot

SMOKE = ("config/smoke.yaml",)
ARRAYS = ("--slurm-array-jobs", "all")


def test_a_small_study_has_the_bytes_of_the_one_at_home(peace, slurm, tmp_path):  # noqa: F811
    ran = slurm.run((NAME,), tmp_path, "--", *peace.results)
    assert ran.code == 0, ran.text[-5000:]
    assert snapshot(tmp_path) == peace.results


def test_the_smoke_study_in_job_arrays_has_the_bytes_of_the_one_at_home(project, slurm, tmp_path):
    ran = slurm.run(SMOKE, tmp_path, *ARRAYS)
    assert ran.code == 0, ran.text[-5000:]
    assert snapshot(tmp_path) == snapshot(project.folder)
    assert "array" in ran.text, ran.text[-5000:]
    again = slurm.run(SMOKE, tmp_path)
    assert again.code == 0 and "Nothing to be done" in again.text, again.text[-3000:]


class Attacked(NamedTuple):
    """What became of a study."""

    study: Disturbed
    said: str


def attacked(peace: Undisturbed, slurm, folder: Path, attack: list[str], *more: str) -> Attacked:  # noqa: F811
    """The small study, one of whose trainings is attacked while it runs, and does not survive that.

    Args:
        more: what snakemake is told besides.
    """
    study = Disturbed(peace, folder)
    start, done = time.monotonic(), []

    def watch() -> None:
        wait_until(lambda: study.jobs("train"), 300)
        time.sleep(1)
        process = study.jobs("train")[0]
        command = [*attack, slurm_job(slurm, process)]
        done.append(subprocess.run(command, env=slurm.environment, capture_output=True, text=True))
        wait_until(lambda: process not in study.jobs("train"), 30)
        done.append("the training has ended")

    thread = threading.Thread(target=watch)
    thread.start()
    ran = slurm.run((NAME,), folder, *more, "--", *peace.results)
    thread.join()
    study.seconds += time.monotonic() - start
    assert ran.code == 0, ran.text[-5000:]
    assert done[0].returncode == 0 and len(done) == 2, done
    return Attacked(study, ran.text)


def slurm_job(slurm, process: int) -> str:
    """The job of Slurm that a process belongs to; scancel passes over tasks of arrays by that number."""
    lines = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    (number,) = [line.decode().partition("=")[2] for line in lines if line.startswith(b"SLURM_JOB_ID=")]
    return dict(slurm.asked("--format=%A %i"))[number]


def test_a_cancelled_job_asks_for_twice_what_was_measured(peace, slurm, tmp_path, tell):  # noqa: F811
    """The table is that of the study at home, with more than the least that is asked for."""
    table = peace.project.root / "config/measured.csv"
    measured = peace.project.study("measured", "--output", str(table), folder=peace.folder)
    assert measured.code == 0, measured.text
    pd.read_csv(table).assign(memory_mb=1000, seconds=900).to_csv(table, index=False)
    study, said = attacked(peace, slurm, tmp_path, ["scancel"], "--config", f"runtime={{measured: {table}}}")
    tell(
        "`scancel` of a Slurm job",
        1,
        quoted(said, "SLURM status is: 'CANCELLED'", "Trying to restart job"),
        study,
    )
    assert study.lost() == []
    asked = slurm.asked("--format=%m %l")
    assert ["1500M", "45:00"] in asked and ["3000M", "1:30:00"] in asked, asked


def test_a_requeued_job_begins_again(peace, slurm, tmp_path, tell):  # noqa: F811
    study, said = attacked(peace, slurm, tmp_path, ["scontrol", "requeue"])
    tell(
        "`scontrol requeue` of a Slurm job", 1, "nothing: Slurm runs the job again, two minutes later", study
    )
    assert study.lost() == []
    assert ["1"] in slurm.asked("--Format=RestartCnt")
    assert "Trying to restart job" not in said


def test_a_cancelled_task_of_an_array(peace, slurm, tmp_path, tell):  # noqa: F811
    """The plugin (2.8.0) lets all tasks wait for the outputs of the first; some are tried again with it."""
    study, said = attacked(peace, slurm, tmp_path, ["scancel"], *ARRAYS)
    message = quoted(said, "SLURM status is: 'CANCELLED'", "Trying to restart job")
    tell("`scancel` of a task of a Slurm job array", 1, message, study)
    assert study.lost() == []
