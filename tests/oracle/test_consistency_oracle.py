"""Consistency tables against loops over exact fractions, runs left out one at a time."""

import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis import consistency


def slow_ranks(row):
    return [1 + sum(v < x for v in row) + Fraction(sum(v == x for v in row) - 1, 2) for x in row]


def slow_errors(matrix, inclusive=False):
    """|rank_r(i) - rank_ref(i)| / N of every run, as a list of lists."""
    errors = []
    for r, row in enumerate(matrix):
        reference_runs = [other for s, other in enumerate(matrix) if inclusive or s != r]
        reference = [
            Fraction(sum(column), len(reference_runs)) for column in zip(*reference_runs, strict=True)
        ]
        pairs = zip(slow_ranks(row), slow_ranks(reference), strict=True)
        errors.append([abs(a - b) / len(row) for a, b in pairs])
    return errors


def mean(values):
    values = list(values)
    return float(sum(values)) / len(values)


def slow_spearman(matrix):
    n = len(matrix)
    return mean(stats.spearmanr(matrix[r], matrix[s]).statistic for r in range(n) for s in range(r))


STATISTICS = {
    "spearman": slow_spearman,
    "rank_error_median": lambda m: mean(statistics.median(e) for e in slow_errors(m)),
    "rank_error_mean": lambda m: mean(mean(e) for e in slow_errors(m)),
    "rank_error_median_inclusive": lambda m: mean(statistics.median(e) for e in slow_errors(m, True)),
    "rank_error_mean_inclusive": lambda m: mean(mean(e) for e in slow_errors(m, True)),
    "tied_share": lambda m: mean(mean(row.count(v) > 1 for v in row) for row in m),
}


def slow_interval(statistic, matrix):
    runs = len(matrix)
    value = statistic(matrix)
    left_out = [statistic(matrix[:r] + matrix[r + 1 :]) for r in range(runs)]
    scale = np.arctanh if statistic is slow_spearman else np.asarray
    left_out = scale(np.clip(left_out, -1 + 1e-12, 1 - 1e-12))
    error = np.sqrt((runs - 1) / runs * np.square(left_out - left_out.mean()).sum())
    centre = scale(np.clip(value, -1 + 1e-12, 1 - 1e-12))
    half = stats.t.ppf(0.975, runs - 1) * error
    back = np.tanh if statistic is slow_spearman else np.asarray
    return value, float(back(centre - half)), float(back(centre + half))


def check_summary(tables, matrix):
    table = tables({"s": np.array(matrix, dtype=float)}).summary.set_index("statistic")
    for name, statistic in STATISTICS.items():
        expected = slow_interval(statistic, matrix)
        assert tuple(table.loc[name, ["estimate", "low", "high"]]) == pytest.approx(expected, abs=1e-9), name


def check_examples(function, matrix):
    expected = [mean(column) for column in zip(*slow_errors(matrix), strict=True)]
    assert function(np.array(matrix, dtype=float)) == pytest.approx(expected, abs=1e-12)


def check_bins(tables, matrix):
    """Rank error by thirds of the mean score, with runs left out but bins kept."""
    total = [sum(column) for column in zip(*matrix, strict=True)]
    bins = [min(2, int((rank - Fraction(1, 2)) * 3 / len(total))) for rank in slow_ranks(total)]
    table = tables({"s": np.array(matrix, dtype=float)}, quantiles=3).quantiles
    for b in range(3):
        members = [i for i, own in enumerate(bins) if own == b]
        assert table.examples[b] == len(members)
        if members:
            expected = slow_interval(
                lambda m, members=members: mean(e[i] for e in slow_errors(m) for i in members), matrix
            )
            assert tuple(table.loc[b, ["estimate", "low", "high"]]) == pytest.approx(expected, abs=1e-9)
            assert table.mean_score[b] == pytest.approx(mean(total[i] for i in members) / len(matrix))


