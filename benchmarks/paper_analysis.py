"""The chapter's analyses of one model at paper scale: seconds, peak memory, estimates beside the known truth.

Run: python benchmarks/paper_analysis.py            (about two minutes on one thread)

Scores are simulated as a shared difficulty, a part of each score's own, and normal noise of every run, so
that Spearman correlations between runs and between means, rank errors and the runs needed are known in
closed form. Every analysis is a process of its own, with one thread, so that its peak memory is its own;
making the scores is not timed, but counts as memory. Seconds are CPU seconds: they hold on a machine that
others use as well.

Correlation and components are measured with all scores of one model. The others go score by score: a few are
measured, and the rest extrapolated in proportion, as are the other models. Reading the runs is not
measured; sensitivity and fingerprint look at one score of all models, see `sensitivity.py`.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
PACKAGE = Path(__file__).resolve().parent.parent / "workflow"
MODELS, SCORES, CORES = 6, 45, 2
BUDGET = {"minutes": 10, "GiB": 12}
STEPS = ("aggregate", "consistency", "averaging", "correlation", "components")
AT_ONCE = ("correlation", "components")
SHARED = 0.8  # correlation of two scores without noise
NOISE = 1.0  # of the first score; the others' are up to half as large again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--examples", type=int, default=50_000)
    parser.add_argument("--scores", type=int, default=4, help="measured where analyses go score by score")
    parser.add_argument("--all-scores", type=int, default=SCORES, help="measured where they do not")
    parser.add_argument("--inside", choices=STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        measure(arguments.inside, (arguments.scores, arguments.runs, arguments.examples))
        return
    print(f"{arguments.runs} runs × {arguments.examples:,} examples of one model, measured; extrapolated to")
    print(f"{MODELS} models × {SCORES} scores on {CORES} cores. Budget: {BUDGET['minutes']} minutes and")
    print(f"{BUDGET['GiB']} GiB on {CORES} cores.\n")
    print("| analysis | scores | CPU s | peak GiB | estimate [95 %] / truth | minutes, extrapolated |")
    print("|---|---:|---:|---:|---|---:|")
    total = 0.0
    for step in STEPS:
        count = arguments.all_scores if step in AT_ONCE else arguments.scores
        seconds, gib, found = in_a_process(step, count, arguments.runs, arguments.examples)
        minutes = seconds * SCORES / count * MODELS / CORES / 60
        total += minutes
        print(f"| {step} | {count} | {seconds:.1f} | {gib:.2f} | {found} | {minutes:.1f} |", flush=True)
    print(f"| all | | | | | {total:.1f} |")


def in_a_process(step: str, scores: int, runs: int, examples: int) -> tuple[float, float, str]:
    sizes = ["--scores", str(scores), "--runs", str(runs), "--examples", str(examples)]
    command = [sys.executable, __file__, *sizes, "--inside", step]
    environment = os.environ | THREADS | {"PYTHONPATH": str(PACKAGE)}
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    seconds, gib, found = output.strip().split(";")
    return float(seconds), float(gib), found


def simulated(shape: tuple[int, int, int]):
    """{score: (R, N)} float64, as the chapter reads them, and what is true of them.

    Intervals over runs are about these examples, so truths rest on the noiseless scores that these have: each
    score's noise as a multiple of its signal, and the correlations between scores without noise.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    count, _, examples = shape
    shared, owns, values = rng.standard_normal(examples), [], np.empty(shape)
    for score, scale in zip(values, NOISE * np.linspace(1, 1.5, count), strict=True):
        owns.append(np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * rng.standard_normal(examples))
        for run in score:
            run[:] = owns[-1] + scale * rng.standard_normal(examples)
    noise = NOISE * np.linspace(1, 1.5, count) / np.std(owns, axis=1)
    correlation = np.corrcoef(owns) if count > 1 else np.ones((1, 1))
    return {f"s{i}": matrix for i, matrix in enumerate(values)}, noise, correlation


