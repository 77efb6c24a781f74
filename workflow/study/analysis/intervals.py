"""Interval estimates: jackknife over runs, t-intervals, repeated splits and the bootstrap over examples.

Which one applies: statistics over pairs of runs take the delete-one jackknife (a bootstrap over runs would
pair a run with its own copy); differences paired by seed the t-interval; repeated splits of the same runs the
corrected interval; statistics over independent examples the bootstrap. All are two-sided 95 % intervals.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

_TAIL = 0.975  # upper end of a two-sided 95 % interval
_POWER = 0.8
_MOST_GROUPS = 20
_MOST_CORRELATED = 1 - 1e-12  # keeps Fisher's z finite for runs that agree exactly


class Estimate(NamedTuple):
    """An estimate with its 95 % interval; the fields are numbers, or arrays of one shape.

    `n` is the number of independent units (runs, pairs, splits or examples) behind it. `detectable` is the
    smallest true effect, in the estimate's unit, that a two-sided 5 % test on this n would have found with
    80 % power. Where n is too small for an interval, `low`, `high` and `detectable` are NaN.
    """

    estimate: float | np.ndarray
    low: float | np.ndarray
    high: float | np.ndarray
    n: int | np.ndarray
    detectable: float | np.ndarray = np.nan


def detectable(standard_error: float | np.ndarray, freedom: float | np.ndarray) -> float | np.ndarray:
    """Smallest true effect that a two-sided 5 % t-test finds with 80 % power: (t_0.975 + t_0.8) · SE.

    Source: Bloom 1995, *Minimum detectable effects* (Evaluation Review 19). NaN without degrees of freedom.
    """
    return (_quantile(_TAIL, freedom) + _quantile(_POWER, freedom)) * standard_error


def jackknife(
    estimate: float | np.ndarray,
    left_out: np.ndarray,
    n: int | np.ndarray | None = None,
    correlation: bool = False,
) -> Estimate:
    """Interval from the values of a statistic with each run left out in turn.

    The variance is (G-1)/G · Σ(θ₋ᵣ - θ̄)², with a t quantile of G-1 degrees of freedom; the estimate itself is
    not moved. Source: Efron and Stein 1981, *The jackknife estimate of variance* (Annals of Statistics 9);
    with groups of runs Kott 2001, *The delete-a-group jackknife* (Journal of Official Statistics 17).

    Args:
        estimate: the statistic of all runs, a number or an array of any shape.
        left_out: (G, *shape) the statistic without each run, or without each of the `deletion_groups`.
        n: runs behind the estimate where that is not G (groups, or runs without a ranking).
        correlation: build the interval on Fisher's z scale, so that it stays within [-1, 1].

    Returns:
        `Estimate`; no interval (NaN) for n below 3, or where a left-out value is undefined.
    """
    estimate, left_out = np.asarray(estimate, dtype=float), np.asarray(left_out, dtype=float)
    groups = len(left_out)
    n = np.broadcast_to(groups if n is None else n, estimate.shape)
    freedom = np.where(n >= 3, np.minimum(n, groups) - 1, np.nan)
    error = _jackknife_error(left_out)
    if correlation:
        centre, inverse = _fisher(estimate), np.tanh
        half = _quantile(_TAIL, freedom) * _jackknife_error(_fisher(left_out))
    else:
        centre, inverse, half = estimate, lambda value: value, _quantile(_TAIL, freedom) * error
    return _plain(
        Estimate(estimate, inverse(centre - half), inverse(centre + half), n, detectable(error, freedom))
    )


def jackknife_samples(
    estimate: float | np.ndarray, left_out: Sequence[np.ndarray], correlation: bool = False
) -> Estimate:
    """Interval of a statistic of several independent samples of runs, each run left out in turn.

    The jackknife variances of the samples add, with the degrees of freedom of Satterthwaite 1946 (*An
    approximate distribution of estimates of variance components*, Biometrics Bulletin 2). Source: Schechtman
    and Wang 2004, *Jackknifing two-sample statistics* (Journal of Statistical Planning and Inference 119).

    Args:
        estimate: the statistic of all runs, a number or an array of any shape.
        left_out: for each sample (G, *shape), the statistic without each of its G ≥ 2 runs.
        correlation: as in `jackknife`.

    Returns:
        `Estimate`, n being the runs of all samples; NaN where a left-out value is undefined, and where no run
        changes anything.
    """
    estimate = np.asarray(estimate, dtype=float)
    errors = [_jackknife_error(np.asarray(values, dtype=float)) for values in left_out]
    squares = np.square(errors)
    total = squares.sum(0)
    spread = sum(square**2 / (len(values) - 1) for square, values in zip(squares, left_out, strict=True))
    freedom = ratio(total**2, spread)
    error, centre, inverse = np.sqrt(total), estimate, lambda value: value
    half = error
    if correlation:
        centre, inverse = _fisher(estimate), np.tanh
        half = np.sqrt(np.square([_jackknife_error(_fisher(values)) for values in left_out]).sum(0))
    half = _quantile(_TAIL, freedom) * half
    n = np.broadcast_to(sum(map(len, left_out)), estimate.shape)
    return _plain(
        Estimate(estimate, inverse(centre - half), inverse(centre + half), n, detectable(error, freedom))
    )


def in_quadrature(one: Estimate, other: Estimate) -> Estimate:
    """One estimate with two independent sources of uncertainty: on each side, half-widths add in squares.

    Its value and `n` are those of the first.
    """
    value = one.estimate
    low, high = (np.hypot(getattr(one, end) - value, getattr(other, end) - value) for end in ("low", "high"))
    return Estimate(value, value - low, value + high, one.n, np.hypot(one.detectable, other.detectable))


def group_size(runs: int) -> int:
    """Runs left out together: 1 up to 20 runs, then the least 2^k or 3·2^k that makes 20 groups or fewer.

    The interval's own error falls little beyond ten groups, and recomputing a ranking of every run without
    every other is quadratic in the runs.
    """
    grid = sorted({2**k for k in range(32)} | {3 * 2**k for k in range(32)})
    return next(size for size in grid if size * _MOST_GROUPS >= runs)


def deletion_groups(runs: int) -> list[np.ndarray]:
    """The runs, in order, in 10 to 20 groups of nearly equal size that a jackknife leaves out in turn."""
    groups = runs // group_size(runs)
    return np.array_split(np.arange(runs), groups) if groups else []


def explained(table: pd.DataFrame, reason: str | np.ndarray) -> pd.DataFrame:
    """The table with a column `reason`: why the row's `estimate` is undefined, empty where it is defined."""
    return table.assign(reason=np.where(table["estimate"].isna(), reason, ""))


