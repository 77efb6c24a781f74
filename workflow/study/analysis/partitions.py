"""Comparisons of n-run means by random partitions of the runs, and the same with each run left out.

A random order of the runs is cut into ⌊R/n⌋ sets of n; all pairs of sets in it are compared with each
other (`disjoint`) and every set with the mean of all runs (`inclusive`). Every set of runs is equally likely,
and so is every disjoint pair, but one ranking serves many pairs.

Without run r, its set in each partition takes an unused run instead, or goes on with n-1 runs where there is
none. The latter happens to every run once in each partition, so it moves all left-out values alike and
cancels in their spread, which is all that a jackknife takes from them.

Beyond 20 runs, runs are put into 10 to 20 units at random, and what is said of runs above holds for units:
sets are made of whole units, or lie within one. So no more than one set changes when a unit is left out.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist, pdist, squareform

from study.analysis.intervals import deletion_groups, group_size
from study.analysis.run_means import correlate_rank_rows, correlate_ranks, mean_ranks

# The jackknife needs the effect of each run on the mean over partitions. With few partitions that effect is
# drowned by which runs happened to stand together: intervals of the exponent were twice as wide as the spread
# of estimates over simulated studies with two to ten partitions, and 1.1 to 1.6 times with thirty.
_LEAST_PARTITIONS = 10
# A unit stands for several runs, so fewer partitions show its effect: over 60 simulated studies of 100 runs,
# the standard error of the exponent was 1.4 times the spread of estimates with five, 1.3 times with ten, and
# that of the runs needed 1.1 times with either. Ranking their sets is most of the time at that size.
_PARTITIONS_OF_UNITS = 5


class Curve(NamedTuple):
    """Mean rank error and Spearman correlation of n-run means, against n.

    Axes: form (disjoint, inclusive), statistic (rank error as a share of N, Spearman), size.
    """

    sizes: np.ndarray  # (S,) n
    estimate: np.ndarray  # (2, 2, S)
    left_out: np.ndarray  # (U, 2, 2, S) without each run, or group of runs
    draws: np.ndarray  # (2, S) comparisons behind the estimate
    runs: int


class _Partition(NamedTuple):
    """One partition: ranks of its sets' means, compared in pairs and with the means of all (other) runs."""

    chosen: np.ndarray  # (B, R) which runs a set holds
    owner: np.ndarray  # (U,) the set of each unit, -1 for an unused one
    unused: np.ndarray  # units in no set, in random order
    ranks: np.ndarray  # (B, N)
    pairs: np.ndarray  # (B, B, 2)

    def pair_mean(self) -> np.ndarray:
        return self.pairs[np.triu_indices(len(self.pairs), 1)].mean(0)


