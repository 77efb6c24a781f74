"""Figures of gains in the chapter selection: legible, complete, their numbers in words."""

import re

import numpy as np
import pandas as pd
import pytest
from tests.unit.plotting.legibility import check_texts, drawn_values, shown_texts

from study.analysis.understanding import METRICS
from study.chapters.selection.errors import summary
from study.config.selection import OF_BOTH, WITHOUT_SCORE, StrategySettings
from study.files import read_csv, write_csv
from study.plotting.selection.arms import REFERENCES, colours, in_order, label, markers
from study.plotting.selection.gains import draw_gain_by_strategy
from study.plotting.selection.head_tail import draw_head_tail
from study.plotting.selection.sizes import draw_gain_by_size
from study.plotting.style import SMALL
from study.selection.strategies import RANDOM, STRATEGIES
from study.selection.uncertainty import columns

pytestmark = pytest.mark.filterwarnings("error")

DEFAULT = [
    *("stratified", "top-entropy_joint", "top-el2n_joint_mean", "middle-entropy_joint"),
    *("top_after_10-el2n_joint_mean", "frequent-entropy_joint", "intersection"),
]
MORE = [*DEFAULT, "union", "mean_rank", "top_after_10-least_confidence_domain"]
LANGUAGES = ["english", "mirrored", "fronted", "massive-sw-KE", "massive-zh-TW", "a-corpus-with-a-long-name"]
FEW = {"datasets": LANGUAGES[:1], "strategies": ["top-entropy_joint"], "sizes": [0.5]}
USUAL = {"datasets": LANGUAGES[:3], "strategies": DEFAULT, "sizes": [0.25, 0.5, 1.0]}
CASES = {
    "few": FEW,
    "usual": USUAL,
    "many": {"datasets": LANGUAGES, "strategies": MORE, "sizes": [0.05, 0.1, 0.25, 0.5, 1.0]},
    "wild": {**USUAL, "noise": 0.5, "repeats": 3},
    "clear": {**USUAL, "noise": 0.01, "repeats": 8},
    "no slots": {**USUAL, "no_slots": LANGUAGES},
    "some without": {**USUAL, "no_slots": ["mirrored"], "no_traffic": ["english"]},
    "no traffic": {**USUAL, "no_traffic": LANGUAGES},
    "missing sizes": {
        **USUAL,
        "missing": [("english", "intersection", 0.5), ("fronted", "stratified", 0.25)],
    },
}
EFFECT = {"truth": -0.2, "everything": 0.05, "nothing": 0.3, "top-entropy_joint": -0.1, "intersection": 0.15}
VIEWS = {"overall": 1.0, "head": 0.6, "tail": 1.5}


def runs_of(case, dataset, place):
    """Error rates of every run in one language, as chapters compute them."""
    rng, rows = np.random.default_rng(place), []
    arms = [("nothing", np.nan, 0), ("everything", np.nan, 700)]
    arms += [
        (arm, size, round(200 * size))
        for size in case["sizes"]
        for arm in (RANDOM, "truth", *case["strategies"])
        if (dataset, arm, size) not in case.get("missing", [])
    ]
    for repeat in range(case.get("repeats", 5)):
        level = rng.normal(1, 0.1)
        for arm, size, added in arms:
            about = {"repeat": repeat, "strategy": arm, "size": size, "added": added}
            for view, scale in VIEWS.items():
                factor = 1 + EFFECT.get(arm, 0) - 0.1 * np.nan_to_num(size)
                factor *= level * scale
                factor *= np.clip(1 + rng.normal(0, case.get("noise", 0.05), len(METRICS)), 0.05, None)
                rates = dict(zip(METRICS, np.array([0.15, 0.25, 0.7, 0.6, 0.4]) * factor, strict=True))
                rows.append(about | errors(case, dataset, view, rates))
    return pd.DataFrame(rows)


def errors(case, dataset, view, rates):
    """The rates of one view, without those that cannot be known."""
    reason = ""
    if dataset in case.get("no_slots", []):
        rates |= {"semer": np.nan, "f_semer": np.nan}
        reason = "the corpus has no slots"
    if view != "overall" and dataset in case.get("no_traffic", []):
        rates, reason = dict.fromkeys(METRICS, np.nan), "the traffic is not known"
    return {"view": view, "domain": "", "slot_f1": 0.5, "reason": reason, **rates}