def jackknife_runs(statistic: Callable[[np.ndarray], float | np.ndarray], matrix: np.ndarray) -> Estimate:
    """Jackknife of any statistic of a (R, N) matrix by recomputing it without each run.

    Args:
        statistic: maps (R, N) to a number or an array; called R + 1 times.
        matrix: (R, N), runs in rows.
    """
    values = np.asarray(matrix)
    rows = np.arange(len(values))
    return jackknife(statistic(values), np.array([statistic(values[rows != r]) for r in rows]))


def jackknife_pairs(pairs: np.ndarray, correlation: bool = False) -> Estimate:
    """Jackknife of the mean over ordered pairs of different runs, in closed form.

    Leaving run r out removes row r and column r: R sums instead of R recomputations.

    Args:
        pairs: (..., R, R), the value of the pair (r, s) at [r, s]; the diagonal is not looked at.
        correlation: as in `jackknife`.

    Returns:
        `Estimate` with fields of shape (...); pairs that are NaN are left out of the means, and n counts
        the runs that have a defined pair. NaN where no pair is defined.
    """
    estimate, left_out, n = pair_means(pairs)
    return jackknife(estimate, left_out, n, correlation)


def pair_means(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over pairs of different runs, the same without each run, and the number of runs.

    Args:
        pairs: (..., R, R) as in `jackknife_pairs`.

    Returns:
        mean (...), means without run r (R, ...), and runs with a defined pair (...).
    """
    defined = np.isfinite(pairs) & ~np.eye(pairs.shape[-1], dtype=bool)
    values = np.where(defined, pairs, 0.0)
    total, count = values.sum((-1, -2)), defined.sum((-1, -2))
    own_total = np.moveaxis(values.sum(-1) + values.sum(-2), -1, 0)
    own_count = np.moveaxis(defined.sum(-1) + defined.sum(-2), -1, 0)
    runs = (own_count > 0).sum(0)
    return ratio(total, count), ratio(total - own_total, count - own_count), runs


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """numerator / denominator, NaN (and no warning) where the denominator is not positive."""
    result = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    return np.divide(numerator, denominator, out=result, where=np.asarray(denominator) > 0)


def paired_interval(differences: np.ndarray) -> Estimate:
    """t-interval of the mean of differences that are paired by seed.

    Args:
        differences: (n, ...) one difference per seed along the first axis.

    Returns:
        `Estimate`; no interval for n = 1, NaN throughout for n = 0.
    """
    return _mean_interval(np.asarray(differences, dtype=float), inflation=0.0)


def paired_p(differences: np.ndarray) -> float:
    """Two-sided p-value of a t-test that the mean of paired differences, (n,), is 0; NaN of a single one."""
    n = len(differences)
    if n < 2:
        return np.nan
    mean, error = differences.mean(), differences.std(ddof=1) / np.sqrt(n)
    if np.ptp(differences) == 0:
        return float(mean == 0)
    return float(2 * stdtr(n - 1, -abs(mean) / error))


def corrected_interval(differences: np.ndarray, test_to_train: float) -> Estimate:
    """Interval over J repeated random splits of the same units: variance (1/J + n_test/n_train) · s².

    Test results of overlapping training sets are correlated, so s²/J alone is far too small.
    Source: Nadeau and Bengio 2003, *Inference for the generalization error* (Machine Learning 52), eq. 8.

    Args:
        differences: (J, ...) the statistic in each split.
        test_to_train: n_test / n_train, units tested for each unit trained on.
    """
    return _mean_interval(np.asarray(differences, dtype=float), inflation=test_to_train)


def percentiles(estimate: float, resampled: np.ndarray, n: int) -> Estimate:
    """Percentile interval of a statistic from its values in bootstrap samples.

    Args:
        estimate: its value in all n units.
        resampled: (B,) its values in the samples.
        n: units.

    Returns:
        `Estimate`; samples in which the statistic is undefined (say, only one class drawn) are left out of
        the percentiles. Its `detectable` uses the bootstrap's standard deviation.
    """
    defined = resampled[np.isfinite(resampled)]
    if n < 2 or len(defined) < 2:
        return Estimate(estimate, np.nan, np.nan, n)
    low, high = np.quantile(defined, [1 - _TAIL, _TAIL])
    return Estimate(estimate, float(low), float(high), n, float(detectable(defined.std(ddof=1), n - 1)))


def _mean_interval(values: np.ndarray, inflation: float) -> Estimate:
    n = len(values)
    if n < 2:
        nothing = np.full(values.shape[1:], np.nan)
        return _plain(Estimate(values[0] if n else nothing, nothing, nothing, n, nothing))
    mean, error = values.mean(0), values.std(0, ddof=1) * np.sqrt(1 / n + inflation)
    half = _quantile(_TAIL, n - 1) * error
    return _plain(Estimate(mean, mean - half, mean + half, n, detectable(error, n - 1)))


def _jackknife_error(left_out: np.ndarray) -> np.ndarray:
    runs = len(left_out)
    if runs < 2:
        return np.full(left_out.shape[1:], np.nan)
    return np.sqrt((runs - 1) / runs * np.square(left_out - left_out.mean(0)).sum(0))


def _fisher(correlation: np.ndarray) -> np.ndarray:
    return np.arctanh(np.clip(correlation, -_MOST_CORRELATED, _MOST_CORRELATED))


def _quantile(probability: float, freedom: float | np.ndarray) -> float | np.ndarray:
    return stdtrit(freedom, probability)


def _plain(estimate: Estimate) -> Estimate:
    """Python numbers instead of arrays without dimensions."""
    if np.ndim(estimate.estimate):
        return estimate._replace(n=np.broadcast_to(estimate.n, np.shape(estimate.estimate)))
    value, low, high, n, effect = estimate
    return Estimate(float(value), float(low), float(high), int(n), float(effect))
