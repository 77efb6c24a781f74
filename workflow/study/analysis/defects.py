"""How well scores find planted label errors, by the number of runs averaged."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.detection import STATISTICS, by_chance, detection, resampled
from study.analysis.intervals import Estimate, in_quadrature, jackknife, percentiles
from study.analysis.partitions import sizes
from study.analysis.run_means import all_but, ranked_runs, rounded

COLUMNS = ("score", "statistic", "runs", "interval", *Estimate._fields, "by_chance", "flips", "examples")
_LEAST_ORDERS = 10  # below, which runs happened to stand together would widen the jackknife


class _Curve(NamedTuple):
    """`STATISTICS` of n-run means against n."""

    sizes: list[int]  # n; the last one is all runs
    estimate: np.ndarray  # (S, 3)
    left_out: np.ndarray  # (R, S, 3) without run r; NaN below two runs
    ranking: np.ndarray  # (N,) the mean over all runs


def defects_table(
    scores: Mapping[str, np.ndarray],
    flipped: np.ndarray,
    generator: np.random.Generator,
    draws: int = 30,
    resamples: int = 1000,
) -> pd.DataFrame:
    """How well every score of one model finds the flipped labels, as n-run means for growing n.

    The score is that of the label trained on, which is the wrong one where it was flipped. Statistics:
    `auroc`, `average_precision`, `inspected_for_half` (examples to inspect, hardest first, until half of the
    flips are found), `inspected_share` (the same as a share of all examples), and `auroc_gain`, the AUROC of
    the mean over all runs minus that of single runs.

    Args:
        scores: (R, N) by score, high = hard; or (1, N) for one that is taken over all runs.
        flipped: (N,) booleans.
        generator: source of the sets of runs and of the resamples, the same for all scores.
        draws: at least so many sets (and ten orders of the runs) for each n between 1 and R.
        resamples: of the examples.

    Returns:
        A row per score, statistic, n and source of uncertainty, with the columns `COLUMNS` and `reason`.
            `runs`: n, as in `partitions.sizes`, and all runs. `interval`: `runs` (delete-one jackknife on the
            logit scale; these examples, other runs), for the mean over all runs also `examples` (bootstrap;
            these runs, other examples and flips) and `both` (half-widths in quadrature). A score that is
            taken over all runs has `examples` alone. `n`: runs, or examples. `by_chance`: what random
            inspection gives. Where nothing can be said, there is a row whose `reason` says why.

    Raises:
        StudyError: a value is NaN or infinite.
    """
    flips, examples = int(flipped.sum()), len(flipped)
    if not 0 < flips < examples:
        reason = "no label was flipped" if flips == 0 else "every label was flipped"
        return _undefined("", flips, examples, reason)
    runs = max((len(np.atleast_2d(matrix)) for matrix in scores.values()), default=0)
    seed = int(generator.integers(1 << 62))
    frames = []
    for name, matrix in scores.items():
        values = ranked_runs(name, matrix)
        if not len(values):
            reason = "the score is the same for all examples in every run"
            frames.append(_undefined(name, flips, examples, reason))
            continue
        over_runs = len(np.atleast_2d(matrix)) < runs
        curve = _curve(values, flipped, np.random.default_rng([seed, len(values)]), draws)
        of_examples = _over_examples(curve.ranking, flipped, seed, resamples)
        rows = [] if over_runs else _rows_over_runs(curve)
        rows += _rows_of_all(curve, of_examples, runs if over_runs else len(values), alone=over_runs)
        frames.append(_frame(name, rows, flips, examples))
    return pd.concat(frames, ignore_index=True)


def _curve(values: np.ndarray, flipped: np.ndarray, generator: np.random.Generator, draws: int) -> _Curve:
    runs = len(values)
    grid = [*sizes(runs), runs]
    orders = [generator.permutation(runs) for _ in range(max(draws, _LEAST_ORDERS))]
    estimate = np.full((len(grid), len(STATISTICS)), np.nan)
    left_out = np.full((runs, *estimate.shape), np.nan)
    everyone = np.arange(runs)
    for i, size in enumerate(grid):
        if size == runs:
            estimate[i] = _of_means(values, flipped, np.ones((1, runs), dtype=bool))[0]
            if runs > 1:
                left_out[:, i] = _of_means(values, flipped, all_but(runs, everyone))
        elif size == 1:
            single = detection(values, flipped)
            estimate[i], left_out[:, i] = single.mean(0), (single.sum(0) - single) / (runs - 1)
        else:
            chosen = orders[: max(_LEAST_ORDERS, -(-draws // (runs // size)))]
            drawn = [_of_sets(values, flipped, order, size) for order in chosen]
            estimate[i] = np.mean([one for one, _ in drawn], axis=0)
            left_out[:, i] = np.mean([without for _, without in drawn], axis=0)
    return _Curve(grid, estimate, left_out, values.sum(0))


def _of_sets(
    values: np.ndarray, flipped: np.ndarray, order: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the sets that an order of the runs is cut into, and (R, 3) the same without each run.

    Without run r, its set takes the run that comes after the set in the order: a set of runs without r that
    is as likely as any other.
    """
    runs = len(values)
    sets = runs // size
    used = order[: sets * size]
    owner = np.repeat(np.arange(sets), size)
    chosen = np.zeros((sets, runs), dtype=bool)
    chosen[owner, used] = True
    changed = chosen[owner]
    changed[np.arange(len(used)), used] = False
    changed[np.arange(len(used)), order[(owner + 1) * size % runs]] = True
    of_sets, of_changed = _of_means(values, flipped, chosen), _of_means(values, flipped, changed)
    without = np.tile(of_sets.mean(0), (runs, 1))
    without[used] += (of_changed - of_sets[owner]) / sets
    return of_sets.mean(0), without


