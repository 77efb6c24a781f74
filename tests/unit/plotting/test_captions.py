"""Verdicts of captions follow intervals, not estimates."""

import pandas as pd
import pytest
from tests.unit.plotting.edits import with_values

from study.plotting import words


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.1, 0.3, "models differ in what they find hard"), (-0.1, 0.3, "it is not shown that models differ")],
)
def test_sensitivity_is_judged_by_the_excess_and_its_interval(draw_again, low, high, said):
    def excess(table):
        return (table["statistic"] == "excess") & (table["scale"] == "normal")

    edit = with_values("overall", excess, estimate=0.2, low=low, high=high)
    caption = draw_again("sensitivity_manhattan", edit=edit).caption
    assert said in caption and f"the excess is 20.0 % [{100 * low:.1f}, 30.0]".replace("-", "−") in caption


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([0.049, 0.051, 0.05], "the test is calibrated"),
        ([0.02, 0.021, 0.022], "if anything the test is cautious"),
        ([0.1, 0.101, 0.102], "the test finds too much"),
        ([0.01, 0.09], "too few models"),
        ([0.05], "too few models"),
    ],
)
def test_the_null_is_judged_by_the_share_below_its_level(draw_again, shares, said):
    def edit(tables):
        null = pd.DataFrame({"scale": "normal", "statistic": "share_below_level", "estimate": shares})
        return tables | {"null": null}

    assert said in draw_again("sensitivity_manhattan", edit=edit).caption


def test_without_coarse_scores_nothing_is_marked(studies):
    case, _ = studies["large"]
    assert words.coarse_note(case["columns"]) == words.coarse_key(case["columns"]) == ""
