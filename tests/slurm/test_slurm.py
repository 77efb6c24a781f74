"""The study on a real cluster: the bytes of the study at home, whatever happens to its jobs."""

import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tests.faults.disturbed import NAME, Disturbed, Undisturbed, wait_for
from tests.faults.table import quoted, record
from tests.project import snapshot
from tests.slurm.conftest import OnSlurm

SMOKE = ("config/smoke.yaml",)
ARRAYS = ("--slurm-array-jobs", "all")
AGAIN = "Trying to restart job"


def test_a_small_study_has_the_bytes_of_the_one_at_home(peace, peace_on_slurm):
    assert snapshot(peace_on_slurm.folder) == peace.results


def test_the_smoke_study_in_job_arrays_has_the_bytes_of_the_one_at_home(project, slurm, tmp_path):
    ran = slurm.run(SMOKE, tmp_path, *ARRAYS)
    assert ran.code == 0, ran.text[-5000:]
    assert snapshot(tmp_path) == snapshot(project.folder)
    assert any("_" in job for job in slurm.jobs_of(ran.text))
    again = slurm.run(SMOKE, tmp_path)
    assert again.code == 0 and "Nothing to be done" in again.text, again.text[-3000:]


class Attacked(NamedTuple):
    """What became of a study one of whose jobs was attacked."""

    study: Disturbed
    job: str
    """Its name on Slurm: that of a task of an array has a `_`."""
    said: str


def attacked(peace: Undisturbed, slurm: OnSlurm, folder: Path, attack: list[str], *more: str) -> Attacked:
    """The small study, one of whose trainings is attacked once it has a checkpoint, and ends of it.

    Args:
        more: what snakemake is told besides.
    """
    study = Disturbed(peace, folder)
    start, jobs = time.monotonic(), []

    def watch() -> None:
        process = wait_for(study.past_a_checkpoint, 300)[0]
        job = slurm.job_of(process)
        subprocess.run([*attack, job], env=slurm.environment, check=True)
        wait_for(lambda: process not in study.trainings(), 30)
        jobs.append(job)

    thread = threading.Thread(target=watch)
    thread.start()
    ran = slurm.run((NAME,), folder, *more, "--", *peace.results)
    thread.join()
    study.seconds += time.monotonic() - start
    assert ran.code == 0, ran.text[-5000:]
    assert len(jobs) == 1, "the attack failed, or was survived"
    assert "going on after epoch" in study.said()
    assert study.lost() == []
    return Attacked(study, jobs[0], ran.text)


def test_a_cancelled_job_asks_for_twice_what_was_measured(peace, peace_on_slurm, slurm, tmp_path):
    """The table is that of the study at home, with more than the least that is asked for."""
    table = peace.project.root / "config/measured.csv"
    measured = peace.project.study("measured", "--output", str(table), folder=peace.folder)
    assert measured.code == 0, measured.text
    pd.read_csv(table).assign(memory_mb=1000, seconds=900).to_csv(table, index=False)
    asks = ("--config", f"runtime={{measured: {table}}}")
    study, _, said = attacked(peace_on_slurm, slurm, tmp_path, ["scancel"], *asks)
    record("`scancel` of a Slurm job", 1, quoted(said, "SLURM status is: 'CANCELLED'", AGAIN), study)
    asked = slurm.asked("--format=%m %l")
    assert ["1500M", "45:00"] in asked and ["3000M", "1:30:00"] in asked, asked


def test_a_cancelled_task_of_an_array(peace_on_slurm, slurm, tmp_path):
    """The plugin (2.8.0) lets all tasks wait for the outputs of the first; some are tried again with it."""
    study, job, said = attacked(peace_on_slurm, slurm, tmp_path, ["scancel"], *ARRAYS)
    assert "_" in job
    message = quoted(said, "SLURM status is: 'CANCELLED'", AGAIN)
    record("`scancel` of a task of a Slurm job array", 1, message, study)


def test_a_job_that_is_told_to_end(peace_on_slurm, slurm, tmp_path):
    """Slurm tells all processes of a job step at once, shells and Snakemake among them."""
    notice = ("--default-resources", "slurm_extra='--signal=TERM@60'")  # before a time limit, too
    study, _, said = attacked(peace_on_slurm, slurm, tmp_path, ["scancel", "--signal=TERM"], *notice)
    message = quoted(said, "stopped by SIGTERM after epoch", "its state is saved", AGAIN)
    record("a Slurm job is told to end (`scancel --signal=TERM`)", 1, message, study)


def test_a_preempted_job_begins_again(peace_on_slurm, slurm, tmp_path):
    """The cluster does not requeue jobs by itself: the profile asks for it."""
    study, job, said = attacked(peace_on_slurm, slurm, tmp_path, ["scontrol", "requeue"])
    assert AGAIN not in said
    assert [job, "1"] in slurm.asked("--Format=JobArrayID,RestartCnt")
    message = "nothing: Slurm runs the job again, two minutes later"
    record("a Slurm job is preempted (`scontrol requeue`)", 1, message, study)