def _of_means(values: np.ndarray, flipped: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(M, 3) `STATISTICS` of the means over sets of runs; sums are rounded so that equal means stay equal."""
    return detection(rounded(chosen.astype(float) @ values), flipped)


def _over_examples(ranking: np.ndarray, flipped: np.ndarray, seed: int, resamples: int) -> list[Estimate]:
    """Bootstrap of each of `STATISTICS` over examples; resamples are the same for all scores."""
    n = len(flipped)
    values = rounded(ranking)
    generator = np.random.default_rng(seed)
    drawn = np.empty((resamples, n), dtype=np.uint16)  # how often an example is in a resample: small numbers
    for row in drawn:
        row[:] = np.bincount(generator.integers(0, n, n), minlength=n)
    found = resampled(values, flipped, drawn)
    whole = detection(values[None], flipped)[0]
    return [percentiles(value, found[:, place], n) for place, value in enumerate(whole.tolist())]


def _over_runs(estimate: float, left_out: np.ndarray) -> Estimate:
    """Jackknife of a number in [0, 1] on the logit scale (Fisher's z of 2p - 1 is logit(p) / 2)."""
    found = jackknife(2 * estimate - 1, 2 * left_out - 1, correlation=True)
    ends = ((1 + end) / 2 for end in (found.low, found.high))
    return Estimate(estimate, *ends, found.n, found.detectable / 2)


def _rows_over_runs(curve: _Curve) -> list[tuple]:
    """(statistic, runs, interval, Estimate) for each n, with intervals over runs."""
    rows = [
        (statistic, size, "runs", _over_runs(curve.estimate[i, place], curve.left_out[:, i, place]))
        for i, size in enumerate(curve.sizes)
        for place, statistic in enumerate(STATISTICS)
    ]
    area = STATISTICS.index("auroc")
    gain, without = (part[..., -1, area] - part[..., 0, area] for part in (curve.estimate, curve.left_out))
    return [*rows, ("auroc_gain", curve.sizes[-1], "runs", jackknife(gain, without))]


def _rows_of_all(curve: _Curve, of_examples: list[Estimate], runs: int, *, alone: bool) -> list[tuple]:
    """Rows of the mean over all runs with intervals over examples, and over both unless `alone`."""
    rows = []
    for place, (statistic, examples) in enumerate(zip(STATISTICS, of_examples, strict=True)):
        rows.append((statistic, runs, "examples", examples))
        if not alone:
            over_runs = _over_runs(curve.estimate[-1, place], curve.left_out[:, -1, place])
            rows.append((statistic, runs, "both", _in_quadrature(over_runs, examples)))
    return rows


def _in_quadrature(over_runs: Estimate, over_examples: Estimate) -> Estimate:
    """Both sources of uncertainty of a share."""
    found = in_quadrature(over_runs, over_examples)
    return found._replace(low=max(0.0, found.low), high=min(1.0, found.high))


def _frame(name: str, rows: list[tuple], flips: int, examples: int) -> pd.DataFrame:
    """Rows of one score, with the number of inspected examples beside their share."""
    chance = by_chance(examples, flips) | {"auroc_gain": 0.0}
    counted = []
    for statistic, runs, interval, found in rows:
        counted.append((name, statistic, runs, interval, *found, chance[statistic], flips, examples, ""))
        if statistic == "inspected_share":
            number = [field * examples for field in found._replace(n=0)]
            number[Estimate._fields.index("n")] = found.n
            inspected = (*number, examples * chance[statistic])
            counted.append((name, "inspected_for_half", runs, interval, *inspected, flips, examples, ""))
    return pd.DataFrame(counted, columns=[*COLUMNS, "reason"])


def _undefined(name: str, flips: int, examples: int, reason: str) -> pd.DataFrame:
    row = {"score": name, "n": 0, "flips": flips, "examples": examples, "reason": reason}
    return pd.DataFrame([row]).reindex(columns=[*COLUMNS, "reason"])
