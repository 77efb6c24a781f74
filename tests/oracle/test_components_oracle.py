"""Components against a singular value decomposition, explicit left-out runs and planted factors."""

import numpy as np
import pytest
from scipy import stats

from study.analysis import components


def standard(scores, signs):
    """Columns of normal scores of the means, mean 0, variance 1, one at a time by scipy."""
    columns = []
    for name, matrix in scores.items():
        ranks = stats.rankdata(np.atleast_2d(matrix).mean(0))
        column = stats.norm.ppf((ranks - 0.375) / (len(ranks) + 0.25)) * signs[name]
        columns.append(stats.zscore(column))
    return np.array(columns).T


def slow_shares(scores, signs):
    singular = np.linalg.svd(standard(scores, signs), compute_uv=False)
    return singular**2 / (singular**2).sum()


def check_variance(table, scores, signs):
    found = table(scores, signs, np.random.default_rng(0), 20, ()).query("list == 'all'")
    shares = slow_shares(scores, signs)
    assert found.estimate.to_numpy() == pytest.approx(shares, abs=1e-10)
    runs = max(len(matrix) for matrix in scores.values())
    left_out = np.array(
        [
            slow_shares({k: m if len(m) == 1 else np.delete(m, r, axis=0) for k, m in scores.items()}, signs)
            for r in range(runs)
        ]
    )
    half = stats.t.ppf(0.975, runs - 1) * np.sqrt((runs - 1) * left_out.var(0))
    assert (found.high - found.estimate).to_numpy() == pytest.approx(half, abs=1e-10)


def check_loadings(table, scores, signs):
    """A loading is the correlation of the score with the examples' values on the component."""
    found = table(scores, signs, ()).query("list == 'all'")
    matrix = standard(scores, signs)
    _, _, vectors = np.linalg.svd(matrix, full_matrices=False)
    for component, vector in enumerate(vectors, 1):
        expected = np.array([np.corrcoef(column, matrix @ vector)[0, 1] for column in matrix.T])
        expected *= 1 if expected.sum() >= 0 else -1
        actual = found[found.component == component].estimate.to_numpy()
        assert actual == pytest.approx(expected, abs=1e-8)


def check_loading_intervals(table, scores, signs):
    """The first component of tables with each run gone, turned to the side of the whole table's."""
    found = table(scores, signs, ()).query("list == 'all' and component == 1")

    def first(matrices):
        matrix = standard(matrices, signs)
        _, _, vectors = np.linalg.svd(matrix, full_matrices=False)
        values = np.array([np.corrcoef(column, matrix @ vectors[0])[0, 1] for column in matrix.T])
        return values if values.sum() >= 0 else -values

    runs = max(len(matrix) for matrix in scores.values())
    left_out = [
        first({k: m if len(m) == 1 else np.delete(m, r, axis=0) for k, m in scores.items()})
        for r in range(runs)
    ]
    half = stats.t.ppf(0.975, runs - 1) * np.sqrt((runs - 1) * np.var(np.arctanh(left_out), axis=0))
    assert (np.arctanh(found.high) - np.arctanh(found.estimate)).to_numpy() == pytest.approx(half, abs=1e-8)


def random_scores(seed=0, runs=4, examples=60):
    rng = np.random.default_rng(seed)
    base = rng.standard_normal((3, examples))
    scores = {f"s{i}": np.exp(base[i % 3] + 0.8 * rng.standard_normal((runs, examples))) for i in range(5)}
    return scores | {"whole": base[:1]}, dict.fromkeys([*scores, "whole"], 1) | {"s1": -1}


@pytest.mark.parametrize("seed", range(3))
def test_against_singular_values(seed):
    scores, signs = random_scores(seed)
    check_variance(components.variance_table, scores, signs)
    check_loadings(components.loading_table, scores, signs)
    check_loading_intervals(components.loading_table, scores, signs)


def planted(factors, strength=1.0, count=12, examples=400, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((count, examples))
    if factors:
        signal = rng.standard_normal((factors, examples))
        values += strength * signal[np.arange(count) % factors]
    return {f"s{i}": row[None] for i, row in enumerate(values)}


def number_real(scores, seed=0):
    signs = dict.fromkeys(scores, 1)
    return int(components.variance_table(scores, signs, np.random.default_rng(seed), 60, ()).real.sum())


def check_planted():
    assert [number_real(planted(k)) for k in (1, 2, 3)] == [1, 2, 3]
    assert max(number_real(planted(0, seed=s)) for s in range(8)) <= 1
    assert sum(number_real(planted(0, seed=s)) for s in range(8)) <= 2


def test_parallel_analysis_counts_planted_components_and_none_in_noise():
    check_planted()


def test_permuted_columns_look_like_independent_ones():
    scores = planted(1)
    table = components.variance_table(
        scores, dict.fromkeys(scores, 1), np.random.default_rng(0), 200, ()
    ).query("list == 'all'")
    rng = np.random.default_rng(1)
    tables = (np.corrcoef(rng.standard_normal((12, 400))) for _ in range(200))
    expected = np.quantile([np.linalg.eigvalsh(t)[::-1] / 12 for t in tables], 0.95, axis=0)
    assert table.null.to_numpy() == pytest.approx(expected, rel=0.03)


class OneOrder:
    """Permutes all columns alike, which keeps their relations."""

    def permuted(self, columns, axis):
        return columns[:, np.random.default_rng(0).permutation(columns.shape[1])]


def test_mutants_are_caught(monkeypatch):
    scores, signs = random_scores()
    with monkeypatch.context() as patch:
        patch.setattr(components, "normal_scores", lambda values: values)
        with pytest.raises(AssertionError):
            check_variance(components.variance_table, scores, signs)
    with monkeypatch.context() as patch:
        patch.setattr(components, "_loadings", lambda c: np.linalg.eigh(c)[1][:, ::-1])
        with pytest.raises(AssertionError):
            check_loadings(components.loading_table, scores, signs)
    with monkeypatch.context() as patch:
        patch.setattr(components, "deletion_groups", lambda runs: [np.array([0])] * runs)
        with pytest.raises(AssertionError):
            check_variance(components.variance_table, scores, signs)


def test_a_null_that_keeps_relations_is_caught(monkeypatch):
    original = components._null_shares
    monkeypatch.setattr(components, "_null_shares", lambda c, g, n: original(c, OneOrder(), n))
    with pytest.raises(AssertionError):
        check_planted()


def test_a_null_without_order_of_components_is_caught(monkeypatch):
    monkeypatch.setattr(components, "_null_shares", lambda c, g, n: np.full(len(c), 1 / len(c)))
    with pytest.raises(AssertionError):
        check_planted()
