"""Captions around the fingerprint: verdicts follow intervals, and what is undefined is said."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.plotting.edits import with_values

from study.analysis.fingerprint_tables import GREATER


@pytest.mark.parametrize(
    ("low", "high", "detectable", "said"),
    [
        (0.1, 0.3, 0.37, "the chosen examples are a fingerprint"),
        (-0.3, -0.1, 0.37, "no fingerprint is shown"),
        (-0.1, 0.3, 0.37, "no gain from choosing examples is shown; one of 0.37 would have been found"),
        (-0.1, 0.1, np.nan, "as all splits agree there is none to find"),
        (0.0, 0.0, 0.0, "as all splits agree there is none to find"),
        (np.nan, np.nan, np.nan, "cannot be told"),
    ],
)
def test_fingerprint_is_judged_by_the_paired_difference(draw_again, low, high, detectable, said):
    edit = with_values(
        "differences",
        lambda t: t["baseline"] == GREATER,
        estimate=0.0,
        low=low,
        high=high,
        detectable=detectable,
        monte_carlo=0.011,
    )
    caption = draw_again("fingerprint_accuracy", edit=edit).caption
    assert said in caption and "Monte-Carlo error 0.011" in caption
    assert "one of 0 would" not in caption and "of undefined" not in caption


def test_leak_tests_and_their_control_are_told_apart(draw_again):
    def caption(honest, control):
        def edit(tables):
            leaks = tables["leaks"].copy()
            leaks["passed"] = True
            own = leaks.index[~leaks["control"].astype(bool)]
            leaks.loc[own[:1], "passed"] = honest
            leaks.loc[leaks["control"].astype(bool) & (leaks["check"] == "labels shuffled"), "passed"] = (
                control
            )
            return tables | {"leaks": leaks}

        return draw_again("fingerprint_accuracy", edit=edit).caption

    assert "All 8 leak tests passed" in caption(True, True) and "both checks caught" in caption(True, True)
    failed = caption(False, True)
    assert (
        "1 of 8 leak tests FAILED (test runs altered with mean score alone and logistic regression)" in failed
    )
    assert "the check of labels shuffled has too little power" in caption(True, False)


def test_dropped_examples_are_counted(draw_again):
    def edit(tables):
        clumps = pd.DataFrame(
            {"features": ["p_value"] * 3 + ["random"], "chosen": [True, False, False, False]}
        )
        return tables | {"clumps": clumps}

    caption = draw_again("fingerprint_accuracy", edit=edit).caption
    assert "To 1 unlinked example by p-value, clumping dropped 2 that are linked" in caption


def test_a_score_that_cannot_be_used_is_named_with_its_reason(draw_again):
    def edit(tables):
        table = tables["fingerprint_by_score"].copy()
        rows = table["score"] == "forgetting"
        table.loc[rows, ["estimate", "low", "high", "k"]] = np.nan
        table.loc[rows, "reason"] = "Scores must be finite"
        return tables | {"fingerprint_by_score": table}

    drawing = draw_again("fingerprint_by_score", edit=edit)
    assert "forgetting is left out: scores must be finite." in drawing.caption
    assert set(drawing.points["score"]) == {"confidence_mean"}


def test_two_models_have_no_second_discriminant_and_it_is_said(draw_again):
    figure = draw_again("run_map").figure
    assert [axes.get_ylabel() for axes in figure.axes].count("no second discriminant") == 2
