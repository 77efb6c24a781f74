"""Claim E5 against regressions by scipy and against accuracies read off curves by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis.pretraining import at_equal_loss, gain_difference, slope_difference

EXPERTS = {"dense": 1, "moe-4": 4, "moe-16": 16}


def runs(seed, seeds=5, knowledge=0.1, reasoning=0.0):
    """Values of runs that grow by so much with each doubling, and a wide model that is in no family."""
    rng, rows = np.random.default_rng(seed), []
    for model, experts in (EXPERTS | {"wide": 1}).items():
        for run in range(seeds):
            for category, slope in (("knowledge", knowledge), ("reasoning", reasoning)):
                value = 0.3 + slope * np.log2(experts) + 0.02 * rng.normal() + 0.2 * (model == "wide")
                rows.append((model, run, category, value))
    return pd.DataFrame(rows, columns=["model", "seed", "category", "value"])


@given(seed=st.integers(0, 10**6), seeds=st.integers(3, 6))
@settings(max_examples=25, deadline=None)
def test_slopes_are_those_of_regressions_on_standardised_values(seed, seeds):
    table = runs(seed, seeds)
    differences = []
    for run in range(seeds):
        slopes = []
        for category in ("knowledge", "reasoning"):
            of_category = table[table["category"] == category]
            z = stats.zscore(of_category["value"], ddof=1)
            mine = of_category.assign(z=z)[(of_category["seed"] == run) & (of_category["model"] != "wide")]
            slopes.append(stats.linregress(np.log2(mine["model"].map(EXPERTS)), mine["z"]).slope)
        differences.append(slopes[0] - slopes[1])
    found = slope_difference(table, EXPERTS)
    expected = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert found["estimate"] == pytest.approx(np.mean(differences)) and found["n"] == seeds
    assert (found["low"], found["high"]) == pytest.approx(tuple(expected))


def test_a_rise_of_knowledge_alone_is_told_from_a_rise_of_both():
    assert slope_difference(runs(0, knowledge=0.1, reasoning=0.0), EXPERTS)["low"] > 0
    both = slope_difference(runs(0, knowledge=0.1, reasoning=0.1), EXPERTS)
    assert both["low"] < 0 < both["high"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t[t["category"] == "knowledge"], "needs questions"),
        (lambda t: t.assign(value=0.5), "alike in knowledge"),
    ],
)
def test_what_has_no_estimate_says_why(change, told):
    found = slope_difference(change(runs(0)), EXPERTS)
    assert np.isnan(found["estimate"]) and told in found["note"]
    assert "two numbers" in slope_difference(runs(0), {"dense": 1})["note"]


def test_gains_are_read_off_at_the_loss_of_the_one_that_ends_worse():
    rows = [
        # model, seed, loss, knowledge, reasoning
        ("dense", 0, 3.0, 0.0, 0.0),
        ("dense", 0, 2.0, 0.2, 0.4),
        ("moe", 0, 2.5, 0.1, 0.1),
        ("moe", 0, 1.5, 0.5, 0.5),  # at 2.0: 0.3 and 0.3
        ("dense", 1, 3.0, 0.0, 0.0),
        ("dense", 1, 1.0, 0.8, 0.6),  # at 2.0: 0.4 and 0.3
        ("moe", 1, 2.0, 0.5, 0.2),
        ("moe", 1, 2.2, 0.3, 0.3),  # rose again behind its best
    ]
    readings = pd.DataFrame(rows, columns=["model", "seed", "test_loss", "knowledge", "reasoning"])
    found = at_equal_loss(readings, "moe", "dense").set_index("seed")
    assert found["test_loss"].tolist() == [2.0, 2.0]
    np.testing.assert_allclose(found["knowledge"], [0.3 - 0.2, 0.5 - 0.4])
    np.testing.assert_allclose(found["reasoning"], [0.3 - 0.4, 0.2 - 0.3])
    row = gain_difference(found.reset_index())
    assert row["estimate"] == pytest.approx(0.2) and row["n"] == 2 and "7.39" in row["note"]
    assert np.isnan(gain_difference(found[["test_loss", "knowledge"]].reset_index())["estimate"])
