"""Sensitivity of 6 models × 100 runs × 50,000 examples: seconds, peak memory, and whether it is right.

Run: python benchmarks/sensitivity.py      (about a minute on one thread)

The models are simulated: one difficulty that they share, for some examples a part that each model has of its
own, and noise of each run. So the truth is known: which examples differ between two models, and by how much.
"""

import argparse
import os
import sys
import time
from itertools import combinations
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import numpy as np  # noqa: E402  threads are set before

from study.analysis.sensitivity import sensitivity  # noqa: E402
from study.processes import peak_memory_mb  # noqa: E402

OWN, NOISE, SPREAD = 0.3, 0.5, 0.5  # share of examples with a part of the model's own; standard deviations


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=6)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--examples", type=int, default=50_000)
    parser.add_argument("--draws", type=int, default=20)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    truths, scores = simulated(arguments, rng)
    start = time.process_time()
    found = sensitivity(scores, rng=rng, draws=arguments.draws)
    seconds = time.process_time() - start
    peak = peak_memory_mb() / 1024
    size = f"{arguments.models} models × {arguments.runs} runs × {arguments.examples:,} examples"
    print(f"{size}: {seconds:.0f} s of one core, peak {peak:.1f} GiB")
    different = np.concatenate([a != b for a, b in combinations(truths, 2)])
    sensitive = found.tests["sensitive"].to_numpy()
    clear = np.concatenate([abs(a - b) > NOISE for a, b in combinations(truths, 2)])
    print(
        f"truly different {different.mean():.1%}, called sensitive {sensitive.mean():.1%}; false discoveries "
        f"{(sensitive & ~different).sum() / sensitive.sum():.1%}; found of those apart by more than a run's "
        f"noise {sensitive[clear].mean():.1%}"
    )
    print(found.overall[["scale", "statistic", "estimate", "low", "high"]].to_string(index=False))


def simulated(
    arguments: argparse.Namespace, rng: np.random.Generator
) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
    """True difficulty of the examples for each model, (N,), and {model: (R, N)} scores of its runs."""
    common, truths, scores = rng.normal(size=arguments.examples), [], {}
    for model in range(arguments.models):
        own = SPREAD * rng.normal(size=arguments.examples) * (rng.random(arguments.examples) < OWN)
        truths.append(common + own)
        level = rng.normal(model, 0.1, size=(arguments.runs, 1))
        noise = NOISE * rng.normal(size=(arguments.runs, arguments.examples))
        scores[f"m{model}"] = common + own + level + noise
    return truths, scores


if __name__ == "__main__":
    main()
