"""The pool, step by step, on utterances by hand and at random."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.selection.pool import (
    DEFECT,
    KEPT,
    TWICE,
    UNSAID,
    UNSURE,
    Hypotheses,
    frequencies,
    funnel,
    reasons,
    right,
    signalled,
    zipf_chances,
)

TRUTH = Hypotheses(
    np.array([0, 0, 1, 1]), np.array(["a", "b", "c", "c"]), ["O B-x", "O", "O", "B-y"], np.ones(4)
)
WEAK = Hypotheses(
    np.array([0, 1, 1, 1]),
    np.array(["a", "c", "c", "d"]),
    ["O B-x", "O", "B-z", "B-y"],
    np.array([0.9, 0.5, 0.95, 0.7]),
)


def test_where_hypotheses_are_right():
    found = {name: mask.tolist() for name, mask in right(TRUTH, WEAK).items()}
    assert found == {
        "domain": [True, False, True, True],
        "intent": [True, False, True, False],
        "slots": [True, True, False, True],
        "all": [True, False, False, False],
    }
    without = right(TRUTH._replace(slots=None), WEAK._replace(slots=None))
    assert set(without) == {"domain", "intent", "all"} and without["all"].tolist() == [
        True,
        False,
        True,
        False,
    ]


def test_the_first_step_that_drops_an_utterance_is_named():
    frequency = np.array([0, 2, 1, 3, 1, 1])
    confidence = np.array([0.1, 0.8, 0.95, 0.9, 0.95, 0.99])
    defects = np.array([True, True, True, False, False, False])
    texts = ["a", "b", "c", "d", "e", "d"]
    found = reasons(frequency, confidence, defects, 0.9, texts)
    assert found.tolist() == [UNSAID, UNSURE, DEFECT, KEPT, KEPT, TWICE]
    assert reasons(frequency, confidence, defects, 0.9)[-1] == KEPT
    dropped_first = reasons(np.array([1, 1]), np.array([0.5, 1.0]), np.zeros(2, bool), 0.9, ["d", "d"])
    assert dropped_first.tolist() == [UNSURE, KEPT]  # the one that is left is no repetition


def test_the_funnel_counts_what_each_step_leaves():
    correct = right(TRUTH, WEAK)
    table = funnel(np.array([KEPT, UNSURE, DEFECT, KEPT], dtype=object), np.array([5, 1, 1, 2]), correct)
    assert table["step"].tolist() == ["", UNSAID, UNSURE, DEFECT, TWICE]
    assert table["utterances"].tolist() == [4, 4, 3, 2, 2] and table["said"].tolist() == [9, 9, 8, 7, 7]
    assert table["right_domain"].tolist() == pytest.approx([3 / 4, 3 / 4, 1, 1, 1])
    assert table["right_all"].tolist() == pytest.approx([1 / 4, 1 / 4, 1 / 3, 1 / 2, 1 / 2])
    nothing = funnel(np.full(4, UNSURE, dtype=object), np.ones(4, int), correct)
    assert nothing["utterances"].iloc[-1] == 0 and pd.isna(nothing["right_all"].iloc[-1])


@given(seed=st.integers(0, 10**6), n=st.integers(1, 50), said=st.integers(0, 500))
def test_traffic_holds_what_it_is_asked_to(seed, n, said):
    rng = np.random.default_rng(seed)
    chances = zipf_chances(n, rng)
    assert sorted(chances, reverse=True) == [1 / rank for rank in range(1, n + 1)]
    found = frequencies(chances, said, rng)
    assert found.sum() == said and len(found) == n and found.min() >= 0


def test_what_has_no_chance_is_not_said():
    assert frequencies([0.0, 3.0, 0.0], 20, np.random.default_rng(0)).tolist() == [0, 20, 0]
    for bad in ([0.0, 0.0], [1.0, -1.0], [np.nan, 1.0]):
        with pytest.raises(ValueError, match="chances"):
            frequencies(bad, 3, np.random.default_rng(0))


def test_a_detector_has_its_recall_and_its_false_alarms():
    correct = np.arange(40_000) % 4 != 0
    found = signalled(correct, 0.5, 0.05, np.random.default_rng(0))
    assert found[~correct].mean() == pytest.approx(0.5, abs=0.02)
    assert found[correct].mean() == pytest.approx(0.05, abs=0.005)
    better = signalled(correct, 0.8, 0.05, np.random.default_rng(0))
    assert (better | ~found).all() and (better[correct] == found[correct]).all()
    assert signalled(correct, 1.0, 0.0, np.random.default_rng(0)).tolist() == (~correct).tolist()
    assert not signalled(correct, 0.0, 0.0, np.random.default_rng(0)).any()