def sizes(runs: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12, …: 2^k and 3·2^k up to runs/2 (two disjoint sets must fit).

    Beyond 20 runs, whole units must fill a set, or whole sets a unit: 100 runs give 1, 2, 3, 4, 6, 12, 24,
    48.
    """
    unit = group_size(runs)
    most = runs // unit // 2 * unit  # runs in half of the units
    grid = {2**k for k in range(32)} | {3 * 2**k for k in range(32)}
    return sorted(n for n in grid if n <= unit < runs or (n % unit == 0 and n <= most))


def subsampled_curve(values: np.ndarray, generator: np.random.Generator, draws: int) -> Curve:
    """Compare n-run means of a score for every n of `sizes`.

    Args:
        values: (R, N) scores, each run ranking the examples.
        generator: source of the partitions.
        draws: at least so many disjoint pairs for each n (and ten partitions, where n is more than a unit);
            all R(R-1)/2 for n = 1.

    Returns:
        `Curve`; without sizes for R = 1, and with left-out values of NaN for R = 2.
    """
    runs, grid = len(values), sizes(len(values))
    units = _units(runs, generator)
    estimate = np.full((2, 2, len(grid)), np.nan)
    left_out = np.full((len(units), 2, 2, len(grid)), np.nan)
    counts = np.zeros((2, len(grid)), dtype=int)
    if grid:
        whole = mean_ranks(values, np.ones((1, runs), dtype=bool))
        without = mean_ranks(values, ~_members(units, runs))
    # The same orders serve all sizes: what a partition owes to chance moves the whole curve, not its slope.
    orders = [generator.permutation(len(units)) for _ in range(max(draws, _LEAST_PARTITIONS))]
    for i, size in enumerate(grid):
        nested = size <= group_size(runs)
        pairs = _pairs(units, size)
        least = 1 if nested else _LEAST_PARTITIONS
        wanted = 1 if size == 1 else max(least, -(-draws // pairs))
        drawn = [_nested(values, units, size, draw) if nested else _partition(values, units, order, size)
                 for draw, order in enumerate(orders[:wanted])]  # fmt: skip
        estimate[0, :, i] = np.mean([part.pair_mean() for part in drawn], axis=0)
        estimate[1, :, i] = np.mean([_compare(part.ranks, whole).mean((0, 1)) for part in drawn], axis=0)
        if runs > 2:
            leave_out = _without_its_sets if nested else _without_each_unit
            looked_at = drawn if group_size(runs) == 1 else drawn[:_PARTITIONS_OF_UNITS]
            left_out[..., i] = np.mean(
                [leave_out(values, part, without, units) for part in looked_at], axis=0
            )
        counts[:, i] = len(drawn) * pairs, sum(len(part.ranks) for part in drawn)
    return Curve(np.array(grid, dtype=int), estimate, left_out, counts, runs)


def _units(runs: int, generator: np.random.Generator) -> list[np.ndarray]:
    """Single runs; beyond 20, random groups of runs that are left out together."""
    groups = deletion_groups(runs)
    if group_size(runs) == 1:
        return groups
    order = generator.permutation(runs)
    return [order[group] for group in groups]


def _members(units: list[np.ndarray], runs: int) -> np.ndarray:
    """(U, R) which runs a unit holds."""
    chosen = np.zeros((len(units), runs), dtype=bool)
    for row, unit in zip(chosen, units, strict=True):
        row[unit] = True
    return chosen


def _pairs(units: list[np.ndarray], size: int) -> int:
    """Disjoint pairs of sets in a partition."""
    smallest = min(map(len, units))
    within = sum(len(unit) // size for unit in units)
    sets = within if size <= smallest else len(units) // (size // smallest)
    return sets * (sets - 1) // 2


def _nested(values: np.ndarray, units: list[np.ndarray], size: int, draw: int) -> _Partition:
    """Sets within units: each unit, turned by `draw`, is cut into sets."""
    owner, sets = [], []
    for u, unit in enumerate(units):
        turned = np.roll(unit, draw)
        for start in range(0, len(unit) - size + 1, size):
            owner.append(u)
            sets.append(turned[start : start + size])
    ranks = mean_ranks(values, _members(sets, len(values)))
    return _Partition(np.empty(0), np.array(owner), np.empty(0), ranks, _compare(ranks, ranks))


def _without_its_sets(
    values: np.ndarray, part: _Partition, without: np.ndarray, units: list[np.ndarray]
) -> np.ndarray:
    """(U, form, statistic) of sets within units: without a unit its sets are gone."""
    del values
    against_whole = _compare(part.ranks, without)
    result = np.empty((len(units), 2, 2))
    for u in range(len(units)):
        kept = np.flatnonzero(part.owner != u)
        result[u, 0] = part.pairs[np.ix_(kept, kept)][np.triu_indices(len(kept), 1)].mean(0)
        result[u, 1] = against_whole[kept, u].mean(0)
    return result


def _partition(values: np.ndarray, units: list[np.ndarray], order: np.ndarray, size: int) -> _Partition:
    """Sets of as many whole units as make `size` runs."""
    together = size // min(map(len, units))
    count = len(units) // together
    owner = np.full(len(units), -1)
    owner[order[: count * together]] = np.repeat(np.arange(count), together)
    equal = _equal(units, len(values))
    chosen = np.array([equal[owner == s].any(0) for s in range(count)])
    ranks = mean_ranks(values, chosen)
    return _Partition(chosen, owner, order[count * together :], ranks, _compare(ranks, ranks))


def _equal(units: list[np.ndarray], runs: int) -> np.ndarray:
    """(U, R) the runs that stand for a unit in a set: as many of each."""
    return _members([unit[: min(map(len, units))] for unit in units], runs)


def _without_each_unit(
    values: np.ndarray, part: _Partition, without: np.ndarray, units: list[np.ndarray]
) -> np.ndarray:
    """(U, form, statistic) of one partition: a unit's set takes an unused unit instead, if there is one."""
    sets = len(part.ranks)
    against_whole = _compare(part.ranks, without)  # (B, U, 2)
    result = np.empty((len(units), 2, 2))
    result[part.unused, 0] = part.pair_mean()
    result[part.unused, 1] = against_whole[:, part.unused].mean(0)
    used = np.flatnonzero(part.owner >= 0)
    owner = part.owner[used]
    others = owner[:, None] != np.arange(sets)  # (used, B)
    weights = others[..., None]
    total, own = sets * (sets - 1) / 2 * part.pair_mean(), (part.pairs[owner] * weights).sum(1)
    rest = (against_whole[:, used].transpose(1, 0, 2) * weights).sum(1)
    equal = _equal(units, len(values))
    kept = part.chosen[owner] & ~equal[used]
    kept |= equal[part.unused[:1]].any(0)
    changed = mean_ranks(values, kept)
    new = (_compare(changed, part.ranks) * weights).sum(1)
    result[used, 0] = (total - own + new) / (sets * (sets - 1) / 2)
    result[used, 1] = (rest + _compare_rows(changed, without[used])) / sets
    return result


def _compare(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(A, B, 2): mean rank error and Spearman correlation of each row of ranks with each other row."""
    distances = squareform(pdist(a, "cityblock")) if a is b else cdist(a, b, "cityblock")
    return np.stack([distances / a.shape[1] ** 2, correlate_ranks(a, b)], axis=-1)


def _compare_rows(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(A, 2): mean rank error and Spearman correlation of row r of a with row r of b."""
    errors = [np.abs(one - other).mean() / len(one) for one, other in zip(a, b, strict=True)]
    return np.column_stack([errors, correlate_rank_rows(a, b)])
