"""Disks that are full or cannot be written to, memory that does not suffice, two studies in one place."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.disturbed import Disturbed, wait_for
from tests.faults.table import quoted, record

MOUNTS = os.geteuid() == 0 and Path("/proc/mounts").is_file()
MEMORY = Path("/sys/fs/cgroup/memory")
needs_root = pytest.mark.skipif(not MOUNTS, reason="only root may mount a small disk")
KILOBYTES = {"results": 700, "work": 20}


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A disk of its own for a folder."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@needs_root
@pytest.mark.parametrize("part", ["results", "work"])
def test_a_disk_that_is_full(study: Disturbed, part):
    with small_disk(study.folder / part, KILOBYTES[part]):
        ran = study.run()
        assert ran.code != 0 and "Traceback" not in ran.text, ran.text
        remount(study.folder / part, "size=1g")
        study.finish()
        message = quoted(ran.text, "no space is left on the disk", "free some space and run snakemake again")
        record(f"the disk is full: {part}", 1, message, study)


@needs_root
def test_results_that_cannot_be_written(study: Disturbed):
    with small_disk(study.folder / "results", 10**6):
        remount(study.folder / "results", "ro")
        ran = study.run()
        assert ran.code != 0 and "Traceback" not in ran.text, ran.text
        remount(study.folder / "results", "rw")
        study.finish()
        message = quoted(ran.text, "cannot be written: Read-only file system")
        record("the results are read-only", 1, message, study)


@pytest.mark.skipif(not os.access(MEMORY, os.W_OK), reason="no control groups for memory that may be written")
def test_a_job_that_runs_out_of_memory(study: Disturbed):
    """The kernel kills it."""
    group = MEMORY / f"study-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(450 * 2**20))
        start = time.monotonic()
        with study.started(first=lambda: (group / "tasks").write_text(str(os.getpid()))) as process:
            said, _ = process.communicate(timeout=300)
        study.seconds += time.monotonic() - start
        assert process.returncode != 0 and "Killed" in said, said
    finally:
        wait_for(lambda: not (group / "tasks").read_text())
        group.rmdir()
    study.finish()
    message = quoted(
        said, "A job that was killed (exit status 137", "may have needed more memory than there was"
    )
    record("a job runs out of memory", 1, message, study)


def test_two_at_once(study: Disturbed):
    start = time.monotonic()
    with study.started() as process:
        wait_for(study.trainings)
        second = Disturbed(study.peace, study.folder).run()
        assert second.code != 0, second.text
        said, _ = process.communicate(timeout=600)
    study.seconds += time.monotonic() - start
    assert process.returncode == 0, said
    assert study.lost() == []
    message = quoted(second.text, "Directory cannot be locked", "no other Snakemake process")
    record("two Snakemakes at once", 1, message, study)
