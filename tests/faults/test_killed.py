"""Whatever is killed, and whenever: nothing is lost, and the numbers are the same."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.faults.disturbed import Disturbed, Undisturbed, send, wait_for
from tests.faults.table import quoted, record

KILLS, NOTICES = 20, 8
RARE = "config/rare.yaml"
NOTICE = 5.0  # seconds between SIGTERM and SIGKILL


def another(peace: Undisturbed, parent: Path, *more: str) -> Disturbed:
    """A study of which nothing was run, with configuration files on top."""
    folder = parent / str(len(list(parent.iterdir())))
    folder.mkdir()
    return Disturbed(peace, folder, more)


def disturb(study: Disturbed, moments: random.Random, attack: Callable[[int], bool], left: int) -> int:
    """Run the study once while its trainings are attacked at random moments; how often that met one."""
    attacked, over = 0, threading.Event()

    def attacker() -> None:
        nonlocal attacked
        while attacked < left and not over.wait(moments.uniform(0.2, 5)):
            if trainings := sorted(study.trainings()):
                attacked += attack(moments.choice(trainings))

    thread = threading.Thread(target=attacker)
    thread.start()
    try:
        study.finish("--retries", "30")
    finally:
        over.set()
        thread.join()
    return attacked


def test_a_job_that_is_killed_at_twenty_random_moments(peace, tmp_path):
    moments, killed, studies = random.Random(20), 0, []
    while killed < KILLS:
        studies.append(another(peace, tmp_path))
        killed += disturb(studies[-1], moments, lambda job: send(signal.SIGKILL, job), KILLS - killed)
    message = quoted(studies[0].said(), "Trying to restart job")
    record("a job is killed (SIGKILL)", killed, message, *studies)


def test_a_job_that_is_told_to_end_saves_what_it_has(peace, tmp_path):
    """Checkpoints are due once an hour here: whatever is gone on from was saved on notice."""
    (peace.project.root / RARE).write_text("runtime: {checkpoint_seconds: 3600}\n")
    moments, told, studies = random.Random(8), 0, []

    def attack(job: int) -> bool:
        """As Slurm does it: all processes of the job are told at once, its shell and `tee` among them."""
        try:
            shell = psutil.Process(job).parent()
            group = [shell, *shell.children()]
        except psutil.NoSuchProcess:
            return False
        told = [send(signal.SIGTERM, process.pid) for process in group]
        time.sleep(NOTICE)
        for process in group:
            send(signal.SIGKILL, process.pid)
        return all(told)

    while told < NOTICES:
        studies.append(another(peace, tmp_path, RARE))
        told += disturb(studies[-1], moments, attack, NOTICES - told)
    logs = "".join(study.said() for study in studies)
    assert "going on after epoch" in logs, logs[-3000:]
    message = quoted(logs, "stopped by SIGTERM after epoch", "its state is saved")
    record("a job is told to end (SIGTERM, then SIGKILL)", told, message, *studies)


def test_snakemake_that_is_killed_while_its_jobs_go_on(study):
    """The second time while what is left of the first is still at work."""
    killed = 2
    for _ in range(killed):
        start = time.monotonic()
        with study.started() as process:
            job = wait_for(lambda: study.is_locked() and study.past_a_checkpoint())[0]
            process.kill()  # it alone
            process.wait()
            assert job in study.trainings()
        study.seconds += time.monotonic() - start
        refused = study.run()
        assert refused.code != 0, refused.text
        message = quoted(refused.text, "Directory cannot be locked", "the --unlock argument")
        assert study.run("--unlock").code == 0
    study.finish()
    record("Snakemake is killed, its jobs go on", killed, message, study)


def test_snakemake_that_is_interrupted(study):
    start = time.monotonic()
    with study.started() as process:
        wait_for(study.past_a_checkpoint)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    study.seconds += time.monotonic() - start
    assert process.returncode != 0 and "Traceback" not in said, said
    study.finish()
    message = quoted(said, "Finished results are kept", "the same command again, it goes on from there")
    record("Snakemake is interrupted (Ctrl-C)", 1, message, study)
