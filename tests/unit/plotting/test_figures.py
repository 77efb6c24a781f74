"""Every figure: legible, complete, the same bytes each time, and its points are what is drawn."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from tests.unit.plotting.legibility import check_texts, drawn_values, shown_texts

from study.files import read_csv
from study.plotting.score_correlation import draw_score_correlation
from study.plotting.style import SMALL, model_colours

pytestmark = pytest.mark.filterwarnings("error")

# Columns whose values are drawn as they are. Not the gallery: its markers stand in inches.
DRAWN = {
    "score_spread": ["mean", "std", "rank_percent", "rank_error_percent"],
    "run_correlation": ["x", "y", "low", "high"],
    "rank_error": ["p05", "p25", "median", "p75", "p95", "y"],
    "disattenuated": ["estimate", "low", "high", "y"],
    "runs_needed": ["estimate", "low", "high", "runs", "runs_low"],
    "score_correlation": ["estimate"],
    "principal_components": ["estimate", "low", "high"],
    "sensitivity_manhattan": ["x", "y"],
    "fingerprint_accuracy": ["estimate", "low", "high"],
    "fingerprint_by_score": ["estimate", "low", "high", "y"],
    "selector_overlap": ["estimate", "low", "high"],
    "run_map": ["x", "y"],
}


every_figure_of_one_study = pytest.mark.parametrize(
    "made", [("small", name) for name in (*DRAWN, "example_gallery")], indirect=True
)
every_figure_but_the_gallery = pytest.mark.parametrize(
    "made", [(size, name) for size in ("small", "large") for name in DRAWN], indirect=True
)


def test_texts_do_not_overlap_and_stay_on_the_page(made):
    made.drawing.figure.draw_without_rendering()  # saving as pdf left texts placed for another resolution
    check_texts(made.drawing.figure)


def test_texts_are_large_enough_to_print(made):
    assert min(text.get_fontsize() for text in shown_texts(made.drawing.figure)) >= SMALL
    assert made.drawing.figure.get_figwidth() <= 7.01


def test_no_axes_are_empty(made):
    axes = made.drawing.figure.axes
    assert axes and all(one.has_data() for one in axes)


@every_figure_but_the_gallery
def test_points_are_what_is_drawn(made):
    drawn = drawn_values(made.drawing.figure)
    for column in DRAWN[made.name]:
        values = made.drawing.points[column].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        place = np.searchsorted(drawn, values)
        after, before = drawn[place.clip(max=len(drawn) - 1)], drawn[(place - 1).clip(min=0)]
        gap = np.minimum(np.abs(after - values), np.abs(before - values))
        assert gap.max() < 1e-9, f"{column} holds values that are not drawn"


@every_figure_but_the_gallery
def test_markers_are_points_of_the_table(made):
    numbers = made.drawing.points.select_dtypes("number").to_numpy(dtype=float).ravel()
    numbers = np.sort(numbers[np.isfinite(numbers)])
    for axes in made.drawing.figure.axes:
        for line in axes.lines:
            if line.get_marker() in ("None", "", " ", None) or line.get_transform() != axes.transData:
                continue
            known = []
            for values in (np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)):
                place = np.searchsorted(numbers, values - 1e-9).clip(max=len(numbers) - 1)
                known.append(np.abs(numbers[place] - values) < 2e-9)
            assert (known[0] | known[1]).all(), "a marker is not in the table of points"


@every_figure_of_one_study
def test_csv_holds_the_points(made):
    read = read_csv(made.outputs.csv)
    assert list(read.columns) == list(made.drawing.points.columns)
    assert len(read) == len(made.drawing.points) > 0


@every_figure_of_one_study
def test_caption_has_numbers_and_is_plain_prose(made):
    text = Path(made.outputs.rst).read_text(encoding="utf-8")
    assert len(re.findall(r"\d", text)) >= 4 and text.endswith(".\n")
    assert not re.search(r"\bnan\b|None|inf\b|np\.", made.drawing.caption)
    assert "toy: " in text


@every_figure_of_one_study
def test_same_bytes_every_time(made, draw_again, save_figure, tmp_path):
    again = save_figure(draw_again(made.name), tmp_path, made.name)
    for end in ("pdf", "png", "csv", "rst"):
        assert Path(getattr(made.outputs, end)).read_bytes() == Path(getattr(again, end)).read_bytes(), end
    assert b"CreationDate" not in Path(made.outputs.pdf).read_bytes()


def test_a_model_keeps_its_colour_where_others_are_missing(draw_again):
    models = ["absent-from-this-data-set", "mlp", "resnet_8_"]
    drawing = draw_again("run_correlation", models=models)
    colours = model_colours(models)
    used = {to_hex(line.get_color()).lower() for axes in drawing.figure.axes for line in axes.lines}
    assert {colours["mlp"].lower(), colours["resnet_8_"].lower()} <= used
    assert colours["absent-from-this-data-set"].lower() not in used


def test_p_of_zero_stands_at_the_top_edge_and_is_counted(draw_again):
    def certain(tables):
        tests = tables["tests"].copy()
        tests.loc[tests.index[:3], ["minus_log10_p", "sensitive"]] = [np.inf, True]
        return tables | {"tests": tests}

    drawing = draw_again("sensitivity_manhattan", edit=certain)
    assert "3 tests with p = 0" in drawing.caption
    top = max(
        drawing.figure.axes[0].lines, key=lambda line: line.get_marker() == "^" and len(line.get_xdata())
    )
    assert top.get_marker() == "^" and set(top.get_ydata()) == {drawing.figure.axes[0].get_ylim()[1]}


@pytest.mark.parametrize("made", [("small", "sensitivity_manhattan")], indirect=True)
def test_all_quantile_curves_are_drawn(made):
    assert set(made.drawing.points["series"].dropna()) >= {"between", "between_equal_n", "within"}


def test_eight_scores_that_disagree_fit_side_by_side(draw_again):
    columns = ["confidence_mean", "loss_mean", "el2n_early", "grand_early"]
    columns += ["vog", "aum_mean", "forgetting", "grand_last_layer_early"]
    names = pd.MultiIndex.from_product(
        [["m"], ["mean_mean", "mean_run", "run_run"], columns, columns],
        names=["model", "kind", "score_a", "score_b"],
    )
    table = names.to_frame(index=False)
    table["estimate"] = np.where(table["score_a"] == table["score_b"], 1.0, -0.888)
    table = table.assign(low=table["estimate"] - 0.05, high=table["estimate"] + 0.05, n=4)
    figure = draw_score_correlation(table, ["m"], columns, "toy").figure
    figure.draw_without_rendering()
    check_texts(figure)


def test_runs_that_none_suffice_stay_in_the_figure(draw_again):
    def hopeless(tables):
        needed = tables["runs_needed"].astype({"runs": float})
        row = needed.index[(needed["kind"] == "infinite") & (needed["target"] == 0.95)][0]
        needed.loc[row, ["estimate", "high", "runs"]] = np.inf
        return tables | {"runs_needed": needed}

    drawing = draw_again("runs_needed", edit=hopeless)
    assert "unbounded" in drawing.caption


def test_conclusions_follow_the_numbers(draw_again):
    def agreeing(tables):
        table = tables["consistency"].copy()
        rows = table["statistic"] == "spearman"
        table.loc[rows, ["estimate", "low", "high"]] = [0.97, 0.96, 0.98]
        return tables | {"consistency": table}

    def disagreeing(tables):
        table = agreeing(tables)["consistency"]
        rows = table["statistic"] == "spearman"
        table.loc[rows, ["estimate", "low", "high"]] = [0.4, 0.3, 0.5]
        return tables | {"consistency": table}

    assert "one run stands for another with every" in draw_again("run_correlation", edit=agreeing).caption
    assert "for no score and model" in draw_again("run_correlation", edit=disagreeing).caption


@every_figure_of_one_study
def test_quantiles_name_their_lines_and_coarse_scores_are_marked(made):
    shown = [text.get_text() for text in shown_texts(made.drawing.figure)]
    if made.name == "sensitivity_manhattan":
        assert {"two models,\nall runs", "two models,\nhalf the runs", "one model,\nhalf the runs"} <= set(
            shown
        )
    if made.name in ("score_spread", "run_correlation", "rank_error", "runs_needed"):
        assert "forgetting †" in shown and "forgetting" not in shown
        assert any("† coarse score: ties decide its ranks" in text for text in shown)
        said, _ = made.drawing.caption.split(" forgetting (†) is coarse")
        assert "forgetting" not in said and "confidence (mean)" in said
        assert not re.search(r"of 2 scores", said)


@pytest.mark.parametrize("made", [("large", "example_gallery")], indirect=True)
def test_gallery(made):
    points, case = made.drawing.points, made.case
    assert set(points["group"]) == {"hardest", "easiest", "most", "least"}
    assert len(points) == 4 * 9 * len(case["models"])
    lines = [
        line for axes in made.drawing.figure.axes for line in axes.lines if line.get_linestyle() == "None"
    ]
    assert sum(len(line.get_xdata()) for line in lines) == len(points)
    mean = points.groupby(["group", "place"])["rank"].mean()
    assert (np.diff(mean["hardest"]) <= 1e-12).all() and (np.diff(mean["easiest"]) >= -1e-12).all()


def test_gallery_of_one_model(draw_again):
    """There is nothing to be sensitive to."""

    def alone(tables):
        scores = tables["scores"]
        first = scores[scores["model"] == scores["model"].iloc[0]]
        return tables | {"scores": first, "sensitive_examples": None}

    drawing = draw_again("example_gallery", alone)
    assert set(drawing.points["group"]) == {"hardest", "easiest"}
    assert drawing.points["model"].nunique() == 1 and "sensitive" not in drawing.caption
