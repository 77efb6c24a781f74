"""Shares of examples, of each of several units (pairs of models, or models), with their intervals.

An interval is about other runs of these models and other examples of this kind. Over runs it comes from
replicates, the share in many parts of the runs; over examples from the examples as a sample.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from study.analysis.intervals import Estimate, detectable

_TAIL = 0.975


@dataclass(frozen=True)
class Share:
    """A share of examples in U units; several units are summed up by their mean.

    Attributes:
        estimate: (U,).
        replicates: (D, U) the same in parts of the runs.
        weight: the squared standard error over runs, in units of the replicates' variance.
        by_example: (U, N) of which `estimate` is the mean over N.
        lowest: 0, or -1 for a difference of two shares.
    """

    estimate: np.ndarray
    replicates: np.ndarray
    weight: float
    by_example: np.ndarray
    lowest: float = 0.0

    @classmethod
    def without_each_group(cls, by_example: np.ndarray, replicates: np.ndarray) -> "Share":
        """From all runs, and (G, U) without one of G groups of runs at a time.

        Source: Efron and Stein 1981 (one run a group); Kott 2001, *The delete-a-group jackknife* (Journal of
        Official Statistics 17), for fewer groups than runs.
        """
        groups = len(replicates)
        return cls(by_example.mean(axis=1), replicates, (groups - 1) ** 2 / groups, by_example)

    def minus(self, other: "Share") -> "Share":
        """The difference of two shares from the same draws."""
        return Share(
            self.estimate - other.estimate,
            self.replicates - other.replicates,
            self.weight,
            self.by_example - other.by_example,
            lowest=-1.0,
        )

    def take(self, units: np.ndarray) -> "Share":
        """The mean over the first axis of `units`: (2, P) gives P means of two units each."""
        return Share(
            self.estimate[units].mean(axis=0),
            self.replicates[:, units].mean(axis=1),
            self.weight,
            self.by_example[units].mean(axis=0),
            self.lowest,
        )

    def each(self, runs: np.ndarray) -> list[Estimate]:
        """An estimate for each unit, whose numbers of runs are `runs` (U,)."""
        return [
            self._interval(*unit, int(n))
            for *unit, n in zip(self.estimate, self.replicates.T, self.by_example, runs, strict=True)
        ]

    def mean(self, runs: int) -> Estimate:
        """An estimate of the mean over units."""
        return self._interval(
            self.estimate.mean(), self.replicates.mean(axis=1), self.by_example.mean(axis=0), runs
        )

    def _interval(self, value: float, replicates: np.ndarray, by_example: np.ndarray, runs: int) -> Estimate:
        """t-interval within the possible values.

        It reaches at least as far as N examples can tell: what is seen in none of N may still hold for a
        share of 1 - 0.025^(1/N) of them (97.5 %, the "rule of three"), whatever the replicates agree on.
        """
        squared = self.weight * replicates.var(ddof=1) + by_example.var(ddof=1) / len(by_example)
        freedom = min(runs, len(replicates)) - 1
        quantile = stdtrit(freedom, _TAIL)
        error = max(np.sqrt(squared), (1 - (1 - _TAIL) ** (1 / len(by_example))) / quantile)
        low, high = max(self.lowest, value - quantile * error), min(1.0, value + quantile * error)
        return Estimate(float(value), float(low), float(high), runs, float(detectable(error, freedom)))


class Tally:
    """Tables of booleans (U, N), draw by draw, of which only means are kept."""

    def __init__(self) -> None:
        self._replicates: dict = {}
        self._totals: dict = {}

    def add(self, key: Hashable, table: np.ndarray) -> None:
        """One draw of one statistic."""
        self._replicates.setdefault(key, []).append(table.mean(axis=1))
        self._totals[key] = self._totals.get(key, 0) + table

    @property
    def statistics(self) -> list:
        """The statistics, in the order in which they came."""
        return list(self._totals)

    def replicates(self, key: Hashable) -> np.ndarray:
        """(D, U) shares of examples by draw."""
        return np.stack(self._replicates[key])

    def by_example(self, key: Hashable) -> np.ndarray:
        """(U, N) shares of draws by example."""
        return self._totals[key] / len(self._replicates[key])

    def mean(self, key: Hashable, weight: float) -> Share:
        """The mean over draws of n out of R runs, where `weight` is n / (R - n).

        Source: Shao and Wu 1989, *A general theory for jackknife variance estimation* (Annals of Statistics
        17), eq. 2.3.
        """
        replicates = self.replicates(key)
        return Share(replicates.mean(axis=0), replicates, weight, self.by_example(key))
