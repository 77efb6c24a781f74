"""Figures of the chapter `synthesis`: legible, all points drawn, verdicts of captions follow intervals."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.unit.plotting.edits import with_values
from tests.unit.plotting.legibility import check_texts, drawn_values, shown_texts

from study.analysis.fingerprint_tables import AGGREGATE
from study.plotting.style import SMALL, model_colours
from study.plotting.synthesis.fingerprint import draw_fingerprint_of_experts
from study.plotting.synthesis.gained import draw_newly_remembered

pytestmark = pytest.mark.filterwarnings("error")

MODELS = ["dense", "moe-4", "moe-16", "dense-256"]  # all of the study's; moe-4 is in no figure of the chapter
LONG = ["dense-256", "moe-256-8", "moe-256-16-hash", "dense-256-8d"]
ARMS = {"dense": "dense", "mixture": "moe-16", "wide": "dense-256"}
DENSE = {"equal_active": "dense", "equal_total": "dense-256"}
SELECTORS = ("p_value", "p_value_clumped", "coefficient", "loading", "difficulty", "random")


def interval(value, half=0.04):
    return {"estimate": value, "low": value - half, "high": value + half, "n": 12, "detectable": 0.07}


def remembered():
    """What the step `gained` writes."""
    recall = [
        {"arm": arm, "model": model, "tenth": tenth, "entries": 60}
        | interval(max(0.0, 0.2 + 0.3 * place - 0.03 * tenth))
        for place, (arm, model) in enumerate(ARMS.items())
        for tenth in range(1, 11)
    ]
    values = {"mixture": 0.5, "wide": 0.42, "difference": 0.08}
    gained = [
        {"arm": arm, "model": ARMS.get(arm, arm), "entries": 600, "seeds_a": 6, "seeds_b": 6}
        | interval(value)
        for arm, value in values.items()
    ]
    runs = [
        {"arm": arm, "model": model, "seed": seed, "recall": 0.2 + 0.3 * place}
        for place, (arm, model) in enumerate(ARMS.items())
        for seed in range(6)
    ]
    tables = {"recall": recall, "gained": gained, "runs": runs}
    return {name: pd.DataFrame(part) for name, part in tables.items()}


def told_apart():
    """What the step `fingerprint` writes."""
    where = {"setting": "in_distribution", "held_out": "", "evaluated": "all"}
    splits = {"n_train": 18, "n_test": 6, "chance": 0.5, "monte_carlo": 0.01, "runs": 24}
    arms = [(name, k) for name in SELECTORS for k in (1, 10, 100)] + [("mean_score", 1), ("accuracy", 1)]
    rows, differences, leaks = [], [], []
    for equal, dense in DENSE.items():
        about = {"comparison": equal, "model": dense}
        rows += [
            {**about, **where, "features": features, "classifier": classifier, "k": k, **splits}
            | interval(0.6 + 0.03 * place / 2)
            for classifier in ("logistic", "k_means")
            for place, (features, k) in enumerate(arms)
        ]
        differences += [
            {**about, **where, "features": "p_value", "baseline": baseline, "k": k} | interval(0.1)
            for baseline in ("random", AGGREGATE)
            for k in (1, 10, 100)
        ]
        checks = [("test runs altered", False), ("labels shuffled", False), ("labels shuffled", True)]
        leaks += [
            {**about, "check": check, "control": control, "passed": True, "features": "p_value"}
            | {"classifier": "logistic"}
            for check, control in checks
        ]
    tables = {"table": rows, "differences": differences, "leaks": leaks}
    return {name: pd.DataFrame(part) for name, part in tables.items()}


def draw(name, edit=dict, models=MODELS):
    """A figure; other names than those of `MODELS` in their place."""
    tables = edit(remembered() if name == "newly_remembered" else told_apart())
    names = {"model": dict(zip(MODELS, models, strict=True))}
    renamed = {key: table.replace(names) for key, table in tables.items()}
    if name == "newly_remembered":
        return draw_newly_remembered(**renamed, models=models)
    return draw_fingerprint_of_experts(**renamed, mixture=models[2])


@pytest.fixture(
    scope="module", params=product(("newly_remembered", "fingerprint_of_experts"), (MODELS, LONG)), ids=str
)
def drawing(request):
    name, models = request.param
    return draw(name, models=models)


def test_texts_are_legible(drawing):
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01


def test_what_is_drawn_are_the_points(drawing):
    drawn = drawn_values(drawing.figure)
    for column in ("estimate", "low", "high"):
        for value in drawing.points[column]:
            assert np.abs(drawn - value).min() < 1e-9, f"{column}: {value} is not drawn"


def test_captions_are_plain_prose_with_numbers(drawing):
    text = drawing.caption
    assert len(re.findall(r"\d", text)) >= 20 and text.endswith(".")
    assert not re.search(r"\bnan\b|None|inf\b|np\.|undefined", text)


def test_models_keep_the_colours_that_they_have_in_other_chapters():
    axes = draw("newly_remembered").figure.axes[0]
    colours = [model_colours(MODELS)[name] for name in ("dense", "moe-16", "dense-256")]
    assert [line.get_color() for line in axes.lines] == colours


def test_each_dense_model_has_a_panel_with_its_name():
    titles = [axes.get_title(loc="left") for axes in draw("fingerprint_of_experts").figure.axes]
    assert [sum(f"moe-16 or\n{name}," in title for title in titles) for name in DENSE.values()] == [2, 2]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.02, 0.2, "What moe-16 newly remembers are the hard entries more than with dense-256"),
        (-0.2, -0.02, "What moe-16 newly remembers are the hard entries less than with dense-256"),
        (-0.1, 0.2, "a difference of 0.070 would have been (80 % power)"),
        (np.nan, np.nan, "It cannot be told which of them favours the hard ones"),
    ],
)
def test_what_is_remembered_is_judged_by_the_difference(low, high, said):
    edit = with_values("gained", lambda t: t["arm"] == "difference", low=low, high=high)
    caption = draw("newly_remembered", edit).caption
    assert said in caption and "to 6 seeds of dense" in caption and "600 entries" in caption


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.02, 0.2, "says more than how hard the book is as a whole"),
        (-0.2, -0.02, "says less than how hard the book is as a whole"),
        (-0.1, 0.2, "it is not shown that single entries say more than the whole book; a gain of 0.070"),
        (np.nan, np.nan, "whether single entries say more cannot be told"),
    ],
)
def test_the_fingerprint_is_judged_against_the_aggregate(low, high, said):
    edit = with_values("differences", lambda t: t["baseline"] == AGGREGATE, low=low, high=high)
    caption = draw("fingerprint_of_experts", edit).caption
    assert caption.count(said) == 2 and "18 training and 6 test runs" in caption


def test_a_model_at_the_ceiling_leaves_nothing_to_say():
    edit = with_values("runs", lambda t: t["model"] == "dense-256", recall=0.985)
    caption = draw("newly_remembered", edit).caption
    assert "Of dense-256 all seeds recall all or nothing" in caption and "decides nothing" in caption
    assert "hard entries more" not in caption
    edit = with_values("runs", lambda t: (t["model"] == "dense-256") & (t["seed"] > 0), recall=0.985)
    assert "decides nothing" not in draw("newly_remembered", edit).caption


def test_correlations_without_a_value_are_drawn_as_words():
    edit = with_values("gained", lambda t: t["arm"] != "mixture", estimate=np.nan, low=np.nan, high=np.nan)
    drawing = draw("newly_remembered", edit)
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert "dense-256 gains: none: it gains the same everywhere" in drawing.caption
    assert "cannot be told" in drawing.caption and "undefined" not in drawing.caption