def table_of(case, folder):
    """selection.csv as it is written and read."""
    parts = [
        summary(runs_of(case, dataset, place)).assign(dataset=dataset)
        for place, dataset in enumerate(case["datasets"])
    ]
    table = pd.concat(parts, ignore_index=True)
    write_csv(folder / "selection.csv", table[["dataset", *table.columns.drop("dataset")]])
    return read_csv(folder / "selection.csv")


@pytest.fixture(scope="module", params=CASES)
def case(request, tmp_path_factory):
    found = CASES[request.param]
    return found, table_of(found, tmp_path_factory.mktemp(request.param.replace(" ", "_")))


def drawn(draw, case, table):
    return draw(table, case["datasets"], case["strategies"], 0.5)


@pytest.fixture(scope="module")
def figures(case):
    """The three figures of a case, by the function that draws them."""
    return {draw: drawn(draw, *case) for draw in (draw_gain_by_strategy, draw_gain_by_size, draw_head_tail)}


def check(drawing):
    """Legible, no panel is empty, and a caption of numbers."""
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01 and drawing.figure.get_figheight() < 15
    for axes in drawing.figure.axes:
        blank = [text for text in axes.texts if text.get_text().startswith("n/a:")]
        assert axes.lines or len(blank) == 1
        width, height = axes.get_window_extent().size / drawing.figure.dpi
        assert width > 0.9 and height > 0.3
    assert drawing.caption.endswith(".") and "  " not in drawing.caption and ".." not in drawing.caption
    assert not re.search(r"\bnan\b|None|inf\b|np\.|undefined", drawing.caption)


def changes_in(table, case, views, metrics, size=0.5):
    """The rows of a table that a figure of changes has to draw."""
    wanted = table[table["statistic"].eq("change") & table["view"].isin(views)]
    wanted = wanted[wanted["metric"].isin(metrics) & np.isclose(wanted["size"], size)]
    return wanted[wanted["estimate"].notna()]


def rows_of(points):
    """Rows in an order that does not depend on how they were made."""
    keys = ["dataset", "strategy", "view", "metric"]
    return points.sort_values(keys)[[*keys, "estimate", "low", "high", "n"]].reset_index(drop=True)


@pytest.mark.parametrize("draw", [draw_gain_by_strategy, draw_gain_by_size, draw_head_tail])
def test_figures_are_legible(draw, figures):
    drawing = figures[draw]
    if drawing.figure.axes:
        check(drawing)


def test_gains_are_those_of_the_table(case, figures):
    found, table = case
    drawing = figures[draw_gain_by_strategy]
    wanted = changes_in(table, found, ["overall"], ["dcer", "semer"])
    pd.testing.assert_frame_equal(rows_of(drawing.points), rows_of(wanted))
    check_drawn(drawing, wanted)


def test_heads_and_tails_are_those_of_the_table(case, figures):
    found, table = case
    drawing = figures[draw_head_tail]
    wanted = changes_in(table, found, ["head", "tail"], ["dcer"])
    if wanted.empty:
        assert not drawing.figure.axes and "the traffic is not known" in drawing.caption
        return
    pd.testing.assert_frame_equal(rows_of(drawing.points), rows_of(wanted))
    check_drawn(drawing, wanted)


def check_drawn(drawing, wanted):
    """Every estimate is drawn, every interval to its end or to an arrow, and all lies on its axis."""
    values = drawn_values(drawing.figure)
    for value in wanted["estimate"]:
        assert np.abs(values - value).min() < 1e-9, f"{value} is not drawn"
    ends = pd.concat([wanted["low"].clip(lower=-100), wanted["high"]]).dropna()
    lost = sum(np.abs(values - end).min() > 1e-9 for end in ends)
    key = drawing.figure.legends[0].get_title().get_text()
    assert ("arrows" in key) == (lost > 0) and ("no interval" in key) == wanted["low"].isna().any()
    arrows = [line for axes in drawing.figure.axes for line in axes.lines if line.get_marker() in ("<", ">")]
    assert sum(len(line.get_xdata()) for line in arrows) == lost < 0.35 * len(ends)
    for axes in drawing.figure.axes:
        low, high = axes.get_xlim()
        for line in axes.lines:
            if line.get_transform() == axes.transData:
                assert (low <= line.get_xdata()).all() and (line.get_xdata() <= high).all()


