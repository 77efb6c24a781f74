"""Strategies: what each takes, by brute force; and what none may do."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from study.selection.strategies import OF_ALL_SCORES, STRATEGIES, WITHOUT_SCORE, Candidates, chosen

SCORED = [name for name in STRATEGIES if name not in WITHOUT_SCORE]


@st.composite
def pools(draw):
    """Candidates with ties, and a size."""
    n = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    scores = tuple(rng.integers(0, draw(st.integers(1, 8)), n) / 4 for _ in range(2))
    pool = Candidates(rng.integers(0, 4, n), rng.integers(1, 9, n), scores)
    return pool, draw(st.integers(0, n)), int(rng.integers(10**6))


@pytest.mark.parametrize("name", STRATEGIES)
@given(case=pools())
def test_as_many_as_asked_for_once_each_and_always_the_same(name, case):
    pool, size, seed = case
    found = chosen(name, pool, size, np.random.default_rng(seed))
    assert len(found) == size == len(set(found.tolist()))
    assert set(found.tolist()) <= set(range(len(pool.domains)))
    again = chosen(name, pool, size, np.random.default_rng(seed))
    assert found.tolist() == again.tolist()


@pytest.mark.parametrize(
    "name", [name for name in STRATEGIES if name not in ("stratified", "top_of_domains", "frequent")]
)
def test_a_score_that_carries_nothing_chooses_at_random(name):
    n, size, draws = 12, 3, 4000
    pool = Candidates(np.arange(n) % 3, np.ones(n), (np.ones(n), np.ones(n)))
    rng = np.random.default_rng(0)
    counts = np.zeros(n)
    pairs = np.zeros((n, n))
    for _ in range(draws):
        taken = chosen(name, pool, size, rng)
        counts[taken] += 1
        for a, b in itertools.permutations(taken, 2):
            pairs[a, b] += 1
    assert stats.chisquare(counts).pvalue > 1e-4
    if name != "deciles":  # no two of a tenth
        assert stats.chisquare(pairs[np.triu_indices(n, 1)]).pvalue > 1e-4


@given(case=pools())
def test_tops_bottoms_and_middles(case):
    pool, size, seed = case
    score, n = pool.scores[0], len(pool.domains)
    for name, sign in (("top", 1), ("bottom", -1)):
        found = sign * score[chosen(name, pool, size, np.random.default_rng(seed))]
        assert found.tolist() == sorted(sign * score, reverse=True)[:size]
    for name, share in (("top_after_1", 0.01), ("top_after_5", 0.05), ("top_after_10", 0.1)):
        found = score[chosen(name, pool, size, np.random.default_rng(seed))]
        left = sorted(score, reverse=True)[round(share * n) :]
        assert found.tolist()[: len(left)] == left[:size]
    if len(set(score.tolist())) == n:
        order = np.argsort(-score).tolist()
        found = set(chosen("middle", pool, size, np.random.default_rng(seed)).tolist())
        far = [abs(order.index(place) - (n - 1) / 2) for place in range(n)]
        others = [far[place] for place in range(n) if place not in found]
        assert not found or not others or max(far[place] for place in found) <= min(others)


@given(case=pools())
def test_shares_of_domains_and_tenths(case):
    pool, size, seed = case
    n = len(pool.domains)
    for name in ("stratified", "top_of_domains"):
        taken = chosen(name, pool, size, np.random.default_rng(seed))
        for domain in set(pool.domains.tolist()):
            members = np.flatnonzero(pool.domains == domain)
            got = np.intersect1d(taken, members)
            assert abs(len(got) - size * len(members) / n) < 1
            if name == "top_of_domains":
                best = sorted(pool.scores[0][members], reverse=True)[: len(got)]
                assert sorted(pool.scores[0][got], reverse=True) == best
    distinct = pool._replace(scores=(np.random.default_rng(seed).permutation(n).astype(float),))
    taken = chosen("deciles", distinct, size, np.random.default_rng(seed))
    tenths = [(n - 1 - int(distinct.scores[0][place])) * 10 // n for place in taken]
    sizes = np.bincount(np.arange(n) * 10 // n, minlength=10)
    assert (np.abs(np.bincount(tenths, minlength=10) - size * sizes / n) < 1).all()


@given(case=pools())
def test_of_two_scores(case):
    """Of scores without ties: the sets by their definitions."""
    pool, size, seed = case
    n, rng = len(pool.domains), np.random.default_rng(seed)
    scores = (rng.permutation(n).astype(float), rng.permutation(n).astype(float))
    pool = pool._replace(scores=scores)
    tops = [[set(np.argsort(-score)[:m].tolist()) for m in range(n + 1)] for score in scores]
    both = set(chosen("intersection", pool, size, rng).tolist())
    m = next(m for m in range(n + 1) if len(tops[0][m] & tops[1][m]) >= size)
    assert both <= tops[0][m] & tops[1][m] and (not m or tops[0][m - 1] & tops[1][m - 1] <= both)
    either = set(chosen("union", pool, size, rng).tolist())
    m = next(m for m in range(n + 1) if len(tops[0][m] | tops[1][m]) >= size)
    assert either <= tops[0][m] | tops[1][m] and (not m or tops[0][m - 1] | tops[1][m - 1] <= either)
    means = sum(np.argsort(np.argsort(-score)) for score in scores)
    assert sorted(means[chosen("mean_rank", pool, size, rng)]) == sorted(means)[:size]


def test_frequency_weighs_as_its_logarithm():
    pool = Candidates(np.zeros(3, int), np.array([1, 100, 3]), (np.array([1.0, 0.2, 0.6]),))
    expected = np.argsort(-pool.scores[0] * np.log(1 + pool.frequency))
    assert chosen("frequent", pool, 3, np.random.default_rng(0)).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("name", "weights"),
    [("linear", [0.01, 0.5050, 1.0]), ("softmax", np.exp(np.array([-1, 0, 1]) / np.std([0, 1, 2])))],
)
def test_chances_of_the_first_and_of_the_second(name, weights):
    pool = Candidates(np.zeros(3, int), np.ones(3), (np.array([0.0, 1.0, 2.0]),))
    rng, draws, counts = np.random.default_rng(1), 20000, {}
    for _ in range(draws):
        first, second = chosen(name, pool, 2, rng).tolist()
        counts[first, second] = counts.get((first, second), 0) + 1
    w = np.array(weights) / np.sum(weights)
    for (first, second), seen in counts.items():
        chance = w[first] * w[second] / (1 - w[first])
        assert abs(seen / draws - chance) < 5 * np.sqrt(chance * (1 - chance) / draws)


def test_more_than_there_are_and_scores_that_are_no_numbers():
    pool = Candidates(np.zeros(3, int), np.ones(3), (np.array([0.0, np.nan, 2.0]),))
    with pytest.raises(ValueError, match="4 of 3"):
        chosen("random", pool, 4, np.random.default_rng(0))
    with pytest.raises(ValueError, match="not finite"):
        chosen("top", pool, 2, np.random.default_rng(0))
    assert set(OF_ALL_SCORES) < set(SCORED)
