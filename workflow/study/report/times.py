"""Where the time of a study went: its benchmark files, by rule and by chapter.

Snakemake writes a file for each job: seconds, memory, processor time. No second run repeats them.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from study import paths
from study.config.asking import COLUMNS, family
from study.config.study import CHAPTERS
from study.report.contents import Timed

ENDING = ".benchmark.tsv"
SHARED = "shared"
"""The chapter of jobs for all chapters: data sets, claims, the index, the report."""


class Job(NamedTuple):
    """One finished job."""

    benchmark: str
    """Its benchmark file, relative to the study's folder."""
    rule: str
    """Rules that make parts of one thing, as the seeds of a model, share a name."""
    chapter: str
    seconds: float
    processor_seconds: float
    """NaN of a job that was over before it was looked at."""
    memory_mb: float
    """The most that it held; NaN likewise."""


class Spent(NamedTuple):
    """What some jobs took together."""

    name: str
    chapter: str
    jobs: int
    seconds: float
    longest: float
    """Seconds of the longest job."""
    processor_seconds: float
    memory_mb: float
    """The most that one of them held."""


def finished_jobs(rules: Iterable[Timed], root: str | Path = ".") -> list[Job]:
    """All jobs that left a benchmark file below `root`, in the order of their files' names.

    A name that fits several rules is of the one whose pattern has the fewest wildcards. Files of rules that
    the study no longer has are left out.
    """
    patterns = sorted(
        ((re.compile(rule.benchmark), rule) for rule in rules), key=lambda known: known[0].groups
    )
    found = []
    for file in sorted((Path(root) / paths.LOGS).rglob(f"*{ENDING}")):
        name = file.relative_to(root).as_posix()
        rule = next((rule for pattern, rule in patterns if pattern.fullmatch(name)), None)
        if rule is not None:
            found += [Job(name, family(rule.name), _chapter(name), *row) for row in _rows(file)]
    return found


def by_rule(jobs: Iterable[Job]) -> list[Spent]:
    """What each rule took, the most expensive first."""
    return _together(
        (Spent(job.rule, job.chapter, 1, job.seconds, *job[3:]) for job in jobs),
        lambda spent: (spent.name, spent.chapter),
    )


def by_chapter(rules: Iterable[Spent]) -> list[Spent]:
    """What the rules of each chapter took, the most expensive first."""
    return _together(rules, lambda spent: (spent.chapter, spent.chapter))


def measured(jobs: Iterable[Job]) -> pd.DataFrame:
    """What the largest jobs of each rule took: a table from which a cluster is asked (study.config.asking).

    Returns:
        `rule`, `jobs` (how many), `seconds` of the longest, `memory_mb` of the one that held most.
    """
    rows = [(job.rule, job.benchmark, job.seconds, job.memory_mb) for job in jobs]
    rules = pd.DataFrame(rows, columns=COLUMNS).groupby("rule")
    return rules.agg({"jobs": "size", "seconds": "max", "memory_mb": "max"}).fillna(0.0).reset_index()


def _together(parts: Iterable[Spent], names: Callable[[Spent], tuple[str, str]]) -> list[Spent]:
    """What parts of equal names took together; what could not be measured of a part counts as nothing."""
    groups: dict[tuple[str, str], list[Spent]] = {}
    for part in parts:
        groups.setdefault(names(part), []).append(part)
    found = [
        Spent(
            *key,
            jobs=sum(part.jobs for part in group),
            seconds=sum(part.seconds for part in group),
            longest=max(part.longest for part in group),
            processor_seconds=float(np.nansum([part.processor_seconds for part in group])),
            memory_mb=float(np.nanmax([0, *(part.memory_mb for part in group)])),
        )
        for key, group in groups.items()
    ]
    return sorted(found, key=lambda spent: (-spent.seconds, spent.name))


def _chapter(benchmark: str) -> str:
    """The chapter of a job: benchmark files stand in folders as results do."""
    folder = benchmark.split("/")[1]
    return folder if folder in CHAPTERS else SHARED


def _rows(file: Path) -> Iterator[tuple[float, float, float]]:
    """Seconds, processor seconds and memory of each repeat in a benchmark file."""
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            yield tuple(_number(row.get(name)) for name in ("s", "cpu_time", "max_rss"))


def _number(text: str | None) -> float:
    """A number of a benchmark file; NaN for what Snakemake could not measure ("-", "NA")."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return np.nan