def test_rates_are_those_of_the_table(case, figures):
    table, drawing = case[1], figures[draw_gain_by_size]
    wanted = table[table["statistic"].eq("rate") & table["view"].eq("overall") & table["estimate"].notna()]
    wanted = wanted[wanted["metric"].isin(["dcer", "semer"])]
    assert np.allclose(sorted(drawing.points["estimate"]), sorted(100 * wanted["estimate"]))
    values = drawn_values(drawing.figure)
    for value in drawing.points["estimate"]:
        assert np.abs(values - value).min() < 1e-9, f"{value} is not drawn"
    for axes in drawing.figure.axes:
        low, high = axes.get_ylim()
        assert all(
            (low <= line.get_ydata()).all() and (line.get_ydata() <= high).all() for line in axes.lines
        )
    sized = drawing.points[drawing.points["size"].notna()]
    assert np.allclose(sized["x"], 100 * sized["size"])
    assert (drawing.points.loc[drawing.points["strategy"] == "nothing", "x"] == 0).all()


def test_markers_are_filled_where_the_test_says_so(tmp_path):
    found = CASES["clear"]
    table = table_of(found, tmp_path)
    for draw, views in ((draw_gain_by_strategy, ["overall"]), (draw_head_tail, ["head", "tail"])):
        drawing = drawn(draw, found, table)
        metrics = ["dcer", "semer"] if views == ["overall"] else ["dcer"]
        wanted = changes_in(table, found, views, metrics)
        wanted = wanted[wanted["p_holm"] <= 0.05]
        filled = [
            x
            for axes in drawing.figure.axes
            for line in axes.lines
            if line.get_marker() in ("o", "s") and line.get_markerfacecolor() != "white"
            for x in line.get_xdata()
        ]
        assert len(wanted) and np.allclose(sorted(filled), sorted(wanted["estimate"]))
        assert not {*wanted["strategy"]} & {*REFERENCES}
    points = drawn(draw_gain_by_size, found, table).points
    told = points[points["differs"]]
    assert len(told) and (told["p_holm"] <= 0.05).all() and not {*told["strategy"]} & {RANDOM, *REFERENCES}


def test_captions_of_gains_state_the_tables_numbers(tmp_path):
    table = table_of(FEW, tmp_path)
    caption = drawn(draw_gain_by_strategy, FEW, table).caption
    rows = changes_in(table, FEW, ["overall"], ["dcer"]).set_index("strategy")
    change = rows.loc["top-entropy_joint"]
    assert f"DCER −{-change['estimate']:.{1 if change['estimate'] < -10 else 2}f} [" in caption
    assert "(top entropy), true labels −" in caption and "english (100 added to 200 gold)" in caption
    assert "over 5 repeats" in caption and "50 % of gold" in caption
    tested = changes_in(table, FEW, ["overall"], ["dcer", "semer"])
    sure = (tested["p_holm"] <= 0.05).sum()
    assert f"below 0 in {sure} (top entropy, DCER in english" in caption
    assert "above 0 in 0 of 2 comparisons with random" in caption
    found = tested[tested["strategy"] == "top-entropy_joint"].set_index("metric")["detectable"]
    assert f"changes of DCER by {found['dcer']:.2f} % and of SEMER by {found['semer']:.2f} %" in caption


def test_captions_of_sizes_state_the_tables_numbers(tmp_path):
    table = table_of(FEW, tmp_path)
    caption = drawn(draw_gain_by_size, FEW, table).caption
    rates = table[table["statistic"].eq("rate") & table["view"].eq("overall") & table["metric"].eq("dcer")]
    rate = 100 * rates.set_index("strategy")["estimate"]
    assert f"DCER at 50 %: gold alone {rate['nothing']:.1f}, random {rate['random']:.1f}" in caption
    assert f"strategies {rate['top-entropy_joint']:.1f} (top entropy)" in caption
    tested = changes_in(table, FEW, ["overall"], ["dcer", "semer"])
    sure = (tested["p_holm"] <= 0.05).sum()
    assert f"{sure} lower and 0 higher of 2 at 50 % (top entropy in {sure})" in caption
    assert "english (200 gold, 700 in the pool): DCER" in caption


