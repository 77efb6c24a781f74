"""Averaging tables: columns, sizes, degenerate scores and reproducibility."""

import numpy as np
import pandas as pd
import pytest

from study.analysis.averaging import averaging_tables
from study.analysis.partitions import sizes
from study.analysis.reliability import gaussian_rank_error, runs_for, spearman_brown
from study.analysis.runs_needed import runs_to_reach
from study.errors import StudyError


def runs(noise, shape=(12, 150), seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape[1]) + noise * rng.standard_normal(shape)


def tables(scores, seed=0, **options):
    return averaging_tables(scores, np.random.default_rng(seed), **options)


def test_sizes_leave_room_for_two_disjoint_sets():
    assert sizes(12) == [1, 2, 3, 4, 6]
    assert sizes(20) == [1, 2, 3, 4, 6, 8] and sizes(40) == [1, 2, 4, 6, 8, 12, 16]
    assert sizes(100) == [1, 2, 3, 4, 6, 12, 24, 48]  # units of six runs
    assert sizes(3) == [1] and sizes(1) == [] and sizes(0) == []


def test_tables_have_a_row_per_thing():
    found = tables({"a": runs(0.3), "b": runs(0.6)}, draws=12)
    assert list(found.curves.columns) == [
        "score", "form", "statistic", "runs", "estimate", "low", "high", "n", "detectable", "draws",
        "expected", "reason",
    ]  # fmt: skip
    assert len(found.curves) == 2 * 2 * 2 * 5 and found.curves.runs.dtype.kind == "i"
    disjoint = found.curves.query("form == 'disjoint' and score == 'a' and statistic == 'spearman'")
    assert disjoint.draws.tolist() == [66, 150, 60, 30, 12]
    assert found.curves.drop(columns="expected").notna().all(axis=None)
    assert list(found.exponents.columns) == [
        "score", "form", "estimate", "low", "high", "n", "detectable", "coefficient", "expected",
        "difference", "difference_low", "difference_high", "difference_detectable", "reason",
    ]  # fmt: skip
    assert len(found.exponents) == 4
    assert list(found.runs_needed.columns) == [
        "score", "kind", "target", "reliability", "estimate", "low", "high", "n", "detectable", "runs",
        "measured_to", "extrapolated", "from_one_run", "agrees", "reason",
    ]  # fmt: skip
    assert len(found.runs_needed) == 8


def test_a_score_does_not_depend_on_its_neighbours_nor_on_chance():
    constant = np.vstack([np.ones((3, 150)), runs(0.5)[3:]])
    alone = tables({"a": runs(0.3)})
    beside = tables({"c": constant, "a": runs(0.3)})
    for one, two in zip(alone, beside, strict=True):
        pd.testing.assert_frame_equal(one, two[two.score == "a"].reset_index(drop=True))
    assert not alone.curves.equals(tables({"a": runs(0.3)}, seed=1).curves)


def test_noisier_scores_need_more_runs_and_what_was_not_observed_is_flagged():
    table = tables({"quiet": runs(0.2), "loud": runs(2.0)}).runs_needed.set_index(["score", "kind", "target"])
    assert (table.loc["quiet"].estimate < table.loc["loud"].estimate).all()
    assert not table.loc["quiet"].extrapolated.any() and (table.loc["quiet"].runs == 1).all()
    loud = table.loc["loud", "pair", 0.95]
    assert loud.extrapolated and loud.runs == np.ceil(loud.estimate) > loud.measured_to == 6
    assert table.agrees.all() and (table.detectable > 0).all()
    assert (table.low < table.estimate).all() and (table.estimate < table.high).all()
    infinite, pair = (table.xs(kind, level="kind").estimate for kind in ("infinite", "pair"))
    assert (infinite < pair).all()


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_few_runs_give_what_is_defined(left):
    matrix = runs(0.3)
    matrix[left:] = 1.0
    found = tables({"s": matrix})
    assert (found.runs_needed.n == left).all() and (found.exponents.n == left).all()
    assert found.exponents.estimate.isna().all()  # one size, or none, has no slope
    assert len(found.curves) == 4 and (found.curves.n == left).all()
    assert found.curves.estimate.notna().all() == (left > 1)
    assert found.runs_needed.estimate.notna().all() == (left > 1)
    assert found.runs_needed.low.notna().all() == found.runs_needed.agrees.notna().all() == (left > 2)
    why = {0: "every run gives all examples the same score", 1: "only one run tells the examples apart"}
    assert set(found.runs_needed.reason) == set(found.curves.reason) == {why.get(left, "")}
    assert set(found.exponents.reason) == {why.get(left, "only one size of average can be formed")}


