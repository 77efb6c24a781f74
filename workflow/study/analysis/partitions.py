"""Comparisons of n-run means by random partitions of the runs, and the same with each run left out.

A random order of the runs is cut into ⌊R/n⌋ sets of n; all pairs of sets in it are compared with each
other (`disjoint`) and every set with the mean of all runs (`inclusive`). Every set of runs is equally likely,
and so is every disjoint pair, but one ranking serves many pairs.

Without run r, its set in each partition takes an unused run instead, or goes on with n-1 runs where there is
none. The latter happens to every run once in each partition, so it moves all left-out values alike and
cancels in their spread, which is all that a jackknife takes from them.
"""

from typing import NamedTuple

import numpy as np

from study.analysis.run_means import all_but, correlate_rank_rows, correlate_ranks, mean_ranks

# The jackknife needs the effect of each run on the mean over partitions. With few partitions that effect is
# drowned by which runs happened to stand together: intervals of the exponent were twice as wide as the spread
# of estimates over simulated studies with two to ten partitions, and 1.1 to 1.6 times with thirty.
_LEAST_PARTITIONS = 10


class Curve(NamedTuple):
    """Mean rank error and Spearman correlation of n-run means, against n.

    Axes: form (disjoint, inclusive), statistic (rank error as a share of N, Spearman), size.
    """

    sizes: np.ndarray  # (S,) n
    estimate: np.ndarray  # (2, 2, S)
    left_out: np.ndarray  # (R, 2, 2, S) without run r
    draws: np.ndarray  # (2, S) comparisons behind the estimate
    runs: int


class _Partition(NamedTuple):
    """One partition: ranks of its sets' means, compared in pairs and with the means of all (other) runs."""

    chosen: np.ndarray  # (B, R) which runs a set holds
    owner: np.ndarray  # (R,) the set of each run, -1 for an unused one
    unused: np.ndarray  # runs in no set, in random order
    ranks: np.ndarray  # (B, N)
    pairs: np.ndarray  # (B, B, 2)

    def pair_mean(self) -> np.ndarray:
        return self.pairs[np.triu_indices(len(self.pairs), 1)].mean(0)


def sizes(runs: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12, …: 2^k and 3·2^k up to runs/2 (two disjoint sets must fit)."""
    grid = {2**k for k in range(32)} | {3 * 2**k for k in range(32)}
    return sorted(n for n in grid if n <= runs // 2)


def subsampled_curve(values: np.ndarray, generator: np.random.Generator, draws: int) -> Curve:
    """Compare n-run means of a score for every n of `sizes`.

    Args:
        values: (R, N) scores, each run ranking the examples.
        generator: source of the partitions.
        draws: at least so many disjoint pairs (and ten partitions) for each n; all R(R-1)/2 for n = 1.

    Returns:
        `Curve`; without sizes for R = 1, and with left-out values of NaN for R = 2.
    """
    runs, grid = len(values), sizes(len(values))
    estimate = np.full((2, 2, len(grid)), np.nan)
    left_out = np.full((runs, 2, 2, len(grid)), np.nan)
    counts = np.zeros((2, len(grid)), dtype=int)
    if grid:
        whole = mean_ranks(values, np.ones((1, runs), dtype=bool))
        without = mean_ranks(values, all_but(runs, np.arange(runs)))
    # The same orders serve all sizes: what a partition owes to chance moves the whole curve, not its slope.
    orders = [generator.permutation(runs) for _ in range(max(draws, _LEAST_PARTITIONS))]
    for i, size in enumerate(grid):
        sets = runs // size
        pairs = sets * (sets - 1) // 2
        drawn = [
            _partition(values, order, size)
            for order in orders[: 1 if size == 1 else max(_LEAST_PARTITIONS, -(-draws // pairs))]
        ]
        estimate[0, :, i] = np.mean([part.pair_mean() for part in drawn], axis=0)
        estimate[1, :, i] = np.mean([_compare(part.ranks, whole).mean((0, 1)) for part in drawn], axis=0)
        if runs > 2:
            deleted = [_without_each_run(values, part, without, size) for part in drawn]
            left_out[..., i] = np.mean(deleted, axis=0)
        counts[:, i] = len(drawn) * pairs, len(drawn) * sets
    return Curve(np.array(grid, dtype=int), estimate, left_out, counts, runs)


def _partition(values: np.ndarray, order: np.ndarray, size: int) -> _Partition:
    runs = len(values)
    sets = runs // size
    owner = np.full(runs, -1)
    owner[order[: sets * size]] = np.repeat(np.arange(sets), size)
    chosen = owner == np.arange(sets)[:, None]
    ranks = mean_ranks(values, chosen)
    return _Partition(chosen, owner, order[sets * size :], ranks, _compare(ranks, ranks))


def _without_each_run(values: np.ndarray, part: _Partition, without: np.ndarray, size: int) -> np.ndarray:
    """(R, form, statistic) of one partition without run r."""
    runs, sets = len(values), len(part.ranks)
    against_whole = _compare(part.ranks, without)  # (B, R, 2)
    result = np.empty((runs, 2, 2))
    result[part.unused, 0] = part.pair_mean()
    result[part.unused, 1] = against_whole[:, part.unused].mean(0)
    used = np.flatnonzero(part.owner >= 0)
    owner = part.owner[used]
    others = owner[:, None] != np.arange(sets)  # (U, B)
    weights = others[..., None]
    total, own = sets * (sets - 1) / 2 * part.pair_mean(), (part.pairs[owner] * weights).sum(1)
    rest = (against_whole[:, used].transpose(1, 0, 2) * weights).sum(1)
    if size == 1:  # a set without its only run is gone
        result[used, 0] = (total - own) / ((sets - 1) * (sets - 2) / 2)
        result[used, 1] = rest / (sets - 1)
        return result
    kept = part.chosen[owner]
    kept[np.arange(len(used)), used] = False
    kept[:, part.unused[:1]] = True
    changed = mean_ranks(values, kept)
    new = (_compare(changed, part.ranks) * weights).sum(1)
    result[used, 0] = (total - own + new) / (sets * (sets - 1) / 2)
    result[used, 1] = (rest + _compare_rows(changed, without[used])) / sets
    return result


def _compare(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(A, B, 2): mean rank error and Spearman correlation of each row of ranks with each other row."""
    if len(b) > len(a):
        return _compare(b, a).transpose(1, 0, 2)
    result = np.empty((len(a), len(b), 2))
    for j, row in enumerate(b):
        result[:, j, 0] = _rank_error(a, row)
    result[..., 1] = correlate_ranks(a, b)
    return result


def _compare_rows(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(A, 2): mean rank error and Spearman correlation of row r of a with row r of b."""
    return np.column_stack([_rank_error(a, b), correlate_rank_rows(a, b)])


def _rank_error(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    work = np.subtract(a, b)
    np.abs(work, out=work)
    return work.mean(-1) / a.shape[-1]
