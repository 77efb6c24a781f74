"""The table of faults: what was done to a study, how often, and what it cost; written by those tests."""

import fcntl
import os
import tempfile
from pathlib import Path

from tests.faults.disturbed import Disturbed

HEAD = """# Faults

What users fear, done to a small study for real by `make test-all FAULT_TABLE=docs/faults.md`, and what came
of it. *Lost* counts the result files that in the end were not, byte for byte, those of the same study left in
peace. *Seconds* are all that the disturbed studies took, every start of Snakemake included; *in peace* is
what as many take undisturbed in the same place, and nothing for finished results that were mended. Two tests
run at once on two cores. What is said is quoted.

Every chapter, tiny, is also made one job at a time in another checkout with a blank in its path, in another
time zone, locale and order of hashes, and the smoke study as job arrays on Slurm: the same bytes.

| fault | injected | lost | seconds | in peace | what is said |
|---|---|---|---|---|---|
"""
ORDER = (
    "a job is killed (SIGKILL)",
    "a job is told to end (SIGTERM, then SIGKILL)",
    "Snakemake is killed, its jobs go on",
    "Snakemake is interrupted (Ctrl-C)",
    "the disk is full: results",
    "the disk is full: work",
    "the results are read-only",
    "a job runs out of memory",
    "result files are cut",
    "result files are emptied",
    "one bit of a result file flips",
    "result files are deleted",
    "modification times lie",
    "two Snakemakes at once",
    "`scancel` of a Slurm job",
    "`scancel` of a task of a Slurm job array",
    "a Slurm job is told to end (`scancel --signal=TERM`)",
    "a Slurm job is preempted (`scontrol requeue`)",
)


def quoted(text: str, *phrases: str) -> str:
    """What was said, in phrases of it.

    Raises:
        AssertionError: one was not said.
    """
    for phrase in phrases:
        assert phrase in text, f"{phrase!r} was not said:\n{text[-5000:]}"
    return " … ".join(phrases)


def record(fault: str, injected: int, message: str, *studies: Disturbed) -> None:
    """Put what a fault did to studies into the page that the environment names (FAULT_TABLE)."""
    assert fault in ORDER
    page = os.environ.get("FAULT_TABLE")
    if not page:
        return
    lost = sum(len(study.lost()) for study in studies)
    seconds = sum(study.seconds for study in studies)
    in_peace = sum(study.seconds_in_peace for study in studies)
    words = (fault, injected, lost, f"{seconds:.0f}", f"{in_peace:.0f}", message)
    path = Path(page)
    with Path(tempfile.gettempdir(), "fault-table.lock").open("w") as lock:  # tests run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        rows = {line.split(" | ")[0].removeprefix("| "): line for line in lines if line.startswith("| ")}
        rows[fault] = f"| {' | '.join(map(str, words))} |"
        known = [rows[fault] for fault in ORDER if fault in rows]
        path.write_text(HEAD + "\n".join(known) + "\n", encoding="utf-8")
