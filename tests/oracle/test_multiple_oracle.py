"""Holm's adjustment against the procedure as its author states it; wrong formulas must be told apart."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from study.analysis import multiple

LEVELS = [0.001, 0.01, 0.0125, 0.02, 0.05, 0.1, 0.3, 0.7]


def rejected_step_by_step(p, level):
    """Reject the smallest p while it is within level / (hypotheses left); stop at the first that is not."""
    left, rejected = list(range(len(p))), set()
    while left:
        smallest = min(left, key=lambda i: p[i])
        if p[smallest] * len(left) > level:
            break
        rejected.add(smallest)
        left.remove(smallest)
    return rejected


def check(p):
    adjusted = multiple.holm(np.array(p))
    for level in LEVELS:
        assert {i for i, value in enumerate(adjusted) if value <= level} == rejected_step_by_step(p, level)


def bonferroni(p):
    return np.minimum(p * len(p), 1)


def step_up(p):
    """Hochberg's: right for independent tests only."""
    order = np.argsort(p)[::-1]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum.accumulate(p[order] * np.arange(1, len(p) + 1))
    return adjusted


def not_monotone(p):
    adjusted = np.empty_like(p)
    adjusted[np.argsort(p)] = np.sort(p) * np.arange(len(p), 0, -1)
    return adjusted


CASES = [[0.01, 0.02, 0.03], [0.03, 0.04, 0.045], [0.0009, 0.2, 0.01, 0.01, 0.04], [0.3], [0.01, 0.9, 0.02]]
SIXTEENTHS = st.integers(0, 16).map(lambda k: k / 16)


@pytest.mark.parametrize("p", CASES)
def test_the_same_are_rejected_as_step_by_step(p):
    check(p)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=8))
@example([])
def test_any_p_values(p):
    # Products that fall on a level to the last bit may round to either side of it.
    if all(abs(value * m - level) > 1e-12 for value in p for m in range(1, 9) for level in LEVELS):
        check(p)


@pytest.mark.parametrize("wrong", [bonferroni, step_up, not_monotone])
def test_mutants_are_caught(monkeypatch, wrong):
    monkeypatch.setattr(multiple, "holm", wrong)
    with pytest.raises(AssertionError):
        for p in CASES:
            check(p)


@given(st.lists(SIXTEENTHS, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_does_not_matter_and_no_test_counts_as_none(p, shuffle):
    order = list(range(len(p)))
    shuffle.shuffle(order)
    adjusted = multiple.holm(np.array(p))
    np.testing.assert_array_equal(multiple.holm(np.array(p)[order]), adjusted[order])
    with_gaps = multiple.holm(np.array([[np.nan, *p]]))
    assert np.isnan(with_gaps[0, 0])
    np.testing.assert_array_equal(with_gaps[0, 1:], adjusted)


@pytest.mark.parametrize("p", [[-0.1], [1.1], [np.inf]])
def test_what_is_no_p_value_is_refused(p):
    with pytest.raises(ValueError, match="within 0 and 1"):
        multiple.holm(np.array(p))
