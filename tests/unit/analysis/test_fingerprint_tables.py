"""Intervals over splits where all of them agree, and overlaps of choices."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from study.analysis.fingerprint_by_score import fingerprint_of_score
from study.analysis.fingerprint_tables import CORRECTED, WILSON, split_interval
from study.analysis.selector_overlap import overlap_table


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 300), st.integers(3, 600), st.floats(0, 1))
def test_splits_that_agree_leave_the_doubt_of_so_many_runs(splits, runs, share):
    right = round(share * runs)
    row = split_interval(np.full(splits, right / runs), 1 / 3, runs)
    ends = binomtest(right, runs).proportion_ci(method="wilson")
    assert (row["low"], row["high"]) == (pytest.approx(ends.low, abs=1e-9), pytest.approx(ends.high))
    assert row["low"] < row["high"] and np.isnan(row["detectable"]) and row["interval"] == WILSON


def test_two_at_the_ceiling_may_still_differ_a_little():
    row = split_interval(np.zeros(20), 1 / 3, 96, difference=True)
    assert row["low"] == -row["high"]
    assert 3 / 96 < row["high"] < 4 / 96  # near the rule of three
    assert np.isnan(row["detectable"])


def test_another_constant_difference_has_no_interval():
    row = split_interval(np.full(3, 0.25), 1 / 3, 9, difference=True)
    assert row["estimate"] == 0.25 and np.isnan(row["low"]) and "every split" in row["reason"]


def test_rounding_is_no_disagreement():
    row = split_interval(np.array([0.1 + 0.2, 0.3, 0.3]), 1 / 3, 9)
    assert row["interval"] == WILSON


def test_splits_that_differ_have_the_corrected_interval():
    row = split_interval(np.array([0.5, 0.75]), 1 / 3, 9)
    assert row["interval"] == CORRECTED and row["reason"] == ""
    assert row["monte_carlo"] == pytest.approx(0.125)
    assert split_interval(np.array([0.5]), 1 / 3, 9)["reason"] == "one split has no interval"


def choices(**orders):
    return pd.DataFrame(
        [
            {"repeat": repeat, "features": name, "place": place, "example": example}
            for name, splits in orders.items()
            for repeat, order in enumerate(splits)
            for place, example in enumerate(order)
        ]
    )


def overlap_by_loop(a, b, k):
    shares = [
        len(set(one[:k]) & set(other[:k])) / k
        for i, one in enumerate(a)
        for j, other in enumerate(b)
        if i != j
    ]
    return np.mean(shares)


def test_overlaps_agree_with_loops():
    rng = np.random.default_rng(0)
    orders = {name: [rng.permutation(12)[:6] for _ in range(5)] for name in "ab"}
    table = overlap_table(choices(**orders), 12, [2, 6]).set_index(["features_a", "features_b", "k"])
    for (a, b, k), row in table.iterrows():
        assert row["estimate"] == pytest.approx(overlap_by_loop(orders[a], orders[b], k))
        assert (row["chance"], row["n"]) == (k / 12, 5)
        assert row["low"] <= row["estimate"] <= row["high"] or row["reason"]


def test_splits_with_shorter_choices_are_left_out_of_longer_overlaps():
    chosen = choices(a=[[1, 2, 3], [1, 4, 2], [1, 5, 7], [1], [1]])
    table = overlap_table(chosen, 10, [1, 3]).set_index("k")
    assert (table.loc[1, "estimate"], table.loc[1, "n"]) == (1.0, 5)
    assert table.loc[1, "reason"] and np.isnan(table.loc[1, "low"])
    assert table.loc[3, "n"] == 3


def simulated(shift, seed=0):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=40)
    return {f"m{m}": common + shift * m + 0.5 * rng.normal(size=(6, 40)) for m in range(3)}


def test_a_score_whose_level_alone_tells_models_apart():
    table = fingerprint_of_score(simulated(2.0), rng=np.random.default_rng(0), k=5, repeats=6)
    rows = table.set_index(["statistic", "features"])
    assert rows.loc[("accuracy", "mean_score"), "estimate"] == 1
    assert rows.loc[("accuracy", "mean_score"), "low"] < 1
    for features in ("p_value", "all"):
        gain = rows.loc[("accuracy", features), "estimate"] - 1
        assert rows.loc[("gain", features), "estimate"] == pytest.approx(gain)
    assert rows["k"].to_dict()[("accuracy", "all")] == 40


def test_an_unusable_score_has_rows_with_a_reason():
    scores = simulated(0.0)
    usable = fingerprint_of_score(scores, rng=np.random.default_rng(0), k=5, repeats=3)
    scores["m1"] = np.full_like(scores["m1"], np.nan)
    table = fingerprint_of_score(scores, rng=np.random.default_rng(0), k=5, repeats=3)
    assert set(table.columns) == set(usable.columns) and len(table) == len(usable)
    assert (table["reason"] == "Scores must be finite").all() and table["estimate"].isna().all()
