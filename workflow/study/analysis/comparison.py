"""Every example tested between groups of runs, and the shares of examples that pass.

Differences are tested on values of one scale (within-run normal scores, or raw), equivalence on within-run
ranks as a share of the number of examples. With all runs models are compared as they are. At equal n every
model's runs are halved at random: first halves are compared between models, and a model's first half against
its second is the null, as the same number of runs stands on either side.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from study.analysis.shares import Share, Tally
from study.analysis.welch import Difference, Moments, difference, equivalence_test, moments, welch_test

LEVEL = 0.05  # of the false discovery rate, and of each test by itself
MARGIN = 0.05  # two models are equivalent on an example if their ranks differ by less, as a share of N
_JACKKNIFE = 20  # groups of runs at most: a recomputation each
# No t-distribution puts less than LEVEL beyond the first on two sides, nor beyond the second on one.
_LEAST_T, _LEAST_T_ONE_SIDED = 1.959, 1.644

Groups = Sequence[np.ndarray]  # an (R, N) matrix of each model
Pairs = tuple[np.ndarray, np.ndarray]  # (P,) places of the models on either side
Key = tuple[str, str]  # scale and statistic
RANK = "rank"  # the scale of equivalence


def compared(one: Moments, pairs: Pairs, other: Moments | None = None) -> Difference:
    """Differences of the groups pairs[0] of `one` and pairs[1] of `other` (of `one` if not given)."""
    return difference(one.take(pairs[0]), (other or one).take(pairs[1]))


def differing(diff: Difference) -> tuple[np.ndarray, np.ndarray]:
    """(P, N) booleans: which p-values are ≤ LEVEL, and which pass it as a false discovery rate."""
    return _passing(diff, np.abs(diff.mean) >= _LEAST_T * diff.error, lambda part: welch_test(part)[1])


def equivalent(diff: Difference) -> tuple[np.ndarray, np.ndarray]:
    """As `differing`, for equivalence within MARGIN."""
    candidates = MARGIN - np.abs(diff.mean) >= _LEAST_T_ONE_SIDED * diff.error
    return _passing(diff, candidates, lambda part: equivalence_test(part, MARGIN))


def discoveries(p: np.ndarray, tests: int) -> np.ndarray:
    """Which tests pass a false discovery rate of LEVEL.

    Source: Benjamini and Hochberg 1995, *Controlling the false discovery rate* (JRSS B 57).

    Args:
        p: p-values (n,), all those that are at most LEVEL among them; larger ones cannot pass.
        tests: how many there were.
    """
    order = np.argsort(p, kind="stable")
    passing = np.flatnonzero(p[order] * (tests / np.arange(1, len(p) + 1)) <= LEVEL)
    found = np.zeros(len(p), dtype=bool)
    found[order[: passing[-1] + 1 if len(passing) else 0]] = True
    return found


def shares_with_all_runs(scales: Mapping[str, Groups], ranks: Groups, pairs: Pairs) -> dict[Key, Share]:
    """Shares of examples that differ and that are equivalent, of each pair, with all runs of the models.

    Returns:
        (scale, "share_sensitive"), and for the ranks "share_equivalent" (false discovery rate) and
        "share_equivalent_singly" (each test by itself at LEVEL).
    """
    groups = min(_JACKKNIFE, *(len(matrix) for matrix in ranks))
    full, parts = Tally(), Tally()
    for tally, omitted in [(full, None), *((parts, group) for group in range(groups))]:
        kept = [_all_but(len(matrix), groups, omitted) for matrix in ranks]
        for scale, matrices in scales.items():
            tally.add((scale, "share_sensitive"), differing(compared(_of(matrices, kept), pairs))[1])
        singly, together = equivalent(compared(_of(ranks, kept), pairs))
        tally.add((RANK, "share_equivalent"), together)
        tally.add((RANK, "share_equivalent_singly"), singly)
    return {
        key: Share.without_each_group(full.by_example(key), parts.replicates(key)) for key in full.statistics
    }


def _all_but(runs: int, groups: int, omitted: int | None) -> np.ndarray | slice:
    """Places of a model's runs without the omitted one of as many groups, about equally large."""
    return slice(None) if omitted is None else np.flatnonzero(np.arange(runs) * groups // runs != omitted)


def shares_at_equal_n(
    scales: Mapping[str, Groups], ranks: Groups, pairs: Pairs, rng: np.random.Generator, draws: int
) -> tuple[dict[Key, Share], dict[Key, Share], dict[tuple[str, str], np.ndarray]]:
    """The same with half the runs on either side, and within models; means over draws of the halves.

    Returns:
        Of each pair: "share_sensitive_equal_n", "null_share" (mean of the two models against themselves),
        "excess" (their difference), "share_equivalent_equal_n". Of each model against itself:
        "share_sensitive", "share_below_level" (p ≤ LEVEL by itself), "share_equivalent". And p-values of the
        first draw: (scale, "between_equal_n") and (scale, "within").
    """
    runs = min(len(matrix) for matrix in ranks)
    n, models = runs // 2, np.arange(len(ranks))
    between, null, p = Tally(), Tally(), {}
    for draw in range(draws):
        orders = [rng.permutation(len(matrix)) for matrix in ranks]
        halves = [[order[part] for order in orders] for part in (slice(0, n), slice(n, 2 * n))]
        for scale, matrices in scales.items():
            one, other = (_of(matrices, half) for half in halves)
            # Pairs of models see first halves only: the spread over draws then is that of half samples.
            across, within = compared(one, pairs), compared(one, (models, models), other)
            between.add((scale, "share_sensitive_equal_n"), differing(across)[1])
            below, together = differing(within)
            null.add((scale, "share_sensitive"), together)
            null.add((scale, "share_below_level"), below)
            if draw == 0:
                p[scale, "between_equal_n"], p[scale, "within"] = welch_test(across)[1], welch_test(within)[1]
        one, other = (_of(ranks, half) for half in halves)
        between.add((RANK, "share_equivalent_equal_n"), equivalent(compared(one, pairs))[1])
        null.add((RANK, "share_equivalent"), equivalent(compared(one, (models, models), other))[1])
    weight = n / (runs - n)
    of_pairs, of_models = (
        {key: tally.mean(key, weight) for key in tally.statistics} for tally in (between, null)
    )
    for scale in scales:
        own = of_models[scale, "share_sensitive"].take(np.stack(pairs))
        of_pairs[scale, "null_share"] = own
        of_pairs[scale, "excess"] = of_pairs[scale, "share_sensitive_equal_n"].minus(own)
    return of_pairs, of_models, p


def _of(matrices: Groups, kept: Sequence[np.ndarray | slice]) -> Moments:
    return moments([matrix[runs] for matrix, runs in zip(matrices, kept, strict=True)])


def _passing(
    diff: Difference, candidates: np.ndarray, p_value: Callable[[Difference], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """p-values are slow: they are computed for candidates only, the others being above LEVEL for certain."""
    part = Difference(diff.mean[candidates], diff.error[candidates], diff.freedom[candidates])
    p = p_value(part)
    singly, together = np.zeros((2, *candidates.shape), dtype=bool)
    singly[candidates], together[candidates] = p <= LEVEL, discoveries(p, candidates.size)
    return singly, together
