"""Ways to choose from a pool: each puts all candidates in an order, of which the first are taken.

What counts equally comes in random order, so that a score that carries nothing chooses at random.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from study.data.splits import class_quotas

_DECILES = 10
_FLOOR = 0.01  # of the weights that a score is mapped to linearly; the largest is 1


class Candidates(NamedTuple):
    """N weakly labelled utterances, as far as strategies look at them."""

    domains: np.ndarray
    """(N,) int64, by their weak labels."""
    frequency: np.ndarray
    """(N,) how often each is said."""
    scores: tuple[np.ndarray, ...] = ()
    """(N,) each; high means worth adding."""


Strategy = Callable[[Candidates, int, np.random.Generator], np.ndarray]


def random(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Any."""
    return rng.permutation(len(pool.domains))


def stratified(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Any of each domain, in proportion to its share of the pool."""
    return _of_groups(pool.domains, size, rng.permutation(len(pool.domains)))


def top(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """The highest scores."""
    return _descending(pool.scores[0], rng)


def bottom(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """The lowest scores."""
    return _descending(-pool.scores[0], rng)


def middle(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Those nearest to the middle of the ranking."""
    ranks = _ranks(pool.scores[0], rng)
    return _descending(-np.abs(ranks - (len(ranks) - 1) / 2), rng)


def top_after(dropped: float) -> Strategy:
    """The highest scores, after the very highest, which may be highest for being wrong."""

    def choose(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
        order = _descending(pool.scores[0], rng)
        return np.roll(order, -round(dropped * len(order)))

    return choose


def deciles(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Any of each tenth of the ranking, equally many of each to within one."""
    ranks = _ranks(pool.scores[0], rng)
    return _of_groups(ranks * _DECILES // len(ranks), size, rng.permutation(len(ranks)))


def linear(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Drawn without replacement, with weights that rise linearly with the score, from `_FLOOR` to 1."""
    return _drawn(np.log(linear_weights(pool.scores[0], _FLOOR)), rng)


def softmax(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Drawn without replacement, with weights that rise as e to the score in standard deviations."""
    score = pool.scores[0]
    spread = score.std()
    return _drawn((score - score.mean()) / spread if spread > 0 else np.zeros(len(score)), rng)


def frequent(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """The highest products of the score, which is not negative, and log(1 + frequency)."""
    return _descending(pool.scores[0] * np.log1p(pool.frequency), rng)


def intersection(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Those that are among the highest of every score: the worst rank of each counts."""
    return _descending(-np.max([_places(score, rng) for score in pool.scores], axis=0), rng)


def union(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Those that are among the highest of some score: the best rank of each counts."""
    return _descending(-np.min([_places(score, rng) for score in pool.scores], axis=0), rng)


def mean_rank(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """The highest means of the ranks by every score."""
    return _descending(-np.mean([_places(score, rng) for score in pool.scores], axis=0), rng)


def top_of_domains(pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """The highest scores of each domain, in proportion to its share of the pool."""
    return _of_groups(pool.domains, size, _descending(pool.scores[0], rng))


STRATEGIES: dict[str, Strategy] = {
    "random": random,
    "stratified": stratified,
    "top": top,
    "bottom": bottom,
    "middle": middle,
    "top_after_1": top_after(0.01),
    "top_after_5": top_after(0.05),
    "top_after_10": top_after(0.1),
    "deciles": deciles,
    "linear": linear,
    "softmax": softmax,
    "frequent": frequent,
    "intersection": intersection,
    "union": union,
    "mean_rank": mean_rank,
    "top_of_domains": top_of_domains,
}
RANDOM = "random"
WITHOUT_SCORE = (RANDOM, "stratified")
OF_ALL_SCORES = ("intersection", "union", "mean_rank")


def chosen(strategy: str, pool: Candidates, size: int, rng: np.random.Generator) -> np.ndarray:
    """Positions of the `size` candidates that a strategy takes, in its order.

    Args:
        strategy: one of `STRATEGIES`.
        pool: N candidates, with one score; with two or more for those of `OF_ALL_SCORES`.
        size: how many to take, 0…N.
        rng: the stream that breaks ties and draws.

    Raises:
        ValueError: the pool is smaller, or a score is not finite.
    """
    if size > len(pool.domains):
        raise ValueError(f"{size} of {len(pool.domains)} candidates are asked for")
    if not all(np.isfinite(score).all() for score in pool.scores):
        raise ValueError("a score is not finite")
    return STRATEGIES[strategy](pool, size, rng)[:size]


def linear_weights(scores: np.ndarray, floor: float) -> np.ndarray:
    """Scores (N,) mapped linearly to weights from `floor` to 1; all 1 where they do not differ."""
    low, high = scores.min(), scores.max()
    return np.ones(len(scores)) if low == high else floor + (1 - floor) * (scores - low) / (high - low)


def _descending(score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Positions from the highest score to the lowest, equal ones in random order."""
    return np.lexsort((rng.permutation(len(score)), -score))


def _ranks(score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(N,) 0 for the highest score, N - 1 for the lowest; equal ones in random order."""
    ranks = np.empty(len(score), dtype=np.int64)
    ranks[_descending(score, rng)] = np.arange(len(score))
    return ranks


def _places(score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(N,) ranks as `_ranks`, of a score that does not vary all alike."""
    return _ranks(score, rng) if np.ptp(score) > 0 else np.zeros(len(score))


def _of_groups(groups: np.ndarray, size: int, order: np.ndarray) -> np.ndarray:
    """The first of each group in some order, as many as is its share of `size`; then the others."""
    values, sizes = np.unique(groups, return_counts=True)
    quotas = dict(zip(values.tolist(), class_quotas(sizes, size).tolist(), strict=True))
    first, others = [], []
    for place in order.tolist():
        group = int(groups[place])
        (first if quotas[group] else others).append(place)
        quotas[group] -= quotas[group] > 0
    return np.array(first + others, dtype=np.int64)


def _drawn(log_weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An order in which each next one is drawn in proportion to its weight among those that are left.

    Gumbel top-k: Kool, van Hoof and Welling 2019, arXiv 1903.06059, section 2.2.
    """
    return np.argsort(-(log_weights + rng.gumbel(size=len(log_weights))), kind="stable")
