"""Sizes of books, slopes and ratios against scipy, numpy and worked cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from study.analysis.capacity import (
    ABOVE,
    BELOW,
    INSIDE,
    active_ratio,
    capacities,
    crossing,
    crossings,
    slope_on_experts,
)
from study.analysis.saturation import gain_ratio, slopes


def runs(recalls, sizes=(100, 200, 400)):
    """recalls: by model and seed, one of each size."""
    rows = [
        {"model": model, "seed": seed, "train_examples": size, "train_accuracy": recall}
        for model, seeds in recalls.items()
        for seed, values in enumerate(seeds)
        for size, recall in zip(sizes, values, strict=True)
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=0)


def at(sizes):
    """A table of crossings: log2 sizes by model and seed."""
    rows = [
        {"model": model, "seed": seed, "log2_entries": np.log2(size), "bound": INSIDE}
        for model, values in sizes.items()
        for seed, size in enumerate(values)
    ]
    return pd.DataFrame(rows)


@given(st.floats(0.9, 1), st.floats(0, 0.8999), st.integers(1, 1000), st.floats(1.1, 8))
def test_the_crossing_is_where_the_line_between_two_books_is_at_ninety_percent(high, low, small, factor):
    entries = np.array([small, small * factor])
    found = crossing(entries, np.array([high, low]))
    assert found.bound == INSIDE
    assert np.interp(found.log2_entries, np.log2(entries), [high, low]) == pytest.approx(0.9, abs=1e-6)


def test_the_last_crossing_counts_and_nothing_is_extrapolated():
    entries = np.array([100, 200, 400, 800])
    found = crossing(entries, np.array([0.95, 0.85, 0.95, 0.85]))
    assert 2**found.log2_entries == pytest.approx(400 * 2**0.5)
    assert crossing(entries, np.array([1, 1, 1, 0.9])) == (np.log2(800), ABOVE)
    assert crossing(entries, np.array([0.8, 0.7, 0.6, 0.1])) == (np.log2(100), BELOW)


def test_capacities_are_means_of_logs_with_t_intervals():
    found = crossings(runs({"a": [(1, 0.8, 0), (1, 0.9, 0), (0.95, 0.85, 0)], "b": [(1, 1, 1), (1, 1, 0.5)]}))
    table = capacities(found).set_index("model")
    logs = found.loc[found["model"] == "a", "log2_entries"].to_numpy()
    low, high = stats.t.interval(0.95, 2, logs.mean(), stats.sem(logs))
    assert table.loc["a", ["estimate", "low", "high"]].tolist() == pytest.approx(
        [2 ** logs.mean(), 2**low, 2**high]
    )
    assert table.loc["b", "bound"] == ABOVE and np.isnan(table.loc["b", "low"])
    assert table.loc["b", "seeds_at_bound"] == 1 and table.loc["a", "n"] == 3


def test_the_slope_is_that_of_a_line_for_each_seed():
    rng = np.random.default_rng(0)
    experts = {"one": 1, "four": 4, "sixteen": 16}
    sizes = {
        name: 100 * 2 ** (0.4 * np.log2(n) + 0.1 * rng.standard_normal(5)) for name, n in experts.items()
    }
    found = slope_on_experts(at(sizes | {"other": [1.0] * 5}), experts)
    x = np.log2(list(experts.values()))
    each = [stats.linregress(x, [np.log2(sizes[name][s]) for name in experts]).slope for s in range(5)]
    low, high = stats.t.interval(0.95, 4, np.mean(each), stats.sem(each))
    assert [found["estimate"], found["low"], found["high"]] == pytest.approx([np.mean(each), low, high])


def test_bounds_count_only_where_they_cannot_raise_the_slope():
    experts = {"one": 1, "four": 4, "sixteen": 16}
    table = at({"one": [10, 11, 12], "four": [20, 21, 22], "sixteen": [40, 41, 42]})
    for model, bound, kept in (
        ("one", BELOW, True), ("sixteen", ABOVE, True), ("one", ABOVE, False),
        ("sixteen", BELOW, False), ("four", ABOVE, False),
    ):  # fmt: skip
        changed = table.copy()
        changed.loc[(changed["model"] == model) & (changed["seed"] == 1), "bound"] = bound
        assert np.isfinite(slope_on_experts(changed, experts)["estimate"]) == kept, (model, bound)


def test_the_ratio_of_active_parameters_is_read_between_dense_models():
    active = {"small": 1000, "large": 4000, "mixture": 1000}
    table = at({"small": [100] * 3, "large": [400] * 3, "mixture": [200] * 3})
    found = active_ratio(table, active, "mixture", ["large", "small"])
    # A book of 200 lies half way in logs: a dense model of 2,000 would hold it.
    assert found["estimate"] == pytest.approx(0.5) and found["low"] == pytest.approx(0.5)
    noisy = at({"small": [100, 110, 90], "large": [400, 390, 420], "mixture": [200, 210, 190]})
    found = active_ratio(noisy, active, "mixture", ["small", "large"])
    assert found["low"] < found["estimate"] < found["high"] and found["n"] == 3
    outside = at({"small": [100] * 3, "large": [400] * 3, "mixture": [800] * 3})
    assert np.isnan(active_ratio(outside, active, "mixture", ["small", "large"])["estimate"])
    table.loc[0, "bound"] = BELOW
    assert "bound" in active_ratio(table, active, "mixture", ["small", "large"])["note"]


def accuracies(by_experts, by_width, seeds=6, noise=0.01):
    rng = np.random.default_rng(2)
    columns = {
        "narrow": 0.5 + 0 * rng.random(seeds),
        "narrow-4": 0.5 + 2 * by_experts + 0 * rng.random(seeds),
        "wide": 0.5 + by_width + 0 * rng.random(seeds),
    }
    return pd.DataFrame(
        {name: values + noise * rng.standard_normal(seeds) for name, values in columns.items()}
    )


def test_slopes_are_those_of_least_squares():
    table = accuracies(0.02, 0.2)
    x = {"narrow": 0.0, "narrow-4": 2.0, "wide": 3.0}
    expected = [stats.linregress(list(x.values()), row).slope for row in table[list(x)].to_numpy()]
    assert slopes(table[list(x)], x) == pytest.approx(expected)


def test_the_gain_ratio_is_that_of_mean_slopes():
    experts, widths = {"narrow": 0.0, "narrow-4": 2.0}, {"narrow": 4.0, "wide": 5.0}
    table = accuracies(0.05, 0.2)
    found = gain_ratio(table, experts, widths)
    means = table.mean()
    expected = (means["narrow-4"] - means["narrow"]) / 2 / (means["wide"] - means["narrow"])
    assert found["estimate"] == pytest.approx(expected) and found["low"] < 0.25 < found["high"]
    values = []
    for seed in table.index:
        means = table.drop(index=seed).mean()
        values.append((means["narrow-4"] - means["narrow"]) / 2 / (means["wide"] - means["narrow"]))
    n = len(values)
    error = np.sqrt((n - 1) / n * ((np.array(values) - np.mean(values)) ** 2).sum())
    assert found["high"] - found["estimate"] == pytest.approx(stats.t.ppf(0.975, n - 1) * error)


def test_without_a_gain_by_width_there_is_no_ratio():
    experts, widths = {"narrow": 0.0, "narrow-4": 2.0}, {"narrow": 4.0, "wide": 5.0}
    assert np.isnan(gain_ratio(accuracies(0.05, 0.0), experts, widths)["estimate"])
    one = gain_ratio(accuracies(0.05, 0.2), experts, {"narrow": 4.0})
    assert np.isnan(one["estimate"]) and "two widths" in one["note"]
