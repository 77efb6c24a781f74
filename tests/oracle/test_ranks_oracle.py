"""Ranks, Spearman matrices and normal scores against scipy and brute force, ties and all."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis import ranks

# Small integers tie often; float32 and float64 come from the same draws.
MATRICES = st.tuples(st.integers(2, 5), st.integers(3, 12)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(-3, 3), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def slow_rank(row, i):
    """1 + number of smaller values + half the number of equal others."""
    return 1 + sum(v < row[i] for v in row) + sum(v == row[i] for j, v in enumerate(row) if j != i) / 2


def check_ranks(function, rows):
    expected = [[slow_rank(row, i) for i in range(len(row))] for row in rows]
    assert function(np.array(rows, dtype=float)).tolist() == expected


def check_spearman(function, rows):
    actual = function(np.array(rows, dtype=float))
    for i, a in enumerate(rows):
        for j, b in enumerate(rows):
            if len(set(a)) == 1 or len(set(b)) == 1:
                assert math.isnan(actual[i, j])
            else:
                assert actual[i, j] == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


def check_normal_scores(function, rows):
    normal = NormalDist()
    expected = [
        [normal.inv_cdf((slow_rank(row, i) - 3 / 8) / (len(row) + 1 / 4)) for i in range(len(row))]
        for row in rows
    ]
    np.testing.assert_allclose(function(np.array(rows, dtype=float)), expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(MATRICES)
def test_against_oracles(rows):
    check_ranks(ranks.average_ranks, rows)
    check_spearman(ranks.spearman_matrix, rows)
    check_normal_scores(ranks.normal_scores, rows)


AWKWARD = [0.0, -0.0, np.inf, -np.inf, 1e-300, -1e-300, 5e-324, 1.0, np.nextafter(1, 2), -1.0, 3.0, -2.5]


def check_long_rows(function):
    """Rows that are sorted by their bits: signs, zeros, subnormal and infinite values, ties, constants."""
    rng = np.random.default_rng(0)
    rows = [rng.choice(AWKWARD, 300), rng.standard_normal(300), np.full(300, -2.0), rng.integers(-3, 3, 300)]
    for kind in (np.float64, np.float32):
        with np.errstate(over="ignore"):
            matrix = np.array(rows, dtype=kind)
        assert (function(matrix) == stats.rankdata(matrix.astype(float), axis=1)).all()


def test_long_rows_against_scipy(monkeypatch):
    monkeypatch.setattr(ranks, "_LONG", 1)
    check_long_rows(ranks.average_ranks)
    wrong = ranks._radix_order
    monkeypatch.setattr(ranks, "_radix_order", lambda row: wrong(np.abs(row)))  # the sign forgotten
    with pytest.raises(AssertionError):
        check_long_rows(ranks.average_ranks)


def test_large_untied_matrix_against_scipy():
    values = np.random.default_rng(0).standard_normal((6, 4000)).astype(np.float32)
    expected = stats.spearmanr(values, axis=1).statistic
    np.testing.assert_allclose(ranks.spearman_matrix(values), expected, atol=1e-12)
    np.testing.assert_allclose(ranks.spearman_matrix(values[:2], values[2:]), expected[:2, 2:], atol=1e-12)


TIED = [[1, 1, 2, 5, 5, 5], [3, 1, 2, 2, 0, 1]]
MUTANTS = [
    (check_ranks, lambda m: stats.rankdata(m, method="min", axis=1)),
    (check_ranks, lambda m: np.argsort(np.argsort(m, axis=1, kind="stable"), axis=1) + 1.0),
    (check_ranks, lambda m: stats.rankdata(m, axis=1) - 1),
    (check_ranks, lambda m: stats.rankdata(m).reshape(m.shape)),
    (check_spearman, lambda m: np.corrcoef(m)),
    (check_spearman, lambda m: np.corrcoef(stats.rankdata(m, method="min", axis=1))),
    (check_normal_scores, lambda m: stats.norm.ppf(stats.rankdata(m, axis=1) / (m.shape[1] + 1))),
    (check_normal_scores, lambda m: stats.zscore(stats.rankdata(m, axis=1), axis=1)),
]


@pytest.mark.parametrize(("check", "mutant"), MUTANTS)
def test_mutants_are_caught(check, mutant):
    with pytest.raises(AssertionError):
        check(mutant, TIED)
