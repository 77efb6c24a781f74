"""Pointwise scores: refusals, shapes, extremes, and one softmax for all."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.errors import StudyError
from study.scores import pointwise
from study.scores.pointwise import FUNCTIONS, pointwise_scores


def draw(n=50, c=5, seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal(0, 4, (n, c)).astype(np.float32), generator.integers(0, c, n)


def test_each_function_equals_its_entry():
    logits, labels = draw()
    scores = pointwise_scores(logits, labels)
    assert list(scores) == [
        "loss",
        "accuracy",
        "confidence",
        "max_confidence",
        "entropy",
        "margin",
        "aum",
        "el2n",
    ]
    for name, values in scores.items():
        function = getattr(pointwise, name)
        assert (function(logits, labels) == values).all()
        assert values.dtype == np.float64 and values.shape == (50,)
        assert list(inspect.signature(function).parameters) == ["logits", "labels"] and function.__doc__


def test_softmax_is_computed_once(monkeypatch):
    calls = []
    shared = pointwise.predictions
    monkeypatch.setattr(pointwise, "predictions", lambda *a: calls.append(1) or shared(*a))
    pointwise_scores(*draw())
    assert len(calls) == 1


def test_adding_a_score_is_one_function(monkeypatch):
    monkeypatch.setattr(pointwise, "FUNCTIONS", dict(FUNCTIONS))

    @pointwise.pointwise_score
    def runner_up_logit(o):
        return o.of(o.logits, o.runner_up)

    logits, labels = draw()
    assert (pointwise_scores(logits, labels)["runner_up_logit"] == runner_up_logit(logits, labels)).all()
    assert "runner_up_logit" not in FUNCTIONS


def test_inputs_are_left_alone_and_layout_does_not_matter():
    logits, labels = draw()
    logits = logits.astype(np.float64)
    before, expected = logits.copy(), pointwise_scores(logits, labels)
    columns_first = pointwise_scores(np.asfortranarray(logits), labels.astype(np.int32))
    assert (logits == before).all()
    assert all((columns_first[name] == expected[name]).all() for name in expected)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 99), st.floats(-1e3, 1e3), st.permutations(range(5)))
def test_shift_and_order_of_classes_do_not_matter(seed, shift, order):
    logits, labels = draw(seed=seed)
    scores = pointwise_scores(logits, labels)
    moved = pointwise_scores(logits[:, order].astype(float) + shift, np.argsort(order)[labels])
    for name, values in scores.items():
        np.testing.assert_allclose(moved[name], values, rtol=1e-8, atol=1e-11, err_msg=name)


def test_extreme_logits_are_finite_and_in_range():
    logits = np.array([[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4], [0, 0], [-1e4, -1e4]])
    scores = pointwise_scores(logits, np.zeros(5, int))
    assert all(np.isfinite(values).all() for values in scores.values())
    assert scores["loss"].tolist() == pytest.approx([0, 2e4, np.log(2), np.log(2), np.log(2)])
    assert scores["el2n"].tolist() == pytest.approx([0, 2**0.5, 0.5**0.5, 0.5**0.5, 0.5**0.5])
    assert scores["accuracy"].tolist() == [1, 0, 1, 1, 1]
    assert not any(np.signbit(scores[name]).any() for name in ("loss", "entropy", "el2n"))


def test_confident_examples_do_not_tie():
    scores = pointwise_scores(np.stack([np.linspace(40, 80, 9), np.zeros(9)], axis=1), np.zeros(9, int))
    for name in ("loss", "entropy", "el2n"):
        assert (np.diff(scores[name]) < 0).all(), name


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_non_finite_logits_are_refused_with_count_and_row(bad):
    logits, labels = draw()
    logits[[7, 7, 31], [0, 1, 2]] = bad
    with pytest.raises(StudyError, match="2 of 50") as caught:
        pointwise_scores(logits, labels)
    assert "row 7" in caught.value.where


def test_other_misuse_is_refused():
    with pytest.raises(StudyError, match="two classes"):
        pointwise_scores(np.zeros((3, 1)), np.zeros(3, int))
    for label in (-1, 2):
        with pytest.raises(StudyError, match="1 of 2") as caught:
            pointwise_scores(np.zeros((2, 2)), np.array([0, label]))
        assert f"row 1: label {label}" in caught.value.where
    with pytest.raises(ValueError, match="not \\(N, C\\)"):
        pointwise_scores(np.zeros((2, 2)), np.zeros(3, int))


def test_no_examples_give_no_scores():
    assert all(v.shape == (0,) for v in pointwise_scores(np.zeros((0, 3)), np.zeros(0, int)).values())


def test_squared_el2n_ranks_a_run_alike_but_not_a_mean_of_runs():
    # One example with steady errors, one with an error in one run only.
    runs = [np.array([[0.0, 0.4], [0.0, 3.0]]), np.array([[0.0, 0.4], [9.0, 0.0]])]
    el2n = np.array([pointwise.el2n(logits, np.zeros(2, int)) for logits in runs])
    assert (np.argsort(el2n, axis=1) == np.argsort(el2n**2, axis=1)).all()
    assert np.argmax(el2n.mean(axis=0)) == 0 and np.argmax((el2n**2).mean(axis=0)) == 1
