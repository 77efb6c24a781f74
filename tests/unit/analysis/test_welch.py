"""Tests between groups of runs: what they say where nothing varies, and that they never say NaN."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.analysis.welch import difference, equivalence_test, hedges_g, moments, welch_test

LEFT, RIGHT = np.array([0]), np.array([1])


def compared(a, b):
    groups = moments([np.asarray(a, dtype=float), np.asarray(b, dtype=float)])
    left, right = groups.take(LEFT), groups.take(RIGHT)
    diff = difference(left, right)
    return diff, *(values[0] for values in (*welch_test(diff), hedges_g(left, right)))


def test_constants_are_certain():
    a = np.array([[0.1, 0.1, 2.0], [0.1, 0.1, 2.0], [0.1, 0.1, 2.0]])
    b = np.array([[0.1, 0.3, 1.0], [0.1, 0.3, 2.0]])
    diff, t, p, effect = compared(a, b)
    assert t[:2].tolist() == [0, -np.inf]
    assert p[:2].tolist() == [1, 0]
    assert effect[:2].tolist() == [0, -np.inf]
    assert 0 < p[2] < 1  # one side varies
    assert diff.freedom[0, 2] == pytest.approx(1)  # all the variance is that of two runs
    assert equivalence_test(diff, 0.05)[0, :2].tolist() == [0, 1]


def test_a_constant_that_rounds_is_still_constant():
    a, b = np.full((7, 1), 0.1), np.full((6, 1), 0.1)
    assert a.mean() != a[0, 0] or b.mean() != b[0, 0]
    assert compared(a, b)[2] == 1


def test_variances_too_small_to_square_keep_their_freedom():
    a = 1e-120 * np.array([[1.0], [2.0], [3.0]])
    diff, t, p, _ = compared(a, 10 * a)
    again, t_again, p_again, _ = compared(1e120 * a, 1e121 * a)
    assert diff.freedom == pytest.approx(again.freedom)
    assert (t, p) == (pytest.approx(t_again), pytest.approx(p_again))


def test_equivalence_on_the_margin_is_undecided():
    diff, *_ = compared([[0.0], [0.0]], [[0.5], [0.5]])
    assert equivalence_test(diff, 0.5) == 0.5


matrices = st.lists(
    st.lists(st.sampled_from([0.0, 1.0, 1.5, -3.0, 1e-200, 1e150]), min_size=3, max_size=3),
    min_size=2,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(matrices, matrices)
def test_never_nan_and_antisymmetric(a, b):
    diff, t, p, effect = compared(a, b)
    back, t_back, p_back, effect_back = compared(b, a)
    equal, equal_back = equivalence_test(diff, 0.05), equivalence_test(back, 0.05)
    for values in (t, p, effect, equal):
        assert not np.isnan(values).any()
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(t, -t_back)
    np.testing.assert_allclose(effect, -effect_back)
    np.testing.assert_allclose(p, p_back)
    np.testing.assert_allclose(equal, equal_back)
