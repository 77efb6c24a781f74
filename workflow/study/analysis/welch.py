"""Tests between two groups of runs, one per example and pair of models, all at once.

Welch's t-test does not ask the groups to vary alike. Every result is defined: runs that agree exactly have
no variance, so that a constant against a different constant is certain (t = ±inf, p = 0) and a constant
against the same constant is no difference at all (t = 0, p = 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, stdtr


@dataclass(frozen=True)
class Moments:
    """What a t-test needs of groups of runs.

    Attributes:
        n: (M, 1) runs in each group.
        mean: (M, N).
        variance: (M, N), unbiased (ddof 1); exactly 0 where all runs of the group agree.
    """

    n: np.ndarray
    mean: np.ndarray
    variance: np.ndarray

    def take(self, groups: np.ndarray) -> "Moments":
        """These groups, in this order and as often as they are named."""
        return Moments(self.n[groups], self.mean[groups], self.variance[groups])


def moments(groups: Sequence[np.ndarray]) -> Moments:
    """Moments of M groups, each an (R, N) matrix of finite values with R ≥ 2 of its own."""
    parts = [_mean_and_variance(group) for group in groups]
    means, variances = (np.stack(part) for part in zip(*parts, strict=True))
    return Moments(np.array([[len(group)] for group in groups]), means, variances)


def _mean_and_variance(group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each column; from differences to the first row, which are exactly 0 where all runs agree.

    A rounded mean of equal values can differ from them by an ulp, and then so would the variance from 0.
    """
    apart = group - group[0]
    total, squares = apart.sum(axis=0), np.einsum("rn,rn->n", apart, apart)
    mean = total / len(group)
    return group[0] + mean, np.maximum(squares - total * mean, 0.0) / (len(group) - 1)


@dataclass(frozen=True)
class Difference:
    """Differences of means a − b, each (P, N), with their standard error and Welch's degrees of freedom."""

    mean: np.ndarray
    error: np.ndarray
    freedom: np.ndarray


def difference(a: Moments, b: Moments) -> Difference:
    """Difference of two groups that may vary unequally.

    Source: Welch 1947, *The generalization of "Student's" problem when several different population
    variances are involved*; degrees of freedom after Satterthwaite 1946.
    """
    part_a, part_b = a.variance / a.n, b.variance / b.n
    squared_error = part_a + part_b
    # The share of a in the squared error, rather than squares of the parts, which would underflow.
    share = np.divide(part_a, squared_error, out=np.full(part_a.shape, 0.5), where=squared_error > 0)
    freedom = 1 / (share**2 / (a.n - 1) + (1 - share) ** 2 / (b.n - 1))
    return Difference(a.mean - b.mean, np.sqrt(squared_error), freedom)


def welch_test(diff: Difference) -> tuple[np.ndarray, np.ndarray]:
    """Welch's t and its two-sided p-value, both (P, N), never NaN."""
    t = _ratio(diff.mean, diff.error)
    return t, 2 * stdtr(diff.freedom, -np.abs(t))


def equivalence_test(diff: Difference, margin: float) -> np.ndarray:
    """P-value for |true difference| < margin: the larger of two one-sided Welch tests; (P, N), never NaN.

    Groups without any variance get 0 inside the margin, 1 outside and 1/2 exactly on it.

    Source: Schuirmann 1987, *A comparison of the two one-sided tests procedure and the power approach*.
    """
    above = stdtr(diff.freedom, -_ratio(diff.mean + margin, diff.error))
    below = stdtr(diff.freedom, _ratio(diff.mean - margin, diff.error))
    return np.maximum(above, below)


def hedges_g(a: Moments, b: Moments) -> np.ndarray:
    """Difference in units of the pooled standard deviation, corrected for small groups; (P, N).

    The correction makes groups of different sizes comparable. ±inf for two different constants, 0 for two
    equal ones.

    Source: Hedges 1981, *Distribution theory for Glass's estimator of effect size*, exact form (eq. 6e).
    """
    freedom = a.n + b.n - 2
    pooled = np.sqrt(((a.n - 1) * a.variance + (b.n - 1) * b.variance) / freedom)
    correction = np.exp(gammaln(freedom / 2) - gammaln((freedom - 1) / 2)) / np.sqrt(freedom / 2)
    return correction * _ratio(a.mean - b.mean, pooled)


def _ratio(value: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """value / spread; without any spread the sign of the value decides: -inf, 0 or inf."""
    certain = np.where(value == 0, 0.0, np.copysign(np.inf, value))
    with np.errstate(over="ignore"):
        return np.divide(value, spread, out=certain, where=spread > 0)
