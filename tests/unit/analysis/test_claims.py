"""The verdict rule: every case of its table, and what surrounds it."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis.claim_list import CLAIMS, find
from study.analysis.claims import Threshold, at_limit, judge, median_of, p_value


def rows(*intervals, n=12, limited=False):
    """Rows of one claim: (estimate, low, high)."""
    table = pd.DataFrame(intervals, columns=["estimate", "ci_low", "ci_high"])
    return table.assign(n=n, at_limit=limited)


def verdicts(threshold, *intervals, **more):
    return judge(rows(*intervals, **more), Threshold.parse(threshold))["verdict"].tolist()


@pytest.mark.parametrize(
    ("threshold", "interval", "verdict"),
    [
        ("> 0", (2, 1, 3), "supported"),
        ("> 0", (-2, -3, -1), "contradicted"),
        ("> 0", (1, -1, 3), "inconclusive"),
        ("> 0", (1, 0, 2), "inconclusive"),  # a share's interval, cut off at 0, is not past 0
        ("> -1", (-0.5, -0.9, -0.1), "supported"),
        ("< 0.5", (0.2, 0.1, 0.3), "supported"),
        ("< 0.5", (0.8, 0.6, 1.0), "contradicted"),
        ("< 0.5", (0.4, 0.1, 0.7), "inconclusive"),
        ("-0.6 to -0.4", (-0.5, -0.55, -0.45), "supported"),
        ("-0.6 to -0.4", (-0.3, -0.35, -0.25), "contradicted"),
        ("-0.6 to -0.4", (-0.8, -0.9, -0.7), "contradicted"),
        ("-0.6 to -0.4", (-0.5, -0.7, -0.45), "inconclusive"),
        ("-0.6 to -0.4", (-0.5, -0.9, -0.1), "inconclusive"),
        ("-0.6 to -0.4", (-0.39, -0.45, -0.33), "inconclusive"),
        ("> 0", (np.nan, np.nan, np.nan), "inconclusive"),
        ("> 0", (1, np.nan, np.nan), "inconclusive"),
        ("> 0", (1, 1, 1), "supported"),
        ("> 0", (0, 0, 0), "inconclusive"),
    ],
)
def test_one_row(threshold, interval, verdict):
    assert verdicts(threshold, interval) == [verdict]


def test_all_arms_at_a_limit_are_inconclusive():
    assert verdicts("> 0", (2, 1, 3), limited=True) == ["inconclusive"]
    assert verdicts("> 0", (-2, -3, -1), limited=True) == ["inconclusive"]


@pytest.mark.parametrize(
    ("arms", "limited"),
    [
        ([0.99, 0.98, 1.0], True),
        ([0.99, 0.97, 1.0], False),
        ([0.12, 0.145], True),
        ([0.12, 0.99], True),
        ([0.12, 0.5], False),
    ],
)
def test_arms_at_floor_or_ceiling(arms, limited):
    assert at_limit(np.array(arms), floor=1 / 8, ceiling=1.0) is limited


def test_several_scores_have_to_hold_together():
    barely = (1.0, 0.02, 1.98)  # p just below 0.05
    sure = (1.0, 0.9, 1.1)
    assert verdicts("> 0", barely) == ["supported"]
    assert verdicts("> 0", barely, barely) == ["inconclusive"] * 2
    assert verdicts("> 0", barely, sure) == ["supported"] * 2  # step by step: the sure one is out of the way
    assert verdicts("> 0", barely, (np.nan, np.nan, np.nan)) == ["supported", "inconclusive"]
    against = (-1.0, -1.98, -0.02)
    assert verdicts("> 0", against, against, sure) == ["inconclusive", "inconclusive", "supported"]


@pytest.mark.parametrize(("mean", "border"), [(0.3, 0.0), (-0.2, 0.0), (0.9, 0.5)])
def test_p_values_are_those_of_a_t_test(mean, border):
    sample = mean + np.random.default_rng(0).normal(size=9)
    low, high = stats.ttest_1samp(sample, 0).confidence_interval(0.95)
    expected = stats.ttest_1samp(sample, border).pvalue
    for threshold in (f"> {border}", f"< {border}"):
        p = p_value(sample.mean(), low, high, 9, Threshold.parse(threshold))
        assert p == pytest.approx(expected)


def test_equivalence_needs_both_ends():
    p = p_value(0.0, -0.1, 0.2, 30, Threshold.parse("-0.3 to 0.3"))
    alone = [p_value(0.0, -0.1, 0.2, 30, Threshold.parse(text)) for text in ("> -0.3", "< 0.3")]
    assert p == max(alone) > min(alone)


ends = st.floats(-2, 2).map(lambda value: round(value, 3))


@given(ends, st.floats(0.001, 2), st.floats(0.001, 2), st.integers(2, 50), st.sampled_from(["> 0", "< 0.3"]))
@settings(max_examples=200, deadline=None)
def test_p_and_interval_agree(estimate, below, above, n, text):
    threshold = Threshold.parse(text)
    border = threshold.ends[0]
    low, high = estimate - below, estimate + above
    if min(abs(low - border), abs(high - border)) > 1e-9:
        significant = p_value(estimate, low, high, n, threshold) <= 0.05
        assert significant == (low > border or high < border)


@given(st.lists(st.tuples(ends, ends, ends).map(sorted), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_no_verdict_without_its_interval(intervals):
    found = judge(rows(*[(middle, low, high) for low, middle, high in intervals]), Threshold.parse("> 0"))
    for row in found.itertuples():
        assert row.verdict != "supported" or row.ci_low > 0
        assert row.verdict != "contradicted" or row.ci_high < 0


def test_errors_of_a_whole_claim_stay_below_the_level():
    """Twelve scores whose truth lies on the threshold: any verdict on any of them is an error."""
    rng, wrong, studies = np.random.default_rng(1), 0, 400
    for _ in range(studies):
        samples = rng.normal(size=(12, 8))
        half = stats.t.ppf(0.975, 7) * samples.std(axis=1, ddof=1) / np.sqrt(8)
        mean = samples.mean(axis=1)
        found = judge(rows(*zip(mean, mean - half, mean + half, strict=True), n=8), Threshold.parse("> 0"))
        wrong += (found["verdict"] != "inconclusive").any()
    assert wrong / studies < 0.08


@pytest.mark.parametrize("text", ["", ">= 0", "exact", "1", "0 to", "> x"])
def test_unknown_thresholds_are_refused(text):
    with pytest.raises(ValueError, match="not a threshold"):
        Threshold.parse(text)


def test_median_of_scores_has_the_medians_of_the_ends():
    table = pd.DataFrame(
        {
            "estimate": [0.9, 0.6, 0.7],
            "low": [0.8, 0.5, 0.69],
            "high": [0.95, 0.7, 0.71],
            "detectable": 0.1,
            "n": [12, 9, 12],
        }
    )
    assert median_of(table).tolist() == [0.7, 0.69, 0.71, 0.1, 9]
    table.loc[1, "low"] = np.nan
    assert np.isnan(median_of(table)["low"])


def test_intervals_of_medians_cover_the_median_of_the_truths():
    rng, missed, studies = np.random.default_rng(2), 0, 400
    truths = np.linspace(0.6, 0.9, 9)
    for shared in np.linspace(0, 1, studies):  # from scores that err one by one to scores that err together
        error = np.sqrt(shared) * rng.normal() + np.sqrt(1 - shared) * rng.normal(size=9)
        table = pd.DataFrame({"estimate": truths + error, "detectable": 0.0, "n": 12})
        found = median_of(table.assign(low=table["estimate"] - 1.96, high=table["estimate"] + 1.96))
        missed += not found["low"] <= np.median(truths) <= found["high"]
    assert missed / studies < 0.05


def test_every_claim_of_the_list_can_be_judged_or_says_how():
    ids = [claim.id for claim in CLAIMS]
    assert list(dict.fromkeys(ids)) == (
        [f"D{i}" for i in range(1, 7)]
        + [f"I{i}" for i in range(1, 6)]
        + ["S1", "S2", "S3", "E1", "E2", "E3", "E3b", "E4", "E5", "X1", "X2"]
    )
    for claim in CLAIMS:
        if claim.threshold not in ("exact", "equivalent to 0"):
            assert Threshold.parse(claim.threshold).ends
        assert claim.paper == "this study" or re.fullmatch(r"arXiv \d{4}\.\d{5}", claim.paper)
    assert find("D4", 1).statistic != find("D4").statistic