def test_runs_that_agree_exactly_need_no_averaging():
    found = tables({"s": np.tile(np.arange(40.0), (6, 1))})
    assert (found.curves[found.curves.statistic == "rank_error"].estimate == 0).all()
    assert found.exponents.estimate.isna().all()  # no error has no exponent
    assert set(found.exponents.reason) == {"runs agree exactly: there is no error to fit"}
    assert (found.runs_needed[["low", "high"]] == 0).all(axis=None)
    assert (found.runs_needed.runs == 1).all() and not found.runs_needed.extrapolated.any()


def test_scores_without_reliability_never_get_there():
    opposite = np.vstack([np.arange(20.0), -np.arange(20.0), np.arange(20.0), -np.arange(20.0)])
    table = tables({"s": opposite}).runs_needed
    assert np.isinf(table.high).all() and (table.reason == "").all()
    assert np.isinf(table.estimate).all() and np.isinf(table.runs).all() and table.extrapolated.all()


def test_runs_are_read_off_the_curve_and_stepped_on_from_its_end():
    sizes_, brown = np.array([1, 2, 4]), spearman_brown(0.5, np.array([1, 2, 4]))
    for target, expected in ((0.6, 1.5), (0.8, 4), (0.9, 9), (0.3, 3 / 7)):
        assert runs_to_reach(sizes_, brown, target) == pytest.approx(expected)
    flatter = np.array([0.5, 0.6, 2 / 3])  # logits rise by about half of what independent runs give
    assert runs_to_reach(sizes_, flatter, 0.8) == pytest.approx(4 * 2**2, rel=0.1)
    assert np.isinf(runs_to_reach(sizes_, np.array([0.5, 0.4, 0.3]), 0.9))
    assert np.isnan(runs_to_reach(sizes_[:0], brown[:0], 0.9))
    assert runs_to_reach(sizes_[:1], brown[:1], 0.9) == pytest.approx(9)


def test_exponents_are_judged_against_what_noise_of_that_size_gives():
    table = tables({"loud": runs(1.5, (12, 2000))}).exponents.set_index("form").loc["disjoint"]
    assert table.low > -0.5  # large noise saturates ranks: -1/2 is refused
    assert table.difference == pytest.approx(table.estimate - table.expected)
    assert table.difference_low < 0 < table.difference_high


def test_many_runs_are_left_out_in_groups():
    found = tables({"s": runs(1.0, (45, 100))})
    assert (found.curves.n == 45).all() and found.curves.low.notna().all()
    assert found.curves.query("form == 'disjoint' and runs == 1").draws.tolist() == [45 * 22] * 2
    reordered = tables({"s": runs(1.0, (45, 100))[::-1]})
    assert reordered.curves.estimate.iloc[0] == pytest.approx(found.curves.estimate.iloc[0])


def test_closed_forms_at_their_ends():
    assert spearman_brown(0.5, 1) == 0.5 and spearman_brown(0.5, 4) == pytest.approx(0.8)
    assert runs_for(0.5, 0.8) == pytest.approx(4) and np.isinf(runs_for(-0.1, 0.9))
    assert np.isnan(runs_for(np.nan, 0.9)) and runs_for(1.0, 0.9) == 0
    assert gaussian_rank_error(1.0) == 0 and gaussian_rank_error(0.0) == pytest.approx(1 / 3)
    assert gaussian_rank_error(-1.0) == pytest.approx(1 / 2)


def test_missing_values_are_refused():
    with pytest.raises(StudyError, match="'s'"):
        tables({"s": np.full((4, 5), np.nan)})
