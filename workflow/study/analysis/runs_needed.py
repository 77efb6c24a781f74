"""How many runs a score needs, read off the measured correlations of n-run means."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, explained, jackknife
from study.analysis.partitions import Curve
from study.analysis.reliability import runs_for
from study.analysis.run_means import why_unranked

TARGETS = (0.9, 0.95)


def runs_to_reach(sizes: np.ndarray, correlations: np.ndarray, target: float) -> float:
    """Runs after which two disjoint means correlate at `target`, from the correlations at some sizes.

    Between two sizes the logit of the correlation is interpolated on log n: on these scales Spearman-Brown is
    a straight line of slope one. Beyond the largest size it goes on from there with the slope of all sizes,
    which is flatter than one where noise is skewed: the mean of few such runs is no better than its worst
    run. Below the smallest size, and with a single one, it is Spearman-Brown: n · odds(target) / odds(r_n).

    Args:
        sizes: (S,) n, rising.
        correlations: (S,) of two disjoint n-run means.

    Returns:
        Runs, unrounded; inf where averaging does not raise the correlation or it is not positive, NaN where
        no correlation is defined.
    """
    defined = ~np.isnan(correlations)
    sizes, correlations = sizes[defined], correlations[defined]
    if not len(sizes):
        return np.nan
    reached = np.flatnonzero(correlations >= target)
    i = int(reached[0]) if len(reached) else len(sizes)
    positive = correlations > 0
    if i == 0 or positive.sum() < 2 or not positive[i - 1]:
        nearest = min(i, len(sizes) - 1)
        return float(sizes[nearest] * runs_for(correlations[nearest], target))
    logs, logits = np.log(sizes[positive]), _logit(np.minimum(correlations[positive], 1 - 1e-12))
    start, goal = int(positive[:i].sum()) - 1, _logit(target)
    if i < len(sizes):
        slope = (logits[start + 1] - logits[start]) / (logs[start + 1] - logs[start])
    else:
        slope = np.polyfit(logs, logits, 1)[0]
    return float(np.exp(logs[start] + (goal - logits[start]) / slope)) if slope > 0 else np.inf


def needed_table(curve: Curve, targets: Sequence[float] = TARGETS) -> pd.DataFrame:
    """Runs needed of one score; columns as `averaging_tables` says."""
    means = curve.estimate[0, 1]
    single = means[0] if len(means) else np.nan
    rows = []
    for kind in ("pair", "infinite"):
        for target in targets:
            of_means = target if kind == "pair" else two_means(target)
            needed = runs_to_reach(curve.sizes, means, of_means)
            left_out = [runs_to_reach(curve.sizes, values, of_means) for values in curve.left_out[:, 0, 1]]
            found = _interval(needed, np.array(left_out), curve.runs)
            alone = float(runs_for(single, of_means))
            rows.append(
                {
                    "kind": kind,
                    "target": target,
                    "reliability": single,
                    **found._asdict(),
                    "runs": np.nan if np.isnan(needed) else max(1.0, float(np.ceil(needed - 1e-9))),
                    "measured_to": int(curve.sizes[-1]) if len(means) else 0,
                    "extrapolated": bool(len(means)) and not (means >= of_means).any(),
                    "from_one_run": alone,
                    "agrees": pd.NA if np.isnan(found.low) else bool(found.low <= alone <= found.high),
                }
            )
    return explained(pd.DataFrame(rows), why_unranked(curve.runs)).astype({"agrees": "boolean"})


def two_means(target: float) -> float:
    """Spearman correlation of two n-run means that each correlate `target` with the infinite mean.

    Its root is taken on Pearson's scale, where reliabilities multiply; between the two a Gaussian copula,
    r = 2 sin(π ρ / 6) (Pearson 1907).
    """
    return float(6 / np.pi * np.arcsin(2 * np.sin(np.pi / 6 * target) ** 2))


def _logit(share: float | np.ndarray) -> float | np.ndarray:
    return np.log(share / (1 - share))


def _interval(needed: float, left_out: np.ndarray, runs: int) -> Estimate:
    """Jackknife of the logarithm of a number of runs, or of its inverse where it can be 0 or unbounded."""
    if np.isnan(needed) or np.isnan(left_out).any():
        return Estimate(needed, np.nan, np.nan, runs)
    if needed == 0:  # runs that agree exactly
        return Estimate(0.0, 0.0, 0.0, runs, 0.0)
    if np.isfinite(needed) and np.isfinite(left_out).all() and (left_out > 0).all():
        log = jackknife(np.log(needed), np.log(left_out), runs)
        with np.errstate(over="ignore"):  # an end that no number of runs reaches is infinite
            low, high = np.exp([log.low, log.high])
        return Estimate(needed, float(low), float(high), runs, needed * log.detectable)
    with np.errstate(divide="ignore"):
        inverse = jackknife(1 / needed, 1 / left_out, runs)
    high = 1 / inverse.low if inverse.low > 0 else np.inf
    return Estimate(needed, float(1 / inverse.high) if inverse.high > 0 else np.inf, high, runs, np.inf)
