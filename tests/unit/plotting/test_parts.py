"""Labels, numbers, placing, pooling, colours."""

import numpy as np
import pandas as pd
import pytest
from docutils.core import publish_doctree
from hypothesis import given, settings
from hypothesis import strategies as st

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.layout import spread
from study.plotting.style import model_colours, model_markers


def test_score_labels():
    assert words.score_label("grand_last_layer_early") == "GraNd last layer (early)"
    assert words.score_label("confidence_mean") == "confidence (mean)"
    assert words.score_label("vog") == "VoG"
    assert words.score_label("my_own") == "my own"


def test_hard_sign_follows_the_registry():
    assert [words.hard_sign(column) for column in ("confidence_mean", "loss_mean", "my_own")] == [-1, 1, 1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.934, "0.93"), (-0.05, "−0.050"), (12.34, "12.3"), (1437, "1,437"), (np.inf, "unbounded"), (3.0, "3")],
)
def test_number(value, text):
    assert words.number(value) == text


def test_interval_without_enough_runs_says_so():
    row = pd.Series({"estimate": 0.5, "low": np.nan, "high": np.nan})
    assert words.interval(row) == "0.50 (too few runs for an interval)"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((0.179, 0.158, 0.2), "17.9 % [15.8, 20.0]"),
        ((4e-6, 0, 5e-5), "under 0.001 % [0.0, 0.005]"),
        ((0.02, -0.01, 0.05), "2.0 % [−1.0, 5.0]"),
        ((0.02, np.nan, np.nan), "2.0 % (too few runs for an interval)"),
    ],
)
def test_percent_interval(values, text):
    assert words.percent_interval(pd.Series(values, index=["estimate", "low", "high"])) == text


def test_coarse_scores_are_marked_and_explained():
    assert words.marked_label("forgetting") == "forgetting †" and words.marked_label("vog") == "VoG"
    assert words.coarse_key(["vog"]) == words.coarse_note(["vog", "my_own"]) == ""
    assert words.coarse_note(["vog", "forgetting"]).startswith(" forgetting (†) is coarse")
    several = words.coarse_note(["forgetting", "first_learned", "unforgettable"])
    assert several.startswith(" forgetting, first learned and unforgettable (†) are coarse")


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_as_rst_is_read_back_as_the_same_text(text):
    sentence = f"a {text} b"
    tree = publish_doctree(words.as_rst(sentence), settings_overrides={"report_level": 5})
    assert tree.astext() == sentence


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_spread_keeps_order_and_distance(places):
    gap = 0.05
    moved = spread(places, gap, 0, 1)
    assert (np.diff(np.sort(moved)) >= gap - 1e-9).all()
    assert moved.min() >= -1e-9 and moved.max() <= 1 + 1e-9
    order = np.argsort(places, kind="stable")
    assert (np.diff(moved[order]) > 0).all()


def test_spread_leaves_free_places_alone():
    assert np.allclose(spread([0.2, 0.8, 0.5], 0.1, 0, 1), [0.2, 0.8, 0.5])


def test_mean_over_models_adds_half_widths_in_quadrature():
    frame = pd.DataFrame(
        {
            "model": ["a", "b", "a", "b"],
            "score": ["s", "s", "t", "t"],
            "estimate": [0.4, 0.8, 0.5, np.nan],
            "low": [0.1, 0.4, np.nan, np.nan],
            "high": [0.7, 1.2, np.nan, np.nan],
            "n": [4, 5, 4, 4],
        }
    )
    pooled = mean_over_models(frame, ["score"]).set_index("score")
    assert pooled.loc["s", ["estimate", "low", "high", "n", "models"]].tolist() == pytest.approx(
        [0.6, 0.35, 0.85, 4, 2]
    )
    assert pooled.loc["t", "models"] == 1 and np.isnan(pooled.loc["t", "low"])


def test_models_are_told_apart_by_colour_or_marker():
    models = [f"model{i}" for i in range(30)]
    colours, markers = model_colours(models), model_markers(models)
    assert len({(colours[model], markers[model]) for model in models}) == 30
    assert len({colours[model] for model in models[:10]}) == 10
    assert model_colours(models[:3]) == {model: colours[model] for model in models[:3]}
