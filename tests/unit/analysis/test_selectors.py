"""Selectors: what they choose, and that a choice of j is the beginning of a choice of k."""

from itertools import pairwise

import numpy as np
import pytest

from study.analysis.selectors import SELECTORS, by_p_value


def runs(seed=0, models=4, each=6, examples=40):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(models * each, examples)), np.repeat(np.arange(models), each)


@pytest.mark.parametrize("name", SELECTORS)
def test_choices_are_nested_and_distinct(name):
    features, labels = runs()
    choices = [SELECTORS[name](features, labels, k, np.random.default_rng(3)) for k in (1, 7, 40)]
    for fewer, more in pairwise(choices):
        assert fewer.tolist() == more[: len(fewer)].tolist()
    assert sorted(choices[-1]) == list(range(40))


def test_the_smallest_p_comes_first_and_every_pair_gets_its_own():
    features, labels = runs(1)
    features[:, :8] *= 0.1
    features[labels == 3, :5] += 10  # five examples name model 3, each at smaller p than …
    features[labels == 1, 5] += 2  # … the one that names model 1 …
    features[labels == 2, 6] += 2  # … and the one that names model 2
    chosen = by_p_value(features, labels, 4, np.random.default_rng(0))
    assert chosen[0] < 5
    assert {5, 6} <= set(chosen)


def test_an_example_without_variance_does_not_settle_a_pair():
    features, labels = runs(2, models=2)
    features[:, 0] = labels
    features[:, 1] = np.where(labels == 0, 0.0, 5.0) + 0.01 * features[:, 1]
    assert by_p_value(features, labels, 2, np.random.default_rng(0)).tolist() == [0, 1]


def test_labels_need_not_be_consecutive():
    features, labels = runs(3)
    without = labels != 1
    same = by_p_value(features[without], np.unique(labels[without], return_inverse=True)[1], 5, None)
    assert by_p_value(features[without], labels[without], 5, None).tolist() == same.tolist()


def test_random_examples_differ_by_stream():
    features, labels = runs()
    one, other = (SELECTORS["random"](features, labels, 10, np.random.default_rng(s)) for s in (0, 1))
    assert one.tolist() != other.tolist()
