"""Tables of flips found: columns, undefined cases in words, ties, scores over runs."""

import numpy as np
import pytest

from study.analysis.defects import COLUMNS, defects_table
from study.analysis.detection import auroc, average_precision, by_chance, inspected_for_half
from study.errors import StudyError


def table(scores, flipped, **arguments):
    rng = np.random.default_rng(0)
    return defects_table(scores, flipped, rng, **{"draws": 2, "resamples": 30} | arguments)


def simulated(runs=8, examples=60):
    rng = np.random.default_rng(0)
    flipped = np.arange(examples) % 6 == 0
    return rng.standard_normal((runs, examples)) + 2 * flipped, flipped


def test_by_hand():
    flipped = np.array([True, False, True, False])
    values = np.array([4.0, 3.0, 2.0, 1.0])
    assert auroc(values, flipped) == 0.75
    assert average_precision(values, flipped) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert inspected_for_half(values, flipped) == 1
    assert inspected_for_half(-values, flipped) == 2


def test_a_score_without_an_opinion_is_chance():
    flipped = np.arange(10) < 4
    chance = by_chance(10, 4)
    assert auroc(np.zeros(10), flipped) == chance["auroc"]
    assert average_precision(np.zeros(10), flipped) == chance["average_precision"]
    assert inspected_for_half(np.zeros(10), flipped) == pytest.approx(10 * chance["inspected_share"])
    assert chance["inspected_share"] == pytest.approx(2 * 11 / 5 / 10)


def test_sizes_statistics_and_sources():
    values, flipped = simulated()
    found = table({"a": values}, flipped)
    assert list(found.columns) == [*COLUMNS, "reason"]
    assert sorted(found.loc[found.interval == "runs", "runs"].unique()) == [1, 2, 3, 4, 8]
    assert set(found.loc[found.interval != "runs", "runs"]) == {8}
    assert (found.loc[found.interval != "examples", "n"] == 8).all()
    assert (found.loc[found.interval == "examples", "n"] == 60).all()
    assert (found.reason == "").all() and found.estimate.notna().all()
    shares = found[found.statistic == "inspected_share"].estimate.to_numpy()
    counts = found[found.statistic == "inspected_for_half"].estimate.to_numpy()
    assert counts == pytest.approx(60 * shares)
    assert (found.flips == 10).all() and (found.examples == 60).all()


def test_both_sources_are_wider_than_either_and_stay_in_bounds():
    values, flipped = simulated()
    found = table({"a": values}, flipped)
    rows = found[(found.statistic == "auroc") & (found.runs == 8)].set_index("interval")
    width = rows.high - rows.low
    assert width["both"] >= max(width["runs"], width["examples"]) - 1e-12
    assert rows.low.min() >= 0 and rows.high.max() <= 1


def test_averaging_helps_where_noise_is_independent():
    values, flipped = simulated()
    gain = table({"a": values}, flipped).query("statistic == 'auroc_gain'").iloc[0]
    assert gain.low > 0


def test_sets_of_runs_are_the_same_in_any_company():
    values, flipped = simulated()
    alone = table({"b": values}, flipped)
    beside = table({"a": values[::-1], "b": values}, flipped)
    assert beside[beside.score == "b"].reset_index(drop=True).equals(alone)


def test_averaged_counts_tie_whatever_the_order_of_their_runs():
    flipped = np.array([True, False, False])
    thirds = np.array([[0.1, 0.3, 0], [0.2, 0.2, 0], [0.3, 0.1, 0]])
    assert table({"a": thirds}, flipped).query("statistic == 'auroc' and runs == 3").estimate.iloc[0] == 0.75


@pytest.mark.parametrize(
    ("flipped", "reason"),
    [(np.zeros(60, bool), "no label was flipped"), (np.ones(60, bool), "every label was flipped")],
)
def test_without_flips_or_with_nothing_else_it_is_said(flipped, reason):
    found = table({"a": simulated()[0]}, flipped)
    assert found.reason.tolist() == [reason] and found.estimate.isna().all()
    assert list(found.columns) == [*COLUMNS, "reason"]


def test_a_constant_score_is_said_and_constant_runs_are_left_out():
    values, flipped = simulated()
    one = values.copy()
    one[0] = 3
    found = table({"dead": np.ones((8, 60)), "one": one}, flipped)
    assert "same for all" in found[found.score == "dead"].reason.item()
    assert (found[(found.score == "one") & (found.interval == "runs")].n == 7).all()


def test_a_score_over_runs_has_an_interval_over_examples_only():
    values, flipped = simulated()
    found = table({"a": values, "memorization": values.mean(0, keepdims=True)}, flipped)
    rows = found[found.score == "memorization"]
    assert set(rows.interval) == {"examples"} and set(rows.runs) == {8}
    same = found[(found.score == "a") & (found.interval == "examples") & (found.statistic == "auroc")]
    assert rows[rows.statistic == "auroc"].estimate.item() == pytest.approx(same.estimate.item())


@pytest.mark.parametrize("runs", [1, 2])
def test_few_runs_have_estimates_without_intervals_over_runs(runs):
    values, flipped = simulated(runs)
    found = table({"a": values}, flipped)
    of_runs = found[found.interval == "runs"]
    assert of_runs.estimate.notna().all() and of_runs.low.isna().all()
    assert found[found.interval == "examples"].low.notna().all()


def test_one_flip():
    values, _ = simulated()
    flipped = np.arange(60) == 7
    found = table({"a": values + 9 * flipped}, flipped)
    assert found.query("statistic == 'inspected_for_half' and runs == 8").estimate.iloc[0] == 1


def test_missing_values_are_refused():
    values, flipped = simulated()
    values[0, 0] = np.nan
    with pytest.raises(StudyError):
        table({"a": values}, flipped)
