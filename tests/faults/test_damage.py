"""Results that were cut, emptied, altered, deleted, or whose times lie: found, and made again to the byte."""

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.disturbed import Disturbed
from tests.faults.table import quoted, record

EACH = 10
YEAR = 365 * 24 * 3600


def cut(path: Path, moments: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: moments.randrange(1, len(content) - 1)])


def empty(path: Path, moments: random.Random) -> None:
    path.write_bytes(b"")


def flip(path: Path, moments: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[moments.randrange(len(content))] ^= 1 << moments.randrange(8)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("fault", "damage", "reason"),
    [
        ("result files are cut", cut, "it is cut off or empty"),
        ("result files are emptied", empty, "it is cut off or empty"),
        ("one bit of a result file flips", flip, "its content is not what the study wrote"),
    ],
)
def test_damaged_files_are_found_by_their_digest_and_made_again(
    finished: Disturbed, fault: str, damage: Callable[[Path, random.Random], None], reason: str
):
    moments = random.Random(fault)
    names = moments.sample(sorted(finished.peace.results), EACH)
    for name in names:
        damage(finished.folder / name, moments)
    found = finished.peace.project.study("verify", folder=finished.folder)
    assert found.code == 1 and "Traceback" not in found.text, found.text
    assert sorted(re.findall(r"^(results/\S+): ", found.text, flags=re.MULTILINE)) == sorted(names)
    finished.finish()
    message = quoted(found.text, f"a result file is damaged: {reason}", "it is set aside")
    record(fault, EACH, f"`python -m study verify`: {message}", finished)


def test_deleted_files_are_made_again(finished: Disturbed):
    for name in random.Random(4).sample(sorted(finished.peace.results), EACH):
        (finished.folder / name).unlink()
    finished.finish()
    record("result files are deleted", EACH, "nothing: what is missing is made again", finished)


def test_modification_times_that_lie_change_no_number(finished: Disturbed):
    """A clock that jumped, files that were copied without their times: up to a year ahead or behind."""
    moments, now = random.Random(5), (finished.folder / "results/study.json").stat().st_mtime
    names = sorted(finished.peace.results)
    for name in names:
        time = now + moments.uniform(-YEAR, YEAR)
        os.utime(finished.folder / name, (time, time))
    ran = finished.finish()
    message = quoted(ran.text, "result files were from the future", "their time is set to now")
    again = finished.run("--dry-run")
    assert "Nothing to be done" in again.text, again.text
    record("modification times lie", len(names), message, finished)