MATRICES = st.tuples(st.integers(3, 5), st.integers(4, 9)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(-3, 3), min_size=shape[1], max_size=shape[1]).filter(lambda r: len(set(r)) > 1),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@settings(max_examples=20, deadline=None)
@given(MATRICES)
def test_against_loops(matrix):
    check_summary(consistency.consistency_tables, matrix)
    check_examples(consistency.example_rank_error, matrix)
    check_bins(consistency.consistency_tables, matrix)


def test_the_table_by_run_against_numpy():
    matrix = np.random.default_rng(0).standard_normal((5, 40))
    table = consistency.consistency_tables({"s": matrix}).runs
    for r in range(5):
        rest = np.delete(matrix, r, axis=0).mean(0)
        errors = np.abs(stats.rankdata(matrix[r]) - stats.rankdata(rest)) / 40
        assert table.spearman[r] == pytest.approx(stats.spearmanr(matrix[r], rest).statistic)
        assert table.rank_error_median[r] == pytest.approx(np.median(errors))
        assert table.rank_error_p95[r] == pytest.approx(np.percentile(errors, 95))


FIXED = [[1, 2, 2, 5, 0, 3], [2, 1, 0, 4, 4, 3], [0, 3, 1, 5, 2, 2], [1, 1, 3, 2, 0, 5]]


def with_run_included(values):
    return np.repeat(
        consistency.mean_ranks(values, np.ones((1, len(values)), dtype=bool)), len(values), axis=0
    )


def with_first_ranks(values):
    return np.argsort(np.argsort(values, axis=1, kind="stable"), axis=1) + 1.0


MUTANTS = [
    ("_references", with_run_included),
    ("average_ranks", with_first_ranks),
    ("all_but", lambda runs, *left_out: np.ones((len(left_out[0]), runs), dtype=bool)),
    ("tied_share", lambda values: np.array([1 - len(set(row)) / len(row) for row in values])),
]


@pytest.mark.parametrize(("name", "mutant"), MUTANTS)
def test_mutants_are_caught(name, mutant, monkeypatch):
    check_summary(consistency.consistency_tables, FIXED)
    monkeypatch.setattr(consistency, name, mutant)
    with pytest.raises(AssertionError):
        check_summary(consistency.consistency_tables, FIXED)


def test_a_mutant_of_the_bins_is_caught(monkeypatch):
    check_bins(consistency.consistency_tables, FIXED)
    monkeypatch.setattr(
        consistency, "quantile_bins", lambda ranks, q: (ranks * q / len(ranks)).astype(int) % q
    )
    with pytest.raises(AssertionError):
        check_bins(consistency.consistency_tables, FIXED)


def check_groups(tables):
    """24 runs in twelve pairs; the mean of all stands for the effect on that of the others."""
    rng = np.random.default_rng(3)
    signal, scale = rng.standard_normal(400), np.exp(0.4 * rng.standard_normal((24, 1)))
    values = signal + scale * rng.standard_normal((24, 400))
    found = tables({"s": values}).summary.set_index("statistic")
    for name, inclusive in (("rank_error_median", False), ("rank_error_median_inclusive", True)):
        left_out = [
            np.mean(list(medians(np.delete(values, group, axis=0), inclusive)))
            for group in np.arange(24).reshape(12, 2)
        ]
        half = stats.t.ppf(0.975, 11) * np.sqrt(11 * np.var(left_out))
        assert found.high[name] - found.estimate[name] == pytest.approx(half, rel=0.1 - 0.0999 * inclusive)
        assert found.n[name] == 24


def medians(values, inclusive):
    """Median rank error of every run, as floats."""
    for r, row in enumerate(values):
        rest = values if inclusive else np.delete(values, r, axis=0)
        yield np.median(np.abs(stats.rankdata(row) - stats.rankdata(rest.mean(0)))) / len(row)


def test_many_runs_are_left_out_in_groups(monkeypatch):
    check_groups(consistency.consistency_tables)
    singly = consistency.deletion_groups
    monkeypatch.setattr(consistency, "deletion_groups", lambda runs: singly(runs)[:6])
    with pytest.raises(AssertionError):
        check_groups(consistency.consistency_tables)
