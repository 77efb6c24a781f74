"""Correlation tables against scipy in loops over runs, each left out in turn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis import correlation


def rho(a, b):
    return np.corrcoef(stats.rankdata(a), stats.rankdata(b))[0, 1]


def mean_mean(a, b):
    return rho(a.mean(0), b.mean(0))


def mean_run(a, b):
    return np.mean([rho(np.delete(a, r, axis=0).mean(0), b[r]) for r in range(len(a))])


def run_run(a, b):
    return np.mean([rho(a[r], b[s]) for r in range(len(a)) for s in range(len(a)) if r != s])


def same_run(a, b):
    return np.mean([rho(a[r], b[r]) for r in range(len(a))])


def disattenuated(a, b):
    return run_run(a, b) / np.sqrt(run_run(a, a) * run_run(b, b))


STATISTICS = {f.__name__: f for f in (mean_mean, mean_run, run_run, same_run, disattenuated)}


def expected_row(kind, a, b):
    statistic, runs = STATISTICS[kind], len(a)
    values = np.array([statistic(np.delete(a, r, axis=0), np.delete(b, r, axis=0)) for r in range(runs)])
    estimate = statistic(a, b)
    if kind == "disattenuated":
        half = stats.t.ppf(0.975, runs - 1) * np.sqrt((runs - 1) * values.var())
        return estimate, estimate - half, estimate + half
    z = np.arctanh(np.clip(values, -1 + 1e-12, 1 - 1e-12))
    half = stats.t.ppf(0.975, runs - 1) * np.sqrt((runs - 1) * z.var())
    centre = np.arctanh(np.clip(estimate, -1 + 1e-12, 1 - 1e-12))
    return estimate, np.tanh(centre - half), np.tanh(centre + half)


def check(table, scores):
    rows = table(scores).set_index(["kind", "score_a", "score_b"])
    for kind in STATISTICS:
        for a, first in scores.items():
            for b, second in scores.items():
                actual = tuple(rows.loc[(kind, a, b), ["estimate", "low", "high"]])
                assert actual == pytest.approx(expected_row(kind, first, second), abs=1e-9), (kind, a, b)


def scores(runs, examples, seed):
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal(examples)
    shared = rng.standard_normal((runs, examples))
    matrices = {"a": signal + 0.5 * shared, "b": 2 * signal - shared}
    # Small whole numbers tie often; the signal keeps every reliability positive.
    matrices["c"] = np.round(4 * signal + rng.standard_normal((runs, examples)))
    return matrices


@settings(max_examples=2, deadline=None)
@given(st.integers(4, 6), st.integers(30, 40), st.integers(0, 999))
def test_against_loops(runs, examples, seed):
    check(correlation.correlation_table, scores(runs, examples, seed))


def test_examples_in_blocks_are_the_same(monkeypatch):
    monkeypatch.setattr(correlation, "_EXAMPLES_AT_ONCE", 7)
    check(correlation.correlation_table, scores(6, 30, 0))


def test_disattenuation_recovers_the_correlation_of_noiseless_scores():
    rng = np.random.default_rng(0)
    a = rng.standard_normal(4000)
    b = 0.6 * a + 0.8 * rng.standard_normal(4000)
    noisy = {"a": a + rng.standard_normal((6, 4000)), "b": b + 0.7 * rng.standard_normal((6, 4000))}
    table = correlation.correlation_table(noisy).set_index(["kind", "score_a", "score_b"]).estimate
    assert table["disattenuated", "a", "b"] == pytest.approx(rho(a, b), abs=0.02)
    assert table["run_run", "a", "b"] < rho(a, b) - 0.2


def swapped(table):
    """mean_run with its roles exchanged."""

    def mutant(scores):
        frame = table(scores)
        rows = frame.kind == "mean_run"
        names = frame.loc[rows, ["score_b", "score_a"]].to_numpy()
        frame.loc[rows, ["score_a", "score_b"]] = names
        return frame

    return mutant


def relabelled(table, wrong, right):
    """One kind's numbers given for another's."""

    def mutant(scores):
        frame = table(scores)
        fields = ["estimate", "low", "high"]
        frame.loc[frame.kind == right, fields] = frame.loc[frame.kind == wrong, fields].to_numpy()
        return frame

    return mutant


TABLE = correlation.correlation_table
MUTANTS = [
    swapped(TABLE),
    relabelled(TABLE, "same_run", "run_run"),
    relabelled(TABLE, "mean_mean", "mean_run"),
]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_caught(mutant):
    with pytest.raises(AssertionError):
        check(mutant, scores(4, 30, 1))


def test_a_mean_that_keeps_the_run_is_caught(monkeypatch):
    monkeypatch.setattr(
        correlation, "all_but", lambda runs, *left_out: np.ones((len(left_out[0]), runs), dtype=bool)
    )
    with pytest.raises(AssertionError):
        check(correlation.correlation_table, scores(4, 30, 1))


def without_groups(statistic, a, b, groups):
    values = np.array([statistic(np.delete(a, g, axis=0), np.delete(b, g, axis=0)) for g in groups])
    z = np.arctanh(values)
    count = len(groups)
    return stats.t.ppf(0.975, count - 1) * np.sqrt((count - 1) * z.var())


def check_groups(table):
    """24 runs in twelve pairs; of `mean_run` the mean of all stands for that of the others."""
    matrices = {name: m for name, m in scores(24, 400, 2).items() if name != "c"}
    rows = table(matrices).set_index(["kind", "score_a", "score_b"])
    groups = np.arange(24).reshape(12, 2)
    for kind, near in (("mean_mean", 1e-9), ("mean_run", 0.15)):
        row = rows.loc[(kind, "a", "b")]
        half = without_groups(STATISTICS[kind], matrices["a"], matrices["b"], groups)
        assert np.arctanh(row.high) - np.arctanh(row.estimate) == pytest.approx(half, rel=near)


def test_many_runs_are_left_out_in_groups(monkeypatch):
    check_groups(correlation.correlation_table)
    anew = correlation._against_runs
    monkeypatch.setattr(correlation, "_against_runs", lambda means, ranks: anew(means[::-1], ranks))
    with pytest.raises(AssertionError):
        check_groups(correlation.correlation_table)
