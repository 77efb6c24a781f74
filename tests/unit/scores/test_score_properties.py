"""What holds of pointwise scores for any logits, and of forgetting for any history of right and wrong."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from study.scores.forgetting import EpochForgetting, PresentationForgetting
from study.scores.pointwise import pointwise_scores

LOGITS = arrays(
    np.float32, st.tuples(st.integers(1, 6), st.integers(2, 6)), elements=st.floats(-99, 99, width=32)
)
HISTORIES = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 7)))  # epochs × examples


@settings(deadline=None)
@given(LOGITS)
def test_scores_of_all_labels_agree_with_each_other(logits):
    n, classes = logits.shape
    of = [pointwise_scores(logits, np.full(n, label)) for label in range(classes)]
    by = {name: np.array([scores[name] for scores in of]) for name in of[0]}  # (classes, n)
    np.testing.assert_allclose(by["confidence"].sum(axis=0), 1)
    np.testing.assert_allclose(np.exp(-by["loss"]), by["confidence"], rtol=1e-9, atol=1e-300)
    np.testing.assert_array_equal(by["accuracy"].sum(axis=0), 1)  # ties have one winner
    assert (by["accuracy"].argmax(axis=0) == logits.argmax(axis=1)).all()
    np.testing.assert_allclose(by["max_confidence"], by["confidence"].max(axis=0) + np.zeros((classes, n)))
    entropy = (by["confidence"] * by["loss"]).sum(axis=0)
    np.testing.assert_allclose(by["entropy"], entropy + np.zeros((classes, n)), rtol=1e-6, atol=1e-12)
    assert (by["entropy"] <= np.log(classes) + 1e-12).all()
    assert (by["margin"] <= by["confidence"]).all() and (np.abs(by["margin"]) <= 1).all()
    assert (by["el2n"] <= 2**0.5 + 1e-12).all()
    wrong = by["accuracy"] == 0
    assert (by["aum"][wrong] <= 0).all() and (by["aum"][~wrong] >= 0).all()
    # Squares over classes: ‖p − e_y‖² = ‖p‖² − 2 p_y + 1.
    squares = (by["confidence"] ** 2).sum(axis=0) - 2 * by["confidence"] + 1
    np.testing.assert_allclose(by["el2n"] ** 2, squares, atol=1e-12)


@settings(deadline=None)
@given(HISTORIES, st.integers(1, 4), st.integers(0, 9), st.randoms(use_true_random=False))
def test_minibatches_their_order_and_an_interruption_do_not_change_forgetting(history, size, stop, random):
    epochs, n = history.shape
    whole, parts = PresentationForgetting(n, epochs), PresentationForgetting(n, epochs)
    for epoch, correct in enumerate(history):
        whole.update(np.arange(n), correct)
        order = np.array(random.sample(range(n), n))
        for start in range(0, n, size):
            chosen = order[start : start + size]
            parts.update(chosen, correct[chosen])
        if epoch == stop:
            state, parts = parts.state(), PresentationForgetting(n, epochs)
            parts.load_state(state)
    for name, values in whole.columns().items():
        np.testing.assert_array_equal(parts.columns()[name], values)


@settings(deadline=None)
@given(HISTORIES)
def test_readings_of_a_history_agree_with_each_other(history):
    epochs, n = history.shape
    evaluated, presented = EpochForgetting(n, epochs), PresentationForgetting(n, epochs)
    for correct in history:
        evaluated.update(correct)
        presented.update(np.arange(n), correct)
    a = evaluated.columns() | presented.columns()
    np.testing.assert_array_equal(a["forgetting"], a["forgetting_epoch"])
    learned = history.any(axis=0)
    np.testing.assert_array_equal(a["never_learned"], ~learned)
    np.testing.assert_array_equal(a["forgetting"] == epochs + 1, ~learned)
    assert (a["forgetting"][learned] <= epochs // 2).all()
    assert (a["first_learned"] <= a["consistently_learned"]).all()
    once = learned & (a["forgetting"] == 0)
    np.testing.assert_array_equal(a["unforgettable"] == 1, once)
    np.testing.assert_array_equal(a["first_learned"][once], a["consistently_learned"][once])
    # What was forgotten and is right at the end was learned once more often than it was forgotten.
    learnings = (history & ~np.vstack([np.zeros((1, n), bool), history[:-1]])).sum(axis=0)
    np.testing.assert_array_equal(learnings[learned], (a["forgetting"] + history[-1])[learned])
