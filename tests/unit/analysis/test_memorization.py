"""Memorization where it is hard to define."""

import numpy as np
import pytest

from study.analysis.memorization import COLUMNS, memorization, memorization_table
from study.errors import StudyError


def half_inside(runs: int, examples: int) -> np.ndarray:
    return (np.arange(runs)[:, None] + np.arange(examples)) % 2 == 0


def test_an_example_that_is_never_left_out_is_refused():
    inside = half_inside(6, 5)
    inside[:, 3] = True
    with pytest.raises(StudyError, match="1 examples have no memorization") as error:
        memorization(inside, inside)
    assert "example 3: 6 runs trained on it, 0 did not" in str(error.value)
    assert "difficulty.subsets.runs" in str(error.value)


def test_a_run_more_often_in_than_out_is_weighed_by_its_own_count():
    inside = np.array([[True, True, True, True, False, False]]).T
    correct = np.array([[True, True, True, False, True, False]]).T
    found = memorization(inside, correct)
    assert found["memorization"].tolist() == [0.25] and found["c_score"].tolist() == [0.5]
    assert found["memorization_n"].tolist() == [6] and found["c_score_n"].tolist() == [2]


def test_scores_that_never_differ_have_no_reliability_and_say_so():
    inside = half_inside(8, 10)
    table = memorization_table(inside, np.ones_like(inside), np.random.default_rng(0), draws=3)
    assert table.columns.tolist() == COLUMNS
    table = table.set_index(["score", "statistic"])
    for score in ("memorization", "c_score"):
        for statistic in ("split_half", "reliability"):
            assert np.isnan(table.loc[(score, statistic), "estimate"])
            assert "rank no examples" in table.loc[(score, statistic), "reason"]
    mean = table.loc[("c_score", "mean")]
    assert (mean["estimate"], mean["n"], mean["reason"]) == (1, 8, "")


def test_reliability_grows_with_runs_and_noise_has_none():
    rng = np.random.default_rng(1)
    hard, found = rng.random(300), {}
    for runs in (8, 32):
        inside = half_inside(runs, 300)
        correct = rng.random(inside.shape) < np.where(inside, 0.95, hard)
        noise = rng.random(inside.shape) < 0.5
        for name, right in (("signal", correct), ("noise", noise)):
            table = memorization_table(inside, right, np.random.default_rng(0), draws=5)
            rows = table.set_index(["score", "statistic"])
            found[name, runs] = rows.loc[("c_score", "reliability")]
    assert 0.4 < found["signal", 8]["estimate"] < found["signal", 32]["estimate"] < 1
    assert found["signal", 32]["low"] > 0.7
    for runs in (8, 32):
        assert found["noise", runs]["low"] < 0 < found["noise", runs]["high"]
