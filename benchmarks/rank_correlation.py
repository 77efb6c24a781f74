"""Spearman matrix of 1,000 runs × 50,000 examples: seconds and peak memory, beside the floor and its peers.

Run: python benchmarks/rank_correlation.py      (about a minute on one thread)

The floor of any rank correlation of R rows is R sorts of N values and one R × R matrix product; measured
on arrays of the same size in the same run. scipy and pandas are measured on fewer rows, where they end in
reasonable time, with ours on the same rows beside them. Each measurement is a process of its own, so that its
peak memory is its own; repeats are interleaved; the table shows medians.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
BUDGET = {"seconds": 30, "GiB": 4}
PACKAGE = Path(__file__).resolve().parent.parent / "workflow"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--examples", type=int, default=50_000)
    parser.add_argument("--peer-runs", type=int, default=50, help="rows for scipy and pandas")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--measure", choices=METHODS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.runs, arguments.examples)
        return
    full = [("input", arguments.runs), ("floor", arguments.runs), ("ours", arguments.runs)]
    peers = [(method, arguments.peer_runs) for method in ("floor", "ours", "scipy", "pandas")]
    results = {key: [] for key in full + peers}
    for _ in range(arguments.repeats):
        for method, runs in results:
            results[method, runs].append(in_a_process(method, runs, arguments.examples))
    print(report(results, arguments.examples, arguments.repeats))


def measure(method: str, runs: int, examples: int) -> None:
    """Print CPU seconds and peak GiB of this process; making the input is not timed, but counts as memory."""
    import numpy as np

    from study.processes import peak_memory_mb

    values = np.random.default_rng(0).standard_normal((runs, examples))
    work = METHODS[method]()
    start = time.process_time()
    work(values)
    seconds = time.process_time() - start
    print(seconds, peak_memory_mb() / 1024)


def input_only():
    """Nothing: the memory of the interpreter, numpy and the input."""
    return lambda values: None


def floor():
    """Sort each row, and one product of the matrix with itself (numpy uses its symmetry)."""
    import numpy as np

    def work(values):
        for row in values:
            np.argsort(row)
        return values @ values.T

    return work


def ours():
    from study.analysis.ranks import spearman_matrix

    return spearman_matrix


def scipy():
    from scipy.stats import spearmanr

    return lambda values: spearmanr(values, axis=1).statistic


def pandas():
    from pandas import DataFrame

    return lambda values: DataFrame(values.T).corr("spearman")


METHODS = {"input": input_only, "floor": floor, "ours": ours, "scipy": scipy, "pandas": pandas}
NAMES = {
    "input": "input alone",
    "floor": "floor: sorts + matrix product",
    "ours": "**ours**: spearman_matrix",
    "scipy": "scipy.stats.spearmanr",
    "pandas": "pandas DataFrame.corr",
}


def in_a_process(method: str, runs: int, examples: int) -> tuple[float, float]:
    command = [
        sys.executable,
        __file__,
        "--measure",
        method,
        "--runs",
        str(runs),
        "--examples",
        str(examples),
    ]
    environment = os.environ | THREADS | {"PYTHONPATH": str(PACKAGE)}
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    seconds, gib = map(float, output.split())
    return seconds, gib


def report(results: dict, examples: int, repeats: int) -> str:
    """The table in markdown; ratios are to ours on the same rows."""
    seconds = {key: statistics.median(s for s, _ in values) for key, values in results.items()}
    gib = {key: statistics.median(g for _, g in values) for key, values in results.items()}
    lines = [
        f"Spearman matrix, float64, {examples:,} examples, 1 thread, median of {repeats} interleaved runs."
        f" Budget at 1,000 × 50,000: {BUDGET['seconds']} s, {BUDGET['GiB']} GiB.",
        "",
        "| method | runs | CPU seconds | × ours | peak GiB |",
        "|---|---:|---:|---:|---:|",
    ]
    for method, runs in results:
        key = (method, runs)
        ratio = "" if method == "input" else f"{seconds[key] / seconds['ours', runs]:.2f}"
        taken = "" if method == "input" else f"{seconds[key]:.2f}"
        lines.append(f"| {NAMES[method]} | {runs:,} | {taken} | {ratio} | {gib[key]:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
