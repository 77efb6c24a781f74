"""The table of faults: what was done to a study, how often, and what it cost; written by those tests."""

import fcntl
import os
from pathlib import Path
from typing import NamedTuple

HEAD = """# Faults

What users fear, done to a small study for real by `make test-all`, and what came of it. *Lost* counts the
result files that in the end were not, byte for byte, those of the same study left in peace. *Seconds more* is
what the study took beyond the {peace} of the study in peace, all starts of Snakemake included; of what was
done to finished results, all that it took to mend them. What is said is quoted.

Every chapter, tiny, is also made one job at a time in another checkout with a blank in its path, in another time
zone, locale and order of hashes, and the smoke study as job arrays on Slurm: the same bytes.

| fault | injected | lost | seconds more | what is said |
|---|---|---|---|---|
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
    "`scontrol requeue` of a Slurm job",
    "`scancel` of a task of a Slurm job array",
)


class Row(NamedTuple):
    """A fault, and what came of it."""

    fault: str
    injected: int
    lost: int
    seconds: float
    message: str


def quoted(text: str, *phrases: str) -> str:
    """What was said, in phrases of it.

    Raises:
        AssertionError: one was not said.
    """
    for phrase in phrases:
        assert phrase in text, f"{phrase!r} was not said:\n{text[-5000:]}"
    return " … ".join(phrases)


def record(row: Row, peace: float) -> None:
    """Put a row into the page that the environment names (FAULT_TABLE), in place of what was there."""
    assert row.fault in ORDER
    page = os.environ.get("FAULT_TABLE")
    if not page:
        return
    path = Path(page)
    with path.with_suffix(".lock").open("w") as lock:  # tests run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        rows = {line.split(" | ")[0].removeprefix("| "): line for line in lines if line.startswith("| ")}
        rows.pop("fault", None)
        words = (row.fault, row.injected, row.lost, f"{row.seconds:.0f}", row.message)
        rows[row.fault] = f"| {' | '.join(map(str, words))} |"
        known = [rows[fault] for fault in ORDER if fault in rows]
        path.write_text(HEAD.format(peace=f"{peace:.0f} s") + "\n".join(known) + "\n", encoding="utf-8")
    path.with_suffix(".lock").unlink(missing_ok=True)
