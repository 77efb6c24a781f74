"""Every example tested between groups of runs: between models with all their runs, and at equal n.

At equal n every model's runs are halved at random. First halves are compared between models; a model's first
half against its second is the null, as the same number of runs stands on either side.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control

from study.analysis.welch import Moments, difference, equivalence_test, moments, welch_test

LEVEL = 0.05  # of the false discovery rate, and of each equivalence test
MARGIN = 0.05  # two models are equivalent on an example if their ranks differ by less, as a share of N


@dataclass(frozen=True)
class Comparison:
    """Tests of P pairs of groups, each array (P, N)."""

    t: np.ndarray
    p: np.ndarray
    q: np.ndarray
    rank_difference: np.ndarray
    p_equivalence: np.ndarray

    @property
    def sensitive(self) -> np.ndarray:
        return self.q <= LEVEL

    @property
    def equivalent(self) -> np.ndarray:
        return self.p_equivalence <= LEVEL


def compare(
    normal: Moments,
    ranks: Moments,
    first: np.ndarray,
    second: np.ndarray,
    other: tuple[Moments, Moments] | None = None,
) -> Comparison:
    """Groups `first` against groups `second` of the same moments, or of `other` (normal, ranks) if given."""
    other_normal, other_ranks = other or (normal, ranks)
    t, p = welch_test(difference(normal.take(first), other_normal.take(second)))
    by_rank = difference(ranks.take(first), other_ranks.take(second))
    q = false_discovery_control(p, axis=None).reshape(p.shape)
    return Comparison(t, p, q, by_rank.mean, equivalence_test(by_rank, MARGIN))


@dataclass(frozen=True)
class EqualN:
    """Shares at equal n, by draw: pairs of models (D, P), a model against itself (D, M)."""

    n: int
    runs: int
    sensitive: np.ndarray
    equivalent: np.ndarray
    null_sensitive: np.ndarray
    null_equivalent: np.ndarray
    null_below: np.ndarray
    by_example: np.ndarray  # (2, N) mean over draws of the share of pairs, and of models, that are sensitive
    first_between: Comparison
    first_null: Comparison

    @classmethod
    def drawn(
        cls,
        normal: list[np.ndarray],
        ranks: list[np.ndarray],
        pairs: tuple[np.ndarray, np.ndarray],
        rng: np.random.Generator,
        draws: int,
    ) -> "EqualN":
        """Compares random halves of each model's (R, N) runs, on both scales, `draws` times."""
        runs = min(len(matrix) for matrix in normal)
        n, models = runs // 2, np.arange(len(normal))
        shares, by_example, kept = [], np.zeros((2, normal[0].shape[1])), None
        for _ in range(draws):
            orders = [rng.permutation(len(matrix)) for matrix in normal]
            one, other = (
                tuple(
                    moments([matrix[order[part]] for matrix, order in zip(scale, orders, strict=True)])
                    for scale in (normal, ranks)
                )
                for part in (slice(0, n), slice(n, 2 * n))
            )
            # Pairs of models see first halves only: the spread over draws then is that of half samples.
            between, null = compare(*one, *pairs), compare(*one, models, models, other)
            kept = kept or (between, null)
            by_example += [between.sensitive.mean(axis=0), null.sensitive.mean(axis=0)]
            tables = (between.sensitive, between.equivalent, null.sensitive, null.equivalent, null.p <= LEVEL)
            shares.append([table.mean(axis=1) for table in tables])
        stacked = [np.stack(column) for column in zip(*shares, strict=True)]
        return cls(n, runs, *stacked, by_example / draws, *kept)
