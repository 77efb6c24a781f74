"""Intervals against explicit recomputation, scipy and simulated coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis import intervals


def explicit_jackknife(statistic, matrix):
    """Recompute without each run, one at a time; half-width by scipy's t."""
    runs = len(matrix)
    values = [statistic(np.delete(matrix, r, axis=0)) for r in range(runs)]
    centre = sum(values) / runs
    error = ((runs - 1) / runs * sum((v - centre) ** 2 for v in values)) ** 0.5
    estimate = statistic(matrix)
    half = stats.t.ppf(0.975, runs - 1) * error
    return estimate, estimate - half, estimate + half


def mean_pair(function):
    """Mean over ordered pairs of different rows, by two loops."""

    def statistic(matrix):
        rows = range(len(matrix))
        values = [function(matrix[r], matrix[s]) for r in rows for s in rows if r != s]
        return sum(values) / len(values)

    return statistic


def gap(a, b):
    return float(np.abs(a - 2 * b).mean())


def check_jackknife(function, matrix):
    expected = explicit_jackknife(lambda m: float(np.median(m.mean(0))), matrix)
    assert function(lambda m: float(np.median(m.mean(0))), matrix)[:3] == pytest.approx(expected, rel=1e-9)


def check_pairs(function, matrix):
    pairs = np.array([[gap(a, b) for b in matrix] for a in matrix])
    expected = explicit_jackknife(mean_pair(gap), matrix)
    assert function(pairs)[:3] == pytest.approx(expected, rel=1e-9)


def check_paired(function, differences):
    expected = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert function(differences)[1:3] == pytest.approx(tuple(expected), rel=1e-9)


def check_corrected(function, differences):
    n = len(differences)
    variance = sum((d - sum(differences) / n) ** 2 for d in differences) / (n - 1)
    half = stats.t.ppf(0.975, n - 1) * ((1 / n + 0.25) * variance) ** 0.5
    result = function(differences, 0.25)
    assert result.high - result.estimate == pytest.approx(half, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 7), st.integers(1, 9), st.integers(0, 1000))
def test_against_explicit_recomputation(runs, examples, seed):
    matrix = np.random.default_rng(seed).standard_normal((runs, examples))
    check_jackknife(intervals.jackknife_runs, matrix)
    check_pairs(intervals.jackknife_pairs, matrix)
    check_paired(intervals.paired_interval, matrix[:, 0])
    check_corrected(intervals.corrected_interval, matrix[:, 0])


def test_the_mean_has_its_textbook_interval():
    values = np.random.default_rng(0).standard_normal((9, 1))
    expected = stats.ttest_1samp(values[:, 0], 0).confidence_interval(0.95)
    assert intervals.jackknife_runs(lambda m: float(m.mean()), values)[1:3] == pytest.approx(tuple(expected))


def test_the_bootstrap_of_a_mean_is_near_its_standard_error():
    values = np.random.default_rng(0).exponential(size=400)
    resampled = np.random.default_rng(1).choice(values, (2000, 400)).mean(1)
    result = intervals.percentiles(values.mean(), resampled, 400)
    assert (result.high - result.low) / 2 == pytest.approx(1.96 * stats.sem(values), rel=0.1)


@pytest.mark.parametrize("freedom", [4, 11, 99])
def test_the_detectable_effect_is_found_four_times_in_five(freedom):
    n = freedom + 1
    effect = intervals.detectable(1 / n**0.5, freedom)
    critical = stats.t.ppf(0.975, freedom)
    power = stats.nct.sf(critical, freedom, effect * n**0.5)
    assert power == pytest.approx(0.8, abs=0.02)


def test_the_jackknife_covers_where_a_bootstrap_over_runs_is_biased():
    """Mean correlation of pairs of runs: a bootstrap pairs a run with its own copy and moves upwards."""
    rng = np.random.default_rng(0)
    covered, shifts = 0, []
    for _ in range(150):
        runs = rng.standard_normal(60) * np.ones((8, 1)) + 0.5 * rng.standard_normal((8, 60))
        pairs = np.corrcoef(runs)
        result = intervals.jackknife_pairs(pairs, correlation=True)
        shifts.append(np.mean([boot_mean(pairs, rng) for _ in range(5)]) - result.estimate)
        signal = runs.mean(0)
        covered += result.low <= conditional_truth(signal) <= result.high
    assert np.mean(shifts) > 0.02
    assert covered / 150 > 0.85


def boot_mean(pairs, rng):
    chosen = rng.integers(0, len(pairs), len(pairs))
    sample = pairs[np.ix_(chosen, chosen)]
    return sample[~np.eye(len(pairs), dtype=bool)].mean()


def conditional_truth(signal):
    """Runs of these very examples: the signal's own variance stands in the correlation, not that of all."""
    variance = signal.var() - 0.25 / 8
    return variance / (variance + 0.25)


def too_narrow(statistic, matrix):
    left_out = np.array([statistic(np.delete(matrix, r, axis=0)) for r in range(len(matrix))])
    half = stats.t.ppf(0.975, len(matrix) - 1) * left_out.std(ddof=1) / len(matrix) ** 0.5
    value = statistic(matrix)
    return value, value - half, value + half


def keeps_the_diagonal(pairs):
    return intervals.jackknife(
        pairs.mean(), np.array([np.delete(np.delete(pairs, r, 0), r, 1).mean() for r in range(len(pairs))])
    )


MATRIX = np.random.default_rng(5).standard_normal((6, 5))
MUTANTS = [
    (check_jackknife, too_narrow, MATRIX),
    (check_pairs, keeps_the_diagonal, MATRIX),
    (check_pairs, lambda pairs: intervals.jackknife_pairs(np.triu(pairs)), MATRIX),
    (check_paired, lambda d: (0, *stats.norm.interval(0.95, d.mean(), stats.sem(d)), 0), MATRIX[:, 0]),
    (check_corrected, lambda d, _: intervals.corrected_interval(d, 0.0), MATRIX[:, 0]),
]


@pytest.mark.parametrize(("check", "mutant", "values"), MUTANTS)
def test_mutants_are_caught(check, mutant, values):
    with pytest.raises(AssertionError):
        check(mutant, values)
