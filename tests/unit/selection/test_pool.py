"""The pool, step by step, on utterances by hand and at random."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.config.selection import PoolSettings
from study.selection.pool import (
    DEFECT,
    KEPT,
    TWICE,
    UNSAID,
    UNSURE,
    frequencies,
    funnel,
    kept_by_threshold,
    marked,
    reasons,
    right,
    signalled,
    zipf_chances,
)

TRAFFIC = pd.DataFrame(
    {
        "text": ["one", "two", "three", "one"],
        "domain": ["p", "p", "q", "q"],
        "weak_domain": ["p", "q", "q", "q"],
        "intent": ["a", "b", "c", "c"],
        "weak_intent": ["a", "c", "c", "d"],
        "slots": ["O B-x", "O", "O", "B-y"],
        "weak_slots": ["O B-x", "O", "B-z", "B-y"],
        "confidence": [0.9, 0.5, 0.95, 0.7],
    }
)


def test_where_weak_labels_are_right():
    found = {name: mask.tolist() for name, mask in right(TRAFFIC).items()}
    assert found == {
        "right_domain": [True, False, True, True],
        "right_intent": [True, False, True, False],
        "right_slots": [True, True, False, True],
        "right_all": [True, False, False, False],
    }
    without = right(TRAFFIC.drop(columns=["slots", "weak_slots"]))
    assert set(without) == {"right_domain", "right_intent", "right_all"}
    assert without["right_all"].tolist() == [True, False, True, False]


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
    pool = TRAFFIC.assign(**right(TRAFFIC), reason=[KEPT, UNSURE, DEFECT, KEPT], frequency=[5, 1, 1, 2])
    table = funnel(pool)
    assert table["step"].tolist() == ["", UNSAID, UNSURE, DEFECT, TWICE]
    assert table["utterances"].tolist() == [4, 4, 3, 2, 2] and table["said"].tolist() == [9, 9, 8, 7, 7]
    assert table["right_domain"].tolist() == pytest.approx([3 / 4, 3 / 4, 1, 1, 1])
    assert table["right_all"].tolist() == pytest.approx([1 / 4, 1 / 4, 1 / 3, 1 / 2, 1 / 2])
    assert table["share"].tolist() == pytest.approx([1, 1, 3 / 4, 1 / 2, 1 / 2])
    nothing = funnel(pool.assign(reason=UNSURE))
    assert nothing["utterances"].iloc[-1] == 0 and pd.isna(nothing["right_all"].iloc[-1])


def test_what_a_threshold_alone_keeps_of_what_is_said():
    pool = TRAFFIC.assign(**right(TRAFFIC), reason=DEFECT, frequency=[5, 1, 0, 2])
    table = kept_by_threshold(pool, [0.0, 0.7, 0.92])
    assert table["utterances"].tolist() == [3, 2, 0] and table["said"].tolist() == [8, 7, 0]
    assert table["share"].tolist() == [3 / 4, 1 / 2, 0] and table["right_domain"][:2].tolist() == [2 / 3, 1]
    assert pd.isna(table["right_all"].iloc[-1])


def test_the_pool_is_marked_by_its_settings():
    traffic = TRAFFIC.assign(**right(TRAFFIC))
    how = PoolSettings(said=50, threshold=0.6, recall=1.0, false_alarms=0.0)
    pool = marked(traffic, how, np.ones(4), lambda purpose: np.random.default_rng(len(purpose)))
    assert pool["frequency"].sum() == 200 and (pool["frequency"] > 0).all()
    assert pool["defect"].tolist() == [False, True, True, True]
    assert pool["reason"].tolist() == [KEPT, UNSURE, DEFECT, DEFECT]
    blind = how.model_copy(update={"recall": 0.0})
    pool = marked(traffic, blind, np.ones(4), lambda purpose: np.random.default_rng(0))
    assert pool["reason"].tolist() == [KEPT, UNSURE, KEPT, TWICE]
    both = blind.model_copy(update={"deduplicate": False})
    pool = marked(traffic, both, np.ones(4), lambda purpose: np.random.default_rng(0))
    assert pool["reason"].tolist() == [KEPT, UNSURE, KEPT, KEPT]


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
