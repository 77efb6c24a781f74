"""The memorising mixture: recall, parameter counts, and its function of one variable against numpy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.theory import memorization
from study.theory.memorization import best_experts, fit_expert, memorise


def sample(points, width, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((points, width)), rng.choice([-1, 1], points), rng


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 400), st.integers(2, 20), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_every_label_is_recalled_and_every_number_counted(n, width, experts, seed):
    points, labels, rng = sample(n, width, seed)
    memory = memorise(points, labels, experts, rng)
    assert (np.sign(memory(points)) == labels).all()
    assert memory.total_parameters == 2 * n + 2 * experts * width
    cells = np.bincount(memory.route(points), minlength=experts)
    assert memory.active_parameters == experts * width + width + 2 * cells.max()


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_an_expert_is_the_interpolant_of_its_points(n, seed):
    points, labels, rng = sample(n, 5, seed)
    expert = fit_expert(points, labels, np.array([1.0, 0, 0, 0, 0]))
    order = np.argsort(points[:, 0])
    low, high = points[order[0], 0], points[order[-1], 0]
    probes = np.zeros((200, 5))
    probes[:, 0] = rng.uniform(low, high, 200)
    expected = np.interp(probes[:, 0], points[order, 0], labels[order])
    np.testing.assert_allclose(expert(probes), expected, atol=1e-6)


def test_both_ways_to_evaluate_agree(monkeypatch):
    points, labels, rng = sample(2000, 6, 3)
    expert = fit_expert(points, labels, rng.standard_normal(6))
    summed = expert(points)
    monkeypatch.setattr(memorization, "_SUMMED_UP_TO", 10)
    np.testing.assert_allclose(expert(points), summed, atol=1e-5)


def test_a_cell_of_twenty_thousand_points_is_recalled():
    points, labels, rng = sample(20_000, 4, 0)
    assert (np.sign(memorise(points, labels, 1, rng)(points)) == labels).all()


def test_an_empty_cell_is_no_error():
    points = np.abs(np.random.default_rng(0).standard_normal((5, 3)))
    memory = memorise(points, np.array([1, -1, 1, 1, -1]), 50, np.random.default_rng(1))
    assert (np.sign(memory(points)) == [1, -1, 1, 1, -1]).all()
    assert min(expert.parameters for expert in memory.experts) == 3


def test_two_labels_for_one_point_are_refused():
    with pytest.raises(ValueError, match="same projection"):
        fit_expert(np.ones((2, 3)), np.array([1, -1]), np.ones(3))


def test_the_best_number_of_experts_is_where_the_derivative_vanishes():
    n, width = 50_000, 32
    active = {k: k * width + width + 2 * n / k for k in range(1, 400)}
    assert min(active, key=active.get) == pytest.approx(best_experts(n, width), abs=1)