def measure(step: str, shape: tuple[int, int, int]) -> None:
    """Print CPU seconds and peak GiB of this process, and what was found beside the truth."""
    import study.analysis.averaging
    import study.analysis.components
    import study.analysis.correlation  # noqa: F401  importing takes a second, whatever the size
    from study.processes import peak_memory_mb

    scores, noise, correlation = simulated(shape)
    start = time.process_time()
    found = globals()[f"run_{step}"](scores, noise, correlation)
    seconds = time.process_time() - start
    print(seconds, peak_memory_mb() / 1024, found, sep=";")


def spearman(pearson: float) -> float:
    """Of a Gaussian copula."""
    import numpy as np

    return 6 / np.pi * np.arcsin(pearson / 2)


def beside(row, truth: float, name: str) -> str:
    return f"{name} {row.estimate:.4f} [{row.low:.4f}, {row.high:.4f}] / {truth:.4f}"


def run_aggregate(scores, noise, _) -> str:
    from study.analysis.consistency import example_rank_error
    from study.analysis.reliability import gaussian_rank_error

    errors = [example_rank_error(matrix).mean() for matrix in scores.values()]
    runs = len(scores["s0"])
    truth = gaussian_rank_error(against_the_others(noise[0], runs))
    return f"rank error {errors[0]:.4f} / {truth:.4f}"


def against_the_others(noise: float, runs: int) -> float:
    """Pearson correlation of a run with the mean of the others."""
    return 1 / ((1 + noise**2) * (1 + noise**2 / (runs - 1))) ** 0.5


def run_consistency(scores, noise, _) -> str:
    from study.analysis.consistency import consistency_tables
    from study.analysis.reliability import gaussian_rank_error

    table = consistency_tables(scores).summary.set_index(["score", "statistic"])
    runs = len(scores["s0"])
    pairs = beside(table.loc[("s0", "spearman")], spearman(1 / (1 + noise[0] ** 2)), "Spearman")
    truth = gaussian_rank_error(against_the_others(noise[0], runs))
    return f"{pairs}; {beside(table.loc[('s0', 'rank_error_mean')], truth, 'rank error')}".replace(";", ",")


def run_averaging(scores, noise, _) -> str:
    import numpy as np

    from study.analysis.averaging import averaging_tables

    tables = averaging_tables(scores, np.random.default_rng(0))
    needed = tables.runs_needed.set_index(["score", "kind", "target"]).loc[("s0", "infinite", 0.9)]
    pearson = 2 * np.sin(np.pi * 0.9 / 6)  # of a mean with the signal, at a Spearman of 0.9
    truth = noise[0] ** 2 * pearson**2 / (1 - pearson**2)
    exponent = tables.exponents.iloc[0]
    return f"{beside(needed, truth, 'runs')}, {beside(exponent, exponent.expected, 'exponent')}"


def run_correlation(scores, noise, correlation) -> str:
    from study.analysis.correlation import correlation_table

    table = correlation_table(scores).set_index(["kind", "score_a", "score_b"])
    runs, own = len(scores["s0"]), correlation[0, 1]
    one, mean = (own / ((1 + a) * (1 + b)) ** 0.5 for a, b in (noise[:2] ** 2, noise[:2] ** 2 / runs))
    truths = {"run_run": one, "mean_mean": mean, "disattenuated": own}
    found = [beside(table.loc[(kind, "s0", "s1")], spearman(r), kind) for kind, r in truths.items()]
    return ", ".join(found)


def run_components(scores, noise, correlation) -> str:
    import numpy as np

    from study.analysis.components import loading_table, variance_table

    signs = dict.fromkeys(scores, 1)
    table = variance_table(scores, signs, np.random.default_rng(0), 200, ())
    loading_table(scores, signs, ())
    runs = len(scores["s0"])
    size = 1 / np.sqrt(1 + noise**2 / runs)
    matrix = correlation * np.outer(size, size)
    np.fill_diagonal(matrix, 1)
    return beside(table.iloc[0], np.linalg.eigvalsh(matrix)[-1] / len(noise), "first component")


if __name__ == "__main__":
    main()
