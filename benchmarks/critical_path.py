"""Where the time of a finished study goes, and how long it would take on more cores.

Run: python benchmarks/critical_path.py [folder]      (half a minute; the study's folder, by default this one)

Jobs and what they wait for are those that Snakemake plans for the study's results/config.yaml; their times
are in the study's benchmark files. A job takes one core. Times were measured beside as many jobs as the
machine had cores, and Snakemake's own time (its plan, and some hundredths of a second a job) is not in them.
"""

import heapq
import io
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

from study import paths
from study.report.contents import Timed
from study.report.page import duration
from study.report.times import ENDING, Spent, by_chapter, by_rule, finished_jobs

ROOT = Path(__file__).resolve().parents[1]
CORES = (2, 4, 8)
Needs = Mapping[str, Sequence[str]]
"""Of each job the jobs that it waits for."""


def planned(config: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The jobs of a study by their benchmark files: the rule of each, and what it waits for."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import (
        ConfigSettings,
        DAGSettings,
        OutputSettings,
        Quietness,
        ResourceSettings,
    )

    silent = OutputSettings(dryrun=True, quiet={Quietness.ALL})
    with tempfile.TemporaryDirectory() as empty, SnakemakeApi(silent) as api:
        workflow = api.workflow(
            ResourceSettings(cores=1),
            ConfigSettings(configfiles=[config]),
            snakefile=ROOT / "Snakefile",
            workdir=Path(empty),
        )
        with redirect_stdout(
            io.StringIO()
        ):  # of its ways to show a plan none names the benchmark files of jobs
            workflow.dag(DAGSettings(forceall=True)).printd3dag()
        dag = workflow._workflow.dag
        rules, needs = {}, {}
        for job in dag.jobs:
            if job.benchmark:  # targets have none, and take no time
                rules[str(job.benchmark)] = job.rule.name
                needs[str(job.benchmark)] = [
                    str(other.benchmark) for other in dag.job_dependencies(job) if other.benchmark
                ]
    return rules, needs


def in_order(needs: Needs) -> list[str]:
    """The jobs, each behind those that it waits for."""
    found: dict[str, None] = {}

    def add(job: str) -> None:
        stack = [job]
        while stack:
            if waiting := [other for other in needs[stack[-1]] if other not in found]:
                stack += waiting
            else:
                found.setdefault(stack.pop())

    for job in needs:
        add(job)
    return list(found)


def critical_path(seconds: Mapping[str, float], needs: Needs) -> list[str]:
    """The chain of jobs, each of which waits for the one before, that takes longest."""
    ends: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for job in in_order(needs):
        before[job] = max(needs[job], key=ends.get, default=None)
        ends[job] = seconds[job] + (ends[before[job]] if before[job] else 0.0)
    chain, job = [], max(ends, key=ends.get, default=None)
    while job is not None:
        chain.append(job)
        job = before[job]
    return chain[::-1]


def to_the_end(seconds: Mapping[str, float], needs: Needs) -> dict[str, float]:
    """Seconds of the longest chain that begins with each job."""
    left = {job: 0.0 for job in needs}
    for job in reversed(in_order(needs)):
        left[job] += seconds[job]
        for other in needs[job]:
            left[other] = max(left[other], left[job])
    return left


def makespan(
    seconds: Mapping[str, float], needs: Needs, cores: int, urgency: Callable[[str], float]
) -> float:
    """Seconds until the last job ends, if a free core always takes the ready job of least `urgency`.

    Of equally urgent jobs the one that has been ready for longest goes first.
    """
    waits = {job: len(set(others)) for job, others in needs.items()}
    behind: dict[str, list[str]] = {job: [] for job in needs}
    for job, others in needs.items():
        for other in set(others):
            behind[other].append(job)
    ready, running, turn, now = [], [], 0, 0.0

    def release(job: str) -> None:
        nonlocal turn
        heapq.heappush(ready, (urgency(job), turn, job))
        turn += 1

    for job in needs:
        if not waits[job]:
            release(job)
    while ready or running:
        while ready and len(running) < cores:
            job = heapq.heappop(ready)[-1]
            heapq.heappush(running, (now + seconds[job], job))
        now, done = heapq.heappop(running)
        for job in behind[done]:
            waits[job] -= 1
            if not waits[job]:
                release(job)
    return now


def main(folder: Path) -> None:
    rules, needs = planned((folder / paths.CONFIG).resolve())
    jobs = finished_jobs([Timed(rule, re.escape(file)) for file, rule in rules.items()], folder)
    seconds = dict.fromkeys(rules, 0.0) | {job.benchmark: job.seconds for job in jobs}
    unknown = len(rules) - len({job.benchmark for job in jobs})
    chain, total = critical_path(seconds, needs), sum(seconds.values())
    longest, left = sum(seconds[job] for job in chain), to_the_end(seconds, needs)
    print(
        f"\n{len(rules):,} jobs, {duration(total)} in all"
        + (f"; {unknown} without a time" if unknown else "")
    )
    print("\n| cores | jobs as they get ready | the longest chain first | no order is faster than |")
    print("|---:|---:|---:|---:|")
    for cores in CORES:
        spans = (
            makespan(seconds, needs, cores, order) for order in (lambda job: 0.0, lambda job: -left[job])
        )
        print(f"| {cores} | {' | '.join(map(duration, (*spans, max(total / cores, longest))))} |")
    print_spent("chapter", by_chapter(by_rule(jobs)), total)
    print_spent("rule", by_rule(jobs)[:20], total)
    print(f"\nThe longest chain, {duration(longest)}\n\n| job | rule | time |\n|---|---|---:|")
    for job in chain:
        name = job.removeprefix(f"{paths.LOGS}/").removesuffix(ENDING)
        print(f"| {name} | {rules[job]} | {duration(seconds[job])} |")


def print_spent(what: str, spent: list[Spent], total: float) -> None:
    print(f"\n| {what} | jobs | time | of all | longest job |\n|---|---:|---:|---:|---:|")
    for part in spent:
        cells = (part.name, part.jobs, duration(part.seconds), f"{part.seconds / total:.1%}")
        print(f"| {' | '.join(map(str, cells))} | {duration(part.longest)} |")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
