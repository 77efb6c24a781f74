"""What cannot be drawn is said, with its reason; counts and warnings of captions follow the tables."""

import numpy as np
import pandas as pd
import pytest

from study.plotting import words


def undefined(tables, score):
    """The study's tables with a score that gives all examples the same value in the runs of one model."""
    edited = {}
    for name, table in tables.items():
        if "score" in table and "model" in table and "estimate" in table and "reason" in table:
            rows = (table["score"] == score) & (table["model"] == "mlp")
            table = table.copy()
            table["reason"] = table["reason"].astype(object)
            table.loc[rows, ["estimate", "low", "high"]] = np.nan
            table.loc[rows, "reason"] = "every run gives all examples the same score"
        edited[name] = table
    return edited


@pytest.mark.parametrize(
    "name", ["score_spread", "run_correlation", "rank_error", "runs_needed", "principal_components"]
)
def test_what_is_undefined_is_named_with_its_reason(draw_again, name):
    caption = draw_again(name, edit=lambda tables: undefined(tables, "confidence_mean")).caption
    said = "Not shown: confidence (mean) with mlp (every run gives all examples the same score)."
    assert said in caption


@pytest.mark.parametrize("name", ["score_spread", "run_correlation", "rank_error", "runs_needed"])
def test_scores_over_runs_alone_are_said_not_drawn(draw_again, name):
    drawing = draw_again(name, columns=["agreement"])
    assert "Not shown: agreement (one value over all runs)." in drawing.caption
    assert not drawing.figure.axes and len(drawing.points) == 1
    beside = draw_again(name, columns=["confidence_mean", "agreement"])
    assert "Not shown: agreement" in beside.caption and beside.figure.axes


def test_values_above_one_are_announced(draw_again):
    def edit(tables):
        table = tables["score_correlation"].copy()
        rows = (table["kind"] == "disattenuated") & (table["score_a"] != table["score_b"])
        table.loc[rows, ["estimate", "low", "high"]] = [-1.2, -1.4, -1.0]
        names = table[["score_a", "score_b"]].replace("forgetting", "el2n_early")
        return tables | {"score_correlation": table.assign(**names)}

    caption = draw_again("disattenuated", edit=edit, columns=["confidence_mean", "el2n_early"]).caption
    assert "1 value above 1, up to 1.200" in caption and "For 1 of 1 the interval" in caption


def test_an_interval_is_missing_for_its_own_reason():
    row = pd.Series({"estimate": 0.5, "low": np.nan, "high": np.nan, "n": 12})
    assert words.interval(row) == "0.50 (no interval without some runs)"
    assert words.interval(row.replace({12: 2})) == "0.50 (too few runs for an interval)"


def test_numbers_of_runs_that_single_runs_get_wrong_are_counted(draw_again):
    def edit(tables):
        return tables | {"runs_needed": tables["runs_needed"].assign(agrees=False, from_one_run=0.1)}

    assert (
        "for 4 of 4, with more runs needed than promised in 4" in draw_again("runs_needed", edit=edit).caption
    )
