"""What jobs ask a cluster for: what jobs of their rule were measured to take, with a margin."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from study.config.study import RuntimeSettings
from study.errors import StudyError
from study.files import read_csv

COLUMNS = ("rule", "jobs", "seconds", "memory_mb")
"""Of a table of measured use: the longest job of each rule, and the one that held most memory."""
LEAST_MB, LEAST_MINUTES = 1000, 10  # importing torch alone takes half of it; nodes start at their own pace

_BATCH = re.compile(r"_\d+(_to_\d+)?$")


class Asked(NamedTuple):
    """What a job asks for."""

    memory_mb: int
    minutes: int

    def again(self, attempt: int) -> "Asked":
        """What it asks for when it is tried again: twice as much each time."""
        return Asked(*(2 ** (attempt - 1) * part for part in self))

    def within(self, most_memory_mb: int | None, most_minutes: int | None) -> "Asked":
        """The same, but no more than there is; None: there is no limit."""
        limits = (most_memory_mb, most_minutes)
        return Asked(*(min(part, limit or part) for part, limit in zip(self, limits, strict=True)))


def family(rule: str) -> str:
    """The name that rules share which make parts of one thing, as the seeds of a model."""
    return _BATCH.sub("", rule)


def read_measured(path: Path) -> dict[str, Asked]:
    """What the largest jobs of each rule took, from a table that `python -m study measured` wrote.

    Raises:
        StudyError: it is missing, no such table, or holds numbers that no job takes.
    """
    if not path.is_file():
        raise StudyError(
            "the table of what jobs took is missing",
            where=f"runtime.measured: {path}",
            expected="a path that is absolute or begins at the project",
            do="correct the path, or leave the key out: jobs then ask for `memory_mb` and `minutes`",
        )
    table = read_csv(path)
    if not set(COLUMNS) <= set(table.columns):
        raise _no_measurement(path, f"the columns {', '.join(table.columns)}")
    numbers = table[["seconds", "memory_mb"]].apply(pd.to_numeric, errors="coerce")
    for rule, seconds, memory in zip(table["rule"], *numbers.to_numpy().T, strict=True):
        if not (0 <= seconds < math.inf and 0 <= memory < math.inf):
            raise _no_measurement(path, f"of the rule {rule}: {seconds:g} seconds, {memory:g} MB")
    return {
        row.rule: Asked(math.ceil(row.memory_mb), math.ceil(row.seconds / 60))
        for row in table.assign(**numbers).itertuples()
    }


def asked(rule: str, runtime: RuntimeSettings, measured: Mapping[str, Asked], attempt: int = 1) -> Asked:
    """What a job of a rule asks for: twice as much with each attempt, and no more than the settings allow.

    Args:
        attempt: how often the job is tried with this time, from 1.
    """
    first = _at_first(measured.get(family(rule)), runtime)
    return first.again(attempt).within(runtime.most_memory_mb, runtime.most_minutes)


def _at_first(took: Asked | None, runtime: RuntimeSettings) -> Asked:
    """What a job asks for when it is first tried, by what the largest ones of its rule took.

    That, times the margins of the settings, but never less than some minutes and a gigabyte; of a rule that
    was not measured, `memory_mb` and `minutes` of the settings.
    """
    if took is None:
        return Asked(runtime.memory_mb, runtime.minutes)
    return Asked(
        max(LEAST_MB, math.ceil(took.memory_mb * runtime.memory_margin)),
        max(LEAST_MINUTES, math.ceil(took.minutes * runtime.time_margin)),
    )


def _no_measurement(path: Path, found: str) -> StudyError:
    return StudyError(
        f"this is no table of what jobs took: {found}",
        where=f"runtime.measured: {path}",
        expected=f"the columns {', '.join(COLUMNS)}, with numbers of 0 and more",
        do="write it anew with `python -m study measured`, in the folder of a study that ran",
    )
