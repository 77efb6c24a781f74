"""Error rates by domain, overall and in the tail, and their change by pruning."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis.understanding import (
    METRICS,
    Meaning,
    change_table,
    efficiency,
    error_table,
    in_tail,
    relative_change,
)

NAMES = ["alarm", "music", "empty"]


def meaning(domains, intents, slots):
    return Meaning(np.array(domains), np.array(intents), slots and [tags.split() for tags in slots])


RIGHT = meaning(
    [0, 0, 0, 1, 1],
    ["set", "set", "stop", "play", "play"],
    ["O B-time", "O B-time I-time", "O", "O B-song", "B-song I-song"],
)
GIVEN = meaning(
    [0, 0, 1, 1, 1],
    ["set", "stop", "play", "play", "play"],
    ["O B-time", "O B-time O", "O", "B-song O", "B-song I-song"],
)
TRAFFIC = np.array([5.0, 4, 3, 2, 1])


def test_a_table_by_hand():
    table = error_table(RIGHT, GIVEN, NAMES, TRAFFIC).set_index(["view", "domain"])
    whole = [(view, "") for view in ("overall", "tail", "head")]
    assert table.index.tolist() == [*(("domain", name) for name in NAMES), *whole]
    assert table["utterances"].tolist() == [3, 2, 0, 5, 3, 2]
    assert table["slots"].tolist() == [2, 2, 0, 4, 2, 2]
    expected = {
        ("domain", "alarm"): (1 / 3, 2 / 3, 3 / 5, 3 / 5, 2 / 3),
        ("domain", "music"): (0, 0, 2 / 4, 2 / 4, 1 / 2),
        ("overall", ""): (1 / 5, 2 / 5, 5 / 9, 5 / 9, 3 / 5),
        ("tail", ""): (1 / 3, 1 / 3, 3 / 5, 3 / 5, 2 / 3),
        ("head", ""): (0, 1 / 2, 2 / 4, 2 / 4, 1 / 2),
    }
    for key, rates in expected.items():
        assert table.loc[key, METRICS].tolist() == pytest.approx(rates)
        assert table.loc[key, "reason"] == ""
    empty = table.loc[("domain", "empty")]
    assert empty[METRICS].isna().all() and empty["reason"] == "no utterance belongs to it"


def test_without_slots_their_rates_are_undefined_and_not_0():
    table = error_table(RIGHT._replace(slots=None), GIVEN._replace(slots=None), NAMES[:2], None)
    assert table[["semer", "f_semer", "slots"]].isna().all(axis=None)
    assert table["reason"].tolist() == ["the corpus has no slots"] * 3 + ["the traffic is not known"] * 2
    assert table["irer"].tolist()[:3] == pytest.approx([2 / 3, 0, 2 / 5])
    assert table.loc[3, METRICS].isna().all()


def test_a_corpus_with_slots_may_have_utterances_without():
    right = meaning([0, 0], ["set", "set"], ["O O", "O"])
    table = error_table(right, right._replace(intents=np.array(["set", "stop"])), ["alarm"], None)
    assert table.loc[1, ["semer", "f_semer", "slots"]].tolist() == [0.5, 0.5, 0]


@pytest.mark.parametrize(
    ("given_meaning", "names", "message"),
    [
        (GIVEN._replace(domains=GIVEN.domains[:4]), NAMES, "different numbers"),
        (GIVEN._replace(slots=GIVEN.slots[:4]), NAMES, "different numbers"),
        (GIVEN._replace(slots=None), NAMES, "only one"),
        (GIVEN, NAMES[:1], "outside 0 … 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(given_meaning, names, message):
    with pytest.raises(ValueError, match=message):
        error_table(RIGHT, given_meaning, names, TRAFFIC)


@pytest.mark.parametrize(
    ("traffic", "expected"),
    [
        ([1, 2, 3, 4], [True, True, True, False]),
        ([4, 3, 2, 1], [False, True, True, True]),
        ([0.1, 0.3, 0.6], [True, True, False]),  # holds 40 % to the last bit
        ([10, 1, 1, 1], [True, True, True, True]),  # the rare ones hold less than 40 %
        ([5, 5, 5], [True, True, True]),  # equally rare
        ([6, 2, 2, 2, 0], [False, True, True, True, True]),
    ],
)
def test_the_tail(traffic, expected):
    assert in_tail(np.array(traffic)).tolist() == expected


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any), st.randoms(use_true_random=False))
def test_the_tail_is_the_smallest_that_holds_its_share_whatever_the_order(traffic, shuffle):
    traffic = np.array(traffic)
    tail = in_tail(traffic)
    assert 10 * traffic[tail].sum() >= 4 * traffic.sum()
    rarest_but_last = traffic < traffic[tail].max()
    assert 10 * traffic[rarest_but_last].sum() < 4 * traffic.sum() and tail[rarest_but_last].all()
    order = np.array(shuffle.sample(range(len(traffic)), len(traffic)))
    np.testing.assert_array_equal(in_tail(traffic[order]), tail[order])


@pytest.mark.parametrize("traffic", [[1, -1], [np.nan, 1], [np.inf, 1], [0, 0], []])
def test_what_is_no_traffic_is_refused(traffic):
    with pytest.raises(ValueError, match="traffic is finite"):
        in_tail(np.array(traffic))


ERRORS = st.lists(st.tuples(st.integers(30, 90), st.integers(40, 60)), min_size=2, max_size=8)


@settings(deadline=None)
@given(ERRORS)
def test_a_change_is_told_from_none_where_the_paired_test_tells(errors):
    pruned, full = np.array(errors).T / 500
    change = relative_change(pruned, full)
    if np.ptp(pruned - full) > 0 and np.isfinite(change.low):
        p = stats.ttest_rel(pruned, full).pvalue
        if abs(p - 0.05) > 1e-9:
            assert (change.low > 0 or change.high < 0) == (p < 0.05)
    scaled = relative_change(3 * pruned, 3 * full)
    assert scaled[:3] == pytest.approx(change[:3], rel=1e-6, abs=1e-6, nan_ok=True)


def test_a_change_that_is_the_same_for_all_seeds_is_certain():
    full = np.array([0.1, 0.12, 0.14])
    change = relative_change(1.5 * full, full)
    assert change[:4] == pytest.approx((50, 50, 50, 3))
    assert relative_change(full, full)[:3] == pytest.approx((0, 0, 0))


def test_the_detectable_change_is_that_of_the_paired_test():
    pruned, full = np.array([[0.12, 0.15, 0.13, 0.16], [0.1, 0.11, 0.09, 0.1]])
    quantiles = stats.t.ppf(0.975, 3) + stats.t.ppf(0.8, 3)
    expected = 100 * quantiles * stats.sem(pruned - full) / 0.1
    assert relative_change(pruned, full).detectable == pytest.approx(expected)


def test_where_a_change_or_its_interval_is_undefined():
    nan = pytest.approx((np.nan, np.nan, np.nan), nan_ok=True)
    assert relative_change(np.ones(2), np.zeros(2))[:3] == nan
    assert relative_change(np.array([1, np.nan]), np.ones(2))[:3] == nan
    assert relative_change(np.ones(2), np.array([1, np.nan]))[:3] == nan
    assert relative_change(np.ones(0), np.ones(0))[:4] == pytest.approx((*[np.nan] * 3, 0), nan_ok=True)
    one = relative_change(np.array([0.3]), np.array([0.2]))
    assert one.estimate == pytest.approx(50) and np.isnan(one.low) and one.n == 1
    unbounded = relative_change(np.array([0.1, 0.2, 0.3]), np.array([0.0, 0.0, 0.1]))
    assert unbounded.estimate == pytest.approx(500) and np.isnan([unbounded.low, unbounded.high]).all()
    assert unbounded.detectable > 0
    with pytest.raises(ValueError, match="not paired"):
        relative_change(np.ones(2), np.ones(3))


def test_efficiency_is_negative_where_the_error_rises():
    change = relative_change(np.array([0.12, 0.13, 0.12]), np.array([0.1, 0.11, 0.09]))
    found = efficiency(change, 0.5)
    assert found.estimate == pytest.approx(change.estimate / 100 / -0.5) and found.estimate < 0
    assert found.low < found.estimate < found.high and found.n == 3
    assert found.low == pytest.approx(-change.high / 50) and found.detectable > 0
    none = efficiency(change._replace(estimate=0.0), 0.2).estimate
    assert none == 0 and not np.signbit(none)
    for kept in (0, 1, 1.5, np.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            efficiency(change, kept)


def run(score, kept, seed, wrong):
    """A run of 20 utterances, the first `wrong` of which get the wrong intent."""
    domains = np.arange(20) % 2
    right = Meaning(domains, np.full(20, "right"), None)
    intents = np.where(np.arange(20) < wrong, "wrong", "right")
    return error_table(right, right._replace(intents=intents), NAMES[:2], 1.0 + np.arange(20)).assign(
        score=score, kept=kept, seed=seed
    )


def runs():
    full = [run("", 1.0, seed, wrong) for seed, wrong in enumerate((4, 5, 6))]
    some = [run("vog", 0.5, seed, wrong) for seed, wrong in ((2, 9), (0, 6), (1, 7))]
    return pd.concat([*full, *some, run("random", 0.75, 1, 5)], ignore_index=True)


def test_changes_are_paired_by_seed_and_explained():
    table = change_table(runs(), ["score"])
    assert len(table) == 2 * 5 * len(METRICS) * 2
    rows = table.set_index(["score", "kept", "view", "domain", "metric", "statistic"]).sort_index()
    change = rows.loc["vog", 0.5, "overall", "", "icer", "change"]
    expected = relative_change(np.array([6, 7, 9]) / 20, np.array([4, 5, 6]) / 20)
    assert change[["estimate", "low", "high", "n"]].tolist() == pytest.approx(expected[:4])
    assert change["reason"] == "" and change["estimate"] == pytest.approx(100 * 7 / 15)
    sigma = rows.loc["vog", 0.5, "overall", "", "icer", "efficiency"]
    assert sigma["estimate"] == pytest.approx(-14 / 15) and sigma["low"] == pytest.approx(
        -change["high"] / 50
    )
    alone = rows.loc["random", 0.75, "overall", "", "icer", "change"]
    assert (alone["estimate"], alone["n"], alone["reason"]) == (0, 1, "an interval needs two seeds")
    slots = rows.loc["vog", 0.5, "overall", "", "semer", "change"]
    assert np.isnan(slots["estimate"]) and slots["reason"] == "the corpus has no slots"
    never = rows.loc["vog", 0.5, "overall", "", "dcer", "change"]
    assert np.isnan(never["estimate"]) and never["reason"] == "the error is 0 without pruning"
    undefined = table["low"].isna()
    assert (undefined == (table["reason"] != "")).all()


def test_an_error_near_0_is_too_uncertain_for_an_interval():
    table = runs()
    table.loc[(table["kept"] == 1) & (table["seed"] > 0), METRICS] = 0.0
    rows = change_table(table, ["score"]).query("score == 'vog' and view == 'overall' and metric == 'icer'")
    assert rows["low"].isna().all() and rows["reason"].str.startswith("the error without pruning is").all()


def test_seeds_have_to_match():
    table = runs()
    with pytest.raises(ValueError, match=r"no run without pruning for the seeds \[2\]"):
        change_table(table[(table["kept"] < 1) | (table["seed"] < 2)], ["score"])
    with pytest.raises(ValueError, match="a seed occurs twice"):
        change_table(pd.concat([table, table[table["kept"] == 1]]), ["score"])
    with pytest.raises(ValueError, match="a seed occurs twice"):
        change_table(table.replace({"seed": {0: 1}}), ["score"])
    with pytest.raises(ValueError, match="no run without pruning"):
        change_table(table[table["kept"] < 1], ["score"])
