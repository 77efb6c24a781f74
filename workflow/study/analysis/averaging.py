"""What averaging over runs buys: error of n-run means, its exponent, and the runs needed.

Intervals are jackknives over runs. Random draws share the runs, so their spread says only how well
the draws were sampled, not how other runs would have turned out.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, explained, jackknife
from study.analysis.partitions import Curve, subsampled_curve
from study.analysis.reliability import gaussian_rank_error, spearman_brown
from study.analysis.run_means import ranked_runs, why_unranked
from study.analysis.runs_needed import TARGETS, needed_table

_FORMS = ("disjoint", "inclusive")
_STATISTICS = ("rank_error", "spearman")


class Averaging(NamedTuple):
    """The three tables of `averaging_tables`."""

    curves: pd.DataFrame
    exponents: pd.DataFrame
    runs_needed: pd.DataFrame


def averaging_tables(
    scores: Mapping[str, np.ndarray],
    generator: np.random.Generator,
    draws: int = 30,
    targets: Sequence[float] = TARGETS,
) -> Averaging:
    """Error of n-run means, how it falls with n, and the runs needed, for every score of one model.

    Rank error is the mean over examples of |rank_A - rank_B| / N. `disjoint` compares two n-run means without
    a common run; `inclusive` an n-run mean with the mean of all runs, which contains it (the form of arXiv
    2401.01867: its error vanishes at n = R whatever the noise, so it falls faster than n^(-1/2)).
    The exponent is the slope of log rank error on log n, least squares with equal weights over the n of the
    curve. For small independent noise it is -1/2; large noise saturates the error of few runs and makes
    the slope flatter: `expected` is what independent noise of the observed size gives, and `difference` tests
    the slope against that. Runs needed are where the measured correlation of two disjoint n-run means reaches
    the target, stepped on by Spearman and Brown 1910 from the largest n where it does not; the correlation
    with the mean of infinitely many runs is the root of that of two means (see `two_means`).

    Args:
        scores: (R, N) matrices by score column.
        generator: source of the partitions, which are the same for all scores.
        draws: at least so many disjoint pairs for each n (all R(R-1)/2 for n = 1).
        targets: correlations to reach.

    Returns:
        `curves`, a row per score, form, statistic and n: `score, form, statistic` (`rank_error`,
            `spearman`) `, runs` (n, up to R/2) `, estimate, low, high, n` (runs in all) `, detectable, draws`
            (comparisons) `, expected, reason`; `expected`: for disjoint means under independent noise,
            Spearman-Brown from the observed r for `spearman`, for `rank_error` a Gaussian copula, 1/2 -
            asin((1+ρ)/2)/π. `reason`: why an estimate is undefined, in all three tables.
        `exponents`, a row per score and form: `score, form, estimate, low, high, n, detectable, coefficient`
            (fitted rank error at n = 1) `, expected` (the slope of the curve's `expected` on the same n)
            `, difference, difference_low, …_high, …_detectable` (estimate minus expected, where `expected` is
            recomputed for every left-out run), `reason`.
        `runs_needed`, a row per score, kind and target: `score, kind` (`pair`, `infinite`) `, target,
            reliability` (of single runs) `, estimate, low, high` (runs, unrounded; inf where none suffice) `,
            n,
            detectable, runs` (whole runs, at least 1) `, measured_to` (the largest n) `, extrapolated` (the
            target is not reached there) `, from_one_run` (by Spearman-Brown from single runs) `, agrees`
            (whether that lies within the measured interval) `, reason`.

    Raises:
        StudyError: a value is NaN or infinite.
    """
    seed = int(generator.integers(1 << 62))
    parts: list[list[pd.DataFrame]] = [[], [], []]
    for name, matrix in scores.items():
        values = ranked_runs(name, matrix)
        # Partitions depend on the number of runs alone, so a score's rows are the same in any company.
        curve = subsampled_curve(values, np.random.default_rng([seed, len(values)]), draws)
        frames = (_curve_frame(curve), _exponent_frame(curve), needed_table(curve, targets))
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


def _expected(sizes_: np.ndarray, reliability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank error and Spearman (..., sizes) of disjoint means of one signal and independent noise."""
    reliability = np.asarray(reliability)[..., None]
    pearson = 2 * np.sin(np.pi / 6 * reliability)  # of a Gaussian copula with this Spearman correlation
    error = gaussian_rank_error(spearman_brown(pearson, sizes_))
    return error, spearman_brown(reliability, sizes_)


def _curve_frame(curve: Curve) -> pd.DataFrame:
    if not len(curve.sizes):
        nothing = Estimate(np.nan, np.nan, np.nan, curve.runs)._asdict() | {"draws": 0, "expected": np.nan}
        rows = [{"form": f, "statistic": s, "runs": 1, **nothing} for f in _FORMS for s in _STATISTICS]
        return explained(pd.DataFrame(rows), why_unranked(curve.runs))
    expected = _expected(curve.sizes, curve.estimate[0, 1, 0])
    frames = []
    for f, form in enumerate(_FORMS):
        for s, statistic in enumerate(_STATISTICS):
            interval = jackknife(
                curve.estimate[f, s], curve.left_out[:, f, s], curve.runs, correlation=statistic == "spearman"
            )
            columns = {"form": form, "statistic": statistic, "runs": curve.sizes, **interval._asdict()}
            columns |= {"draws": curve.draws[f], "expected": expected[s] if form == "disjoint" else np.nan}
            frames.append(pd.DataFrame(columns))
    return explained(pd.concat(frames, ignore_index=True), "")


def _exponent_frame(curve: Curve) -> pd.DataFrame:
    slopes, coefficients = _slope(curve.sizes, curve.estimate[:, 0])
    left_out, _ = _slope(curve.sizes, curve.left_out[:, :, 0])
    if len(curve.sizes):
        expected, _ = _slope(curve.sizes, _expected(curve.sizes, curve.estimate[0, 1, 0])[0])
        without, _ = _slope(curve.sizes, _expected(curve.sizes, curve.left_out[:, 0, 1, 0])[0])
    else:
        expected, without = np.array(np.nan), np.full(len(left_out), np.nan)
    difference = jackknife(slopes[0] - expected, left_out[:, 0] - without, curve.runs)
    interval = jackknife(slopes, left_out, curve.runs)
    columns = {"form": list(_FORMS), **interval._asdict(), "coefficient": coefficients}
    columns["expected"] = [float(expected), np.nan]
    for field in ("estimate", "low", "high", "detectable"):
        name = "difference" if field == "estimate" else f"difference_{field}"
        columns[name] = [getattr(difference, field), np.nan]
    short = "only one size of average can be formed" if curve.runs > 1 else why_unranked(curve.runs)
    reason = "runs agree exactly: there is no error to fit" if len(curve.sizes) > 1 else short
    return explained(pd.DataFrame(columns), reason)
