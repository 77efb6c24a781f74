"""What averaging over runs buys: error of n-run means, its exponent, and the runs needed.

Intervals are delete-one jackknives over runs. Random draws share the runs, so their spread says only how well
the draws were sampled, not how other runs would have turned out.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, jackknife
from study.analysis.partitions import Curve, subsampled_curve
from study.analysis.reliability import gaussian_rank_error, runs_for, spearman_brown
from study.analysis.run_means import ranked_runs

_FORMS = ("disjoint", "inclusive")
_STATISTICS = ("rank_error", "spearman")
_TARGETS = (0.9, 0.95)


class Averaging(NamedTuple):
    """The three tables of `averaging_tables`."""

    curves: pd.DataFrame
    exponents: pd.DataFrame
    runs_needed: pd.DataFrame


def averaging_tables(
    scores: Mapping[str, np.ndarray],
    generator: np.random.Generator,
    draws: int = 30,
    targets: Sequence[float] = _TARGETS,
) -> Averaging:
    """Error of n-run means, how it falls with n, and the runs needed, for every score of one model.

    Rank error is the mean over examples of |rank_A - rank_B| / N. `disjoint` compares two n-run means without
    a common run; `inclusive` an n-run mean with the mean of all runs, which contains it (the form of arXiv
    2401.01867: its error vanishes at n = R whatever the noise, so it falls faster than n^(-1/2)).
    The exponent is the slope of log rank error on log n, least squares with equal weights over the n of the
    curve. For small independent noise it is -1/2; large noise saturates the error of few runs and makes
    the slope flatter, see `expected`. Runs needed follow Spearman and Brown 1910 from the run-to-run
    correlation r: n·r / (1 + (n-1)·r) for two n-run means, its root with the mean of infinitely many runs;
    the interval is that of r, carried over.

    Args:
        scores: (R, N) matrices by score column.
        generator: source of the partitions, which are the same for all scores.
        draws: at least so many disjoint pairs for each n (all R(R-1)/2 for n = 1).
        targets: correlations to reach.

    Returns:
        `curves`, a row per score, form, statistic and n: `score, form, statistic` (`rank_error`,
            `spearman`) `, runs` (n, up to R/2) `, estimate, low, high, n` (runs in all) `, detectable, draws`
            (comparisons) `, expected`: for disjoint means under independent noise, Spearman-Brown from the
            observed r for `spearman`, for `rank_error` a Gaussian copula, 1/2 - asin((1+ρ)/2)/π.
            A score that fewer than two runs rank has no rows.
        `exponents`, a row per score and form: `score, form, estimate, low, high, n, detectable, coefficient`
            (fitted rank error at n = 1) `, expected` (the slope of the curve's `expected` on the same n).
        `runs_needed`, a row per score, kind and target: `score, kind` (`pair`, `infinite`) `, target,
            reliability` (r) `, estimate, low, high` (runs, unrounded; inf where r is not positive) `, n,
            runs` (whole runs, at least 1; NaN if unknown, inf if none suffice) `, extrapolated` (estimate
            above R/2) `, observed`: the same from the subsampled curve, interpolated in log n; 1 where one
            run does, NaN where n = R/2 does not.

    Raises:
        StudyError: a value is NaN or infinite.
    """
    seed = int(generator.integers(1 << 62))
    parts: list[list[pd.DataFrame]] = [[], [], []]
    for name, matrix in scores.items():
        values = ranked_runs(name, matrix)
        # Partitions depend on the number of runs alone, so a score's rows are the same in any company.
        curve = subsampled_curve(values, np.random.default_rng([seed, len(values)]), draws)
        frames = (_curve_frame(curve), _exponent_frame(curve), _needed_frame(curve, targets))
        for part, frame in zip(parts, frames, strict=True):
            frame.insert(0, "score", name)
            part.append(frame)
    return Averaging(*(pd.concat(part, ignore_index=True) for part in parts))


def _slope(sizes_: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares slope and value at n = 1 of log errors (..., sizes) on log n; NaN below two sizes."""
    logs = np.full(errors.shape, np.nan)
    np.log(errors, out=logs, where=errors > 0)
    if len(sizes_) < 2:
        return np.full(errors.shape[:-1], np.nan), np.full(errors.shape[:-1], np.nan)
    x = np.log(sizes_)
    x_centred = x - x.mean()
    slope = (logs * x_centred).sum(-1) / np.square(x_centred).sum()
    return slope, np.exp(logs.mean(-1) - slope * x.mean())


def _reliability(curve: Curve) -> Estimate:
    if not len(curve.sizes):
        return Estimate(np.nan, np.nan, np.nan, curve.runs)
    return jackknife(curve.estimate[0, 1, 0], curve.left_out[:, 0, 1, 0], correlation=True)


def _expected(curve: Curve) -> np.ndarray:
    """(statistic, size) of disjoint means if runs were one signal and independent noise."""
    reliability = _reliability(curve).estimate
    pearson = 2 * np.sin(np.pi / 6 * reliability)  # of a Gaussian copula with this Spearman correlation
    error = gaussian_rank_error(spearman_brown(pearson, curve.sizes))
    return np.array([error, spearman_brown(reliability, curve.sizes)])


def _curve_frame(curve: Curve) -> pd.DataFrame:
    expected = _expected(curve)
    frames = []
    for f, form in enumerate(_FORMS):
        for s, statistic in enumerate(_STATISTICS):
            interval = jackknife(
                curve.estimate[f, s], curve.left_out[:, f, s], correlation=statistic == "spearman"
            )
            columns = {"form": form, "statistic": statistic, "runs": curve.sizes, **interval._asdict()}
            columns |= {"draws": curve.draws[f], "expected": expected[s] if form == "disjoint" else np.nan}
            frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _exponent_frame(curve: Curve) -> pd.DataFrame:
    slopes, coefficients = _slope(curve.sizes, curve.estimate[:, 0])
    left_out, _ = _slope(curve.sizes, curve.left_out[:, :, 0])
    interval = jackknife(slopes, left_out)
    columns = {"form": list(_FORMS), **interval._asdict(), "coefficient": coefficients}
    columns["expected"] = [float(_slope(curve.sizes, _expected(curve)[0])[0]), np.nan]
    return pd.DataFrame(columns)


def _needed_frame(curve: Curve, targets: Sequence[float]) -> pd.DataFrame:
    reliability = _reliability(curve)
    rows = []
    for kind in ("pair", "infinite"):
        for target in targets:
            of_means = target if kind == "pair" else target**2
            estimate, low, high = (
                float(runs_for(value, of_means))
                for value in (reliability.estimate, reliability.high, reliability.low)
            )
            rows.append(
                {
                    "kind": kind,
                    "target": target,
                    "reliability": reliability.estimate,
                    "estimate": estimate,
                    "low": low,
                    "high": high,
                    "n": curve.runs,
                    "runs": max(1.0, float(np.ceil(estimate - 1e-9))) if not np.isnan(estimate) else np.nan,
                    "extrapolated": estimate > curve.runs / 2,
                    "observed": _observed(curve, of_means),
                }
            )
    return pd.DataFrame(rows)


def _observed(curve: Curve, target: float) -> float:
    """Size at which the subsampled correlation of disjoint means first reaches the target.

    Interpolated between logit of the correlation and log n: on these scales Spearman-Brown is a straight
    line of slope one.
    """
    observed = curve.estimate[0, 1]
    reached = np.flatnonzero(observed >= target)
    if not len(reached):
        return np.nan
    i = int(reached[0])
    if i == 0 or not 0 < observed[i - 1] < observed[i] < 1:
        return float(curve.sizes[i])
    logit = np.log(observed[i - 1 : i + 1] / (1 - observed[i - 1 : i + 1]))
    share = (np.log(target / (1 - target)) - logit[0]) / (logit[1] - logit[0])
    return float(curve.sizes[i - 1] * (curve.sizes[i] / curve.sizes[i - 1]) ** share)