def test_captions_of_head_and_tail_state_the_tables_numbers(tmp_path):
    table = table_of(FEW, tmp_path)
    caption = drawn(draw_head_tail, FEW, table).caption
    rates = table[table["statistic"].eq("rate") & table["strategy"].eq(RANDOM) & table["metric"].eq("dcer")]
    rate = 100 * rates.set_index("view")["estimate"]
    for view in ("head", "tail"):
        assert f"{view} ({rate[view]:.1f} % with random) " in caption
    change = changes_in(table, FEW, ["head", "tail"], ["dcer"]).set_index(["strategy", "view"])["estimate"]
    lower = change["top-entropy_joint", "tail"] < change["top-entropy_joint", "head"]
    assert f"lower in the tail than in the head in {int(lower)} of 1 pairs" in caption


def test_what_is_not_known_is_said_not_drawn(tmp_path):
    found = CASES["some without"]
    table = table_of(found, tmp_path)
    gains = drawn(draw_gain_by_strategy, found, table)
    assert "Not shown: SEMER in mirrored (the corpus has no slots)." in gains.caption
    assert [text.get_text() for axes in gains.figure.axes for text in axes.texts] == ["n/a: no slots"]
    parts = drawn(draw_head_tail, found, table)
    assert "Not shown: head in english; tail in english (the traffic is not known)." in parts.caption
    assert len(parts.figure.axes) == 3 and not parts.figure.axes[0].lines
    names = [tick.get_text() for tick in parts.figure.axes[0].get_yticklabels()]
    assert names[0] == "stratified"
    found = CASES["no slots"]
    table = table_of(found, tmp_path)
    for draw in (draw_gain_by_strategy, draw_gain_by_size):
        drawing = drawn(draw, found, table)
        assert len(drawing.figure.axes) == 3
        assert "SEMER n/a: no slots" in drawing.figure.legends[0].get_title().get_text()


def test_an_error_that_is_0_with_random_is_said(tmp_path):
    table = table_of(USUAL, tmp_path)
    reason = "the error with random utterances is 0, or not known"
    gone = table["dataset"].eq("english") & table["statistic"].eq("change") & table["metric"].eq("dcer")
    table["reason"] = table["reason"].astype(object)
    table.loc[gone, "estimate"] = np.nan
    table.loc[gone, "reason"] = reason
    drawing = drawn(draw_gain_by_strategy, USUAL, table)
    check(drawing)
    assert f"DCER in english ({reason})" in drawing.caption
    first, second = drawing.figure.axes[:2]
    assert not first.lines and second.lines
    assert first.get_yticklabels()[0].get_text() == "stratified"
    empty = drawn(draw_gain_by_strategy, USUAL, table.assign(estimate=np.nan, reason=reason))
    assert not empty.figure.axes and reason in empty.caption


def test_a_strategy_without_that_size_has_no_dot(tmp_path):
    found = CASES["missing sizes"]
    drawing = drawn(draw_gain_by_strategy, found, table_of(found, tmp_path))
    assert drawing.caption.endswith("Without runs of that size: top of both scores (∩) in english.")
    points = drawing.points
    held = set(zip(points["dataset"], points["strategy"], strict=True))
    assert ("english", "intersection") not in held and ("fronted", "intersection") in held


def test_all_arms_have_names_of_their_own():
    scores = list(dict.fromkeys([*columns(True), *columns(False)]))
    names = [
        StrategySettings(strategy=strategy, score=score).name
        for strategy in STRATEGIES
        for score in ([None] if strategy in (*WITHOUT_SCORE, *OF_BOTH) else scores)
    ]
    labels = list(map(label, [*names, *REFERENCES]))
    assert len(set(labels)) == len(labels) and not any("_" in text for text in labels)
    assert label("intersection") == "top of both scores (∩)" and label("nothing") == "gold alone"
    assert label("bottom-margin_intent") == "bottom −intent margin"


def test_no_two_arms_look_alike():
    names = [f"top-{k}" for k in range(30)]
    looks = [(colours(names)[arm], markers(names)[arm]) for arm in in_order(names)]
    assert len(set(looks)) == len(looks) == 34
    assert in_order(["b", "a"]) == ["random", "b", "a", "truth", "everything", "nothing"]
    assert colours(names)["top-1"] == colours(names[:2])["top-1"]
