"""Splits, subsamples and label noise: exact in number, fair, and the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from study.data.noise import flip_labels
from study.data.splits import held_out, stratified, subsample
from study.seeds import generator

some_labels = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(np.array)


@hypothesis_settings(max_examples=100, deadline=None)
@given(labels=some_labels, fraction=st.floats(0, 1), classes=st.integers(5, 7), seed=st.integers(0, 99))
def test_noise_moves_exactly_the_share_to_other_classes(labels, fraction, classes, seed):
    before = labels.copy()
    noisy = flip_labels(labels, fraction, classes, np.random.default_rng(seed))
    assert (noisy != labels).sum() == round(len(labels) * fraction)
    assert noisy.dtype == np.int64 and noisy.min() >= 0 and noisy.max() < classes
    np.testing.assert_array_equal(labels, before)


def test_noise_is_uniform_over_the_other_classes():
    labels = np.full(30_000, 2)
    counts = np.bincount(flip_labels(labels, 1.0, 4, np.random.default_rng(0)), minlength=4)
    assert counts[2] == 0
    # Standard deviation of each count is 82: four of them.
    assert np.abs(counts[[0, 1, 3]] - 10_000).max() < 330


@hypothesis_settings(max_examples=100, deadline=None)
@given(labels=some_labels, share=st.floats(0, 1), seed=st.integers(0, 99))
def test_a_stratified_draw_keeps_class_shares(labels, share, seed):
    count = int(share * len(labels))
    rows = stratified(labels, count, np.random.default_rng(seed))
    assert len(rows) == count and (np.diff(rows) > 0).all()
    drawn, exact = (
        np.bincount(labels[rows], minlength=5),
        np.bincount(labels, minlength=5) * count / len(labels),
    )
    assert np.abs(drawn - exact).max() < 1
    np.testing.assert_array_equal(rows, stratified(labels, count, np.random.default_rng(seed)))


def test_every_example_of_a_class_can_be_drawn_equally_often():
    labels = np.repeat([0, 1], [10, 30])
    drawn = np.zeros(40)
    for seed in range(500):
        drawn[stratified(labels, 20, np.random.default_rng(seed))] += 1
    # Each is drawn with chance 1/2: standard deviation 11.
    assert np.abs(drawn - 250).max() < 50


@hypothesis_settings(max_examples=60, deadline=None)
@given(labels=some_labels, fraction=st.floats(0.01, 0.99))
def test_held_out_rows_and_the_rest_make_the_whole(labels, fraction):
    train, test = held_out(labels, fraction, np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(labels)))
    assert fraction * len(labels) - 1e-6 <= len(test) < fraction * len(labels) + 1


def test_a_share_that_is_whole_but_for_rounding_is_not_rounded_up():
    assert 100 * 0.07 > 7  # in floating point
    assert len(held_out(np.zeros(100, int), 0.07, np.random.default_rng(0))[1]) == 7


def test_a_subsample_is_of_the_rows_that_may_be_drawn():
    labels = np.tile([0, 1], 50)
    rows = np.arange(20, 80)
    kept = subsample(rows, labels, 10, generator(0), "train_examples", "here")
    assert set(kept) <= set(rows) and labels[kept].sum() == 5
    assert subsample(rows, labels, None, generator(0), "train_examples", "here") is rows


def test_too_few_examples(refused):
    rows = np.arange(4)
    refused(
        lambda: subsample(rows, rows, 5, generator(0), "train_examples", "data set own, split train"),
        what="train_examples asks for 5 examples, and there are 4",
        where="data set own, split train",
        expected="at most 4",
        do="lower train_examples",
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_other_seeds_draw_other_rows(seed):
    labels = np.tile([0, 1], 50)
    assert set(stratified(labels, 20, generator(0))) != set(stratified(labels, 20, generator(seed)))
