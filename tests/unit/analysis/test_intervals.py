"""Intervals: edges, shapes and what is undefined."""

import numpy as np
import pytest

from study.analysis import intervals
from study.analysis.intervals import (
    Estimate,
    corrected_interval,
    detectable,
    in_quadrature,
    jackknife,
    jackknife_pairs,
    jackknife_runs,
    jackknife_samples,
    paired_interval,
    percentiles,
)


def test_numbers_come_back_as_numbers_and_arrays_keep_their_shape():
    one = jackknife(2.0, np.array([1.0, 2.0, 3.0]))
    assert [type(field) for field in one] == [float, float, float, int, float]
    many = jackknife(np.zeros((2, 3)), np.ones((4, 2, 3)))
    assert all(np.shape(field) == (2, 3) for field in many) and (many.n == 4).all()


@pytest.mark.parametrize("runs", [0, 1, 2])
def test_too_few_runs_have_no_interval(runs):
    estimate = jackknife(0.5, np.full(runs, 0.5))
    assert estimate.estimate == 0.5 and estimate.n == runs
    assert np.isnan([estimate.low, estimate.high, estimate.detectable]).all()


def test_an_undefined_left_out_value_undoes_the_interval_only():
    estimate = jackknife(0.5, np.array([0.4, np.nan, 0.5, 0.6]))
    assert estimate.estimate == 0.5 and np.isnan(estimate.low) and np.isnan(estimate.high)


def test_correlations_stay_within_bounds_even_where_runs_agree_exactly():
    estimate = jackknife(0.99, np.array([0.9, 0.999, 0.9999, 0.99]), correlation=True)
    assert -1 <= estimate.low < 0.99 < estimate.high <= 1
    exact = jackknife_pairs(np.ones((5, 5)), correlation=True)
    assert exact.estimate == 1 and exact.low == pytest.approx(1) and exact.high == pytest.approx(1)
    assert exact.detectable == 0


def test_several_samples_keep_shapes_bounds_and_what_is_undefined():
    rng = np.random.default_rng(0)
    many = jackknife_samples(np.zeros(3), [rng.normal(size=(4, 3)), rng.normal(size=(5, 3))])
    assert all(np.shape(field) == (3,) for field in many) and (many.n == 9).all()
    high = jackknife_samples(0.99, [np.array([0.9, 0.999, 0.99]), np.array([0.99] * 4)], correlation=True)
    assert -1 <= high.low < 0.99 < high.high <= 1 and type(high.low) is float
    undefined = jackknife_samples(0.5, [np.array([0.4, np.nan, 0.5]), np.ones(3)])
    assert undefined.estimate == 0.5 and np.isnan(undefined.low)
    unmoved = jackknife_samples(0.5, [np.full(3, 0.5), np.full(4, 0.5)])
    assert unmoved.estimate == 0.5 and np.isnan(unmoved.low) and np.isnan(unmoved.detectable)


def test_half_widths_add_in_squares_on_each_side():
    found = in_quadrature(Estimate(1.0, 0.7, 1.6, 9, 0.3), Estimate(1.0, 0.6, 1.8, 500, 0.4))
    assert found == pytest.approx((1.0, 0.5, 2.0, 9, 0.5))


def test_undefined_pairs_are_left_out_and_counted():
    pairs = np.full((4, 4), 0.5)
    pairs[1, :] = pairs[:, 1] = np.nan
    estimate = jackknife_pairs(pairs)
    assert estimate.estimate == 0.5 and estimate.n == 3
    nothing = jackknife_pairs(np.full((4, 4), np.nan))
    assert np.isnan(nothing.estimate) and nothing.n == 0


def test_the_diagonal_does_not_matter():
    pairs = np.random.default_rng(0).uniform(size=(5, 5))
    other = pairs + np.diag(np.full(5, 100.0))
    assert jackknife_pairs(pairs) == jackknife_pairs(other)


def test_any_statistic_of_runs():
    matrix = np.random.default_rng(0).standard_normal((6, 9))
    estimate = jackknife_runs(lambda runs: runs.mean(0), matrix)
    assert np.allclose(estimate.estimate, matrix.mean(0)) and estimate.low.shape == (9,)


def test_paired_differences_at_the_edges():
    assert np.isnan(paired_interval(np.array([])).estimate)
    one = paired_interval(np.array([3.0]))
    assert one.estimate == 3 and np.isnan(one.low) and one.n == 1
    same = paired_interval(np.full(4, 2.0))
    assert (same.low, same.high, same.detectable) == (2, 2, 0)
    assert paired_interval(np.ones((5, 2))).low.shape == (2,)


def test_repeated_splits_are_wider_than_independent_pairs():
    differences = np.random.default_rng(0).standard_normal(10)
    corrected, naive = corrected_interval(differences, 1 / 3), paired_interval(differences)
    assert corrected.estimate == naive.estimate
    assert corrected.high - corrected.low > 1.5 * (naive.high - naive.low)
    assert corrected_interval(differences, 0.0) == naive


def test_percentiles_leave_out_resamples_where_the_statistic_is_undefined():
    values = np.random.default_rng(0).standard_normal(200)
    with_gaps = np.insert(values, [3, 50], np.nan)
    assert percentiles(0.1, with_gaps, 20) == percentiles(0.1, values, 20)
    expected = (0.1, *np.quantile(values, [0.025, 0.975]), 20)
    assert percentiles(0.1, values, 20)[:4] == pytest.approx(expected)
    assert np.isnan(percentiles(0.1, np.full(200, np.nan), 20).low)
    assert np.isnan(percentiles(0.1, values, 1).low)


def test_detectable_falls_with_more_units():
    effects = [detectable(1.0, freedom) for freedom in (1, 4, 11, 99)]
    assert effects == sorted(effects, reverse=True) and effects[-1] == pytest.approx(2.83, abs=0.01)
    assert np.isnan(intervals.detectable(1.0, np.nan))
