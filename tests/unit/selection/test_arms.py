"""What arms add, on a pool by hand."""

import numpy as np
import pandas as pd
import pytest

from study.config.selection import StrategySettings
from study.selection.arms import EVERYTHING, NOTHING, TRUTH, arms, candidates, in_pool
from study.selection.pool import KEPT, UNSURE
from study.selection.strategies import RANDOM

POOL = pd.DataFrame(
    {
        "weak_domain": ["b", "a", "a", "b", "a", "c"],
        "frequency": [1, 3, 2, 1, 2, 1],
        "reason": [KEPT, KEPT, UNSURE, KEPT, KEPT, KEPT],
        "entropy_joint": [0.1, 0.9, 1.0, 0.5, 0.3, 0.7],
        "margin_intent": [0.2, 0.8, 0.0, 0.1, 0.9, 0.5],
    }
)
TOP, LOW = (StrategySettings(strategy="top", score=score) for score in ("entropy_joint", "margin_intent"))
BOTH = StrategySettings(strategy="mean_rank")


def stream(*purpose):
    return np.random.default_rng([len(word) for word in purpose])


def added(wanted, strategies=(TOP, LOW, BOTH), deduplicate=True):
    found = arms(POOL, deduplicate, wanted, list(strategies), ["entropy_joint", "margin_intent"], stream)
    return {(arm.strategy, arm.size): arm for arm in found}


def test_everything_nothing_and_the_truth_of_random_ones():
    found = added({0.5: 3})
    whole = {name: arm for (name, size), arm in found.items() if np.isnan(size)}
    assert set(whole) == {NOTHING, EVERYTHING}
    assert whole[NOTHING].rows.tolist() == [] and whole[EVERYTHING].rows.tolist() == [0, 1, 3, 4, 5]
    drawn, truth = found[RANDOM, 0.5], found[TRUTH, 0.5]
    assert drawn.rows.tolist() == truth.rows.tolist() and drawn.weak and not truth.weak
    assert len(set(drawn.rows)) == 3 and 2 not in drawn.rows and np.isnan(drawn.values).all()


def test_strategies_go_by_their_scores_in_the_direction_that_counts():
    found = added({0.5: 2, 1.0: 4})
    assert found["top-entropy_joint", 0.5].rows.tolist() == [1, 5]
    assert found["top-entropy_joint", 0.5].values.tolist() == [0.9, 0.7]
    assert found["top-margin_intent", 1.0].rows.tolist() == [3, 0, 5, 1]  # a low margin is worth adding
    assert found["top-margin_intent", 1.0].values.tolist() == [0.1, 0.2, 0.5, 0.8]
    first, second = found["mean_rank", 0.5].rows
    assert first == 3 and second in (1, 5)  # which rank alike: first and fourth, second and third
    assert np.isnan(found["mean_rank", 0.5].values).all()


def test_repetitions_count_where_they_are_kept():
    assert in_pool(POOL, False).tolist() == [0, 1, 1, 1, 3, 4, 4, 5]
    assert added({0.5: 3}, [TOP], deduplicate=False)["top-entropy_joint", 0.5].rows.tolist() == [1, 1, 1]


def test_domains_become_numbers_and_low_scores_turn():
    kept = POOL[POOL["reason"] == KEPT]
    found = candidates(kept, ["margin_intent"])
    assert found.domains.tolist() == [1, 0, 1, 0, 2]
    assert found.scores[0].tolist() == [-0.2, -0.8, -0.1, -0.9, -0.5]


def test_more_than_the_pool_has_is_refused():
    with pytest.raises(ValueError, match="6 of 5 candidates"):
        added({1.0: 6})
