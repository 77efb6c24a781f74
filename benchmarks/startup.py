"""Seconds until `snakemake -n` has planned a study.

Run: python benchmarks/startup.py      (about two minutes)

Dry runs of whole studies in empty folders, beside what Snakemake alone takes to start. Planning must not
import torch, which costs seconds.
"""

import subprocess
import sys
import tempfile

from timing import ROOT, interleaved, of_children

BUDGETS = {"config/config.yaml": 5, "config/smoke.yaml": 5, "config/paper.yaml": 60}
REPEATS = 3


def snakemake(*arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    command = [sys.executable, *options, "-m", "snakemake", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)


def dry_run(config: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as folder:
        return snakemake("-n", "--quiet", "--configfile", config, "--directory", folder, options=options)


def jobs(config: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        output = snakemake("-n", "--configfile", config, "--directory", folder).stdout
    return int(next(line for line in output.splitlines() if line.startswith("total")).split()[1])


def imports_torch(config: str) -> bool:
    """Whether any line of Python's import log is torch's."""
    log = dry_run(config, ("-X", "importtime")).stderr
    return any(line.rpartition("|")[2].strip() == "torch" for line in log.splitlines())


if __name__ == "__main__":
    ways = {"": lambda: snakemake("--version")}
    ways |= {config: lambda config=config: dry_run(config) for config in BUDGETS}
    seconds = interleaved(ways, REPEATS, of_children)
    print(f"CPU seconds, median of {REPEATS} interleaved runs; Snakemake alone: {seconds.pop(''):.1f}.\n")
    print("| configuration | jobs | CPU seconds | budget | imports torch |\n|---|---:|---:|---:|---|")
    for config, taken in seconds.items():
        torch = "yes" if imports_torch(config) else "no"
        print(f"| `{config}` | {jobs(config):,} | {taken:.1f} | {BUDGETS[config]} | {torch} |")
