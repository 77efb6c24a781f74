"""Selectors: what they choose, and that a choice of j is the beginning of a choice of k."""

from itertools import pairwise
from typing import get_args

import numpy as np
import pytest

from study.analysis.clumping import SUFFIX
from study.analysis.selectors import SELECTORS, by_balanced_p_value, by_loading, by_p_value
from study.config.fingerprint import SelectorName


def runs(seed=0, models=4, each=6, examples=40):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(models * each, examples)), np.repeat(np.arange(models), each)


def test_the_configuration_knows_every_selector_with_and_without_clumping():
    assert set(get_args(SelectorName)) == {*SELECTORS, *(f"{name}{SUFFIX}" for name in SELECTORS)}


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
    chosen = by_balanced_p_value(features, labels, 4, np.random.default_rng(0))
    assert chosen[0] < 5
    assert {5, 6} <= set(chosen)
    assert set(by_p_value(features, labels, 4, None)) < set(range(5))


def test_an_example_without_variance_does_not_settle_a_pair():
    features, labels = runs(2, models=2)
    features[:, 0] = labels
    features[:, 1] = np.where(labels == 0, 0.0, 5.0) + 0.01 * features[:, 1]
    for select in (by_p_value, by_balanced_p_value):
        assert select(features, labels, 2, np.random.default_rng(0)).tolist() == [0, 1]


@pytest.mark.parametrize("name", SELECTORS)
def test_labels_need_not_be_consecutive(name):
    features, labels = runs(3)
    seen = labels != 1
    again = np.unique(labels[seen], return_inverse=True)[1]
    one, other = (
        SELECTORS[name](features[seen], models, 5, np.random.default_rng(0))
        for models in (labels[seen], again)
    )
    assert one.tolist() == other.tolist()


@pytest.mark.parametrize("name", SELECTORS)
def test_a_constant_example_is_chosen_last_or_by_chance(name):
    features, labels = runs(4)
    features[:, 7] = 0.1 if name != "difficulty" else -9.0
    chosen = SELECTORS[name](features, labels, 39, np.random.default_rng(1))
    assert name == "random" or 7 not in chosen


def test_the_hardest_come_first():
    features, labels = runs(5)
    features[:, 11] += 9
    assert SELECTORS["difficulty"](features, labels, 1, None).tolist() == [11]


def test_loadings_do_not_know_the_models():
    features, labels = runs(6)
    shuffled = np.random.default_rng(0).permutation(labels)
    assert by_loading(features, labels, 9, None).tolist() == by_loading(features, shuffled, 9, None).tolist()


def test_random_examples_differ_by_stream():
    features, labels = runs()
    one, other = (SELECTORS["random"](features, labels, 10, np.random.default_rng(s)) for s in (0, 1))
    assert one.tolist() != other.tolist()
