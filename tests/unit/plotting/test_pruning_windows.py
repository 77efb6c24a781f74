"""Figure `pruning_windows`: legible, complete, and its caption follows the numbers."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.plotting.test_figures import check_texts, drawn_values, shown_texts

from study.analysis.pruning import balance_table, pruning_table
from study.plotting.pruning_windows import draw_pruning_windows
from study.plotting.style import SMALL

pytestmark = pytest.mark.filterwarnings("error")
OFFSETS = np.round(np.linspace(0, 0.9, 10), 3)


def tables(harder: float = 0.2, averaging: float = 0.05, windows: int = 10, seeds: int = 5):
    """Accuracy falls with difficulty; the average of runs is better by a fixed share in hard windows."""
    rng, rows = np.random.default_rng(0), []
    offsets = OFFSETS[:: 9 // (windows - 1)]
    labels = np.arange(200) % 4
    for seed in range(seeds):
        level = rng.normal(0, 0.004)

        def add(arm, source, offset, accuracy, seed=seed, level=level):
            inside = rng.random(200) < 0.1
            accuracy = accuracy + level + rng.normal(0, 0.004)
            rows.append((arm, source, offset, seed, accuracy, inside))

        for offset in offsets:
            base = 0.92 - harder * offset**2
            add("window", "run", offset, base)
            add("window", "average", offset, base + averaging * offset)
            add("stratified", "run", offset, base + 0.02 * offset)
            add("stratified", "average", offset, base + 0.02 * offset)
        add("window", "random", np.nan, 0.86)
        add("stratified", "random", np.nan, 0.88)
        add("all", "all", np.nan, 0.98)
    runs = pd.DataFrame(rows, columns=["arm", "source", "offset", "seed", "accuracy", "inside"])
    about = {"model": "resnet8", "score": "el2n_early"}
    balance = balance_table(runs[runs["arm"] != "all"], labels)
    sizes = {"examples": 144, "steps": 120, "steps_all": 1288}
    return pruning_table(runs.drop(columns="inside")).assign(**about, **sizes), balance.assign(**about)


@pytest.fixture(scope="module")
def drawing():
    return draw_pruning_windows(*tables(), "digits")


@pytest.mark.parametrize("windows", [10, 4, 2])
def test_legible_and_complete(windows):
    figure = draw_pruning_windows(*tables(windows=windows), "digits").figure
    figure.draw_without_rendering()
    check_texts(figure)
    assert all(axes.has_data() for axes in figure.axes) and figure.get_figwidth() <= 7.01
    assert min(text.get_fontsize() for text in shown_texts(figure)) >= SMALL


def test_points_are_what_is_drawn(drawing):
    points, drawn = drawing.points, drawn_values(drawing.figure)
    assert len(points) == 10 * 4 + 2 + 2
    for column in ("x", "estimate"):
        for value in points[column].dropna():
            assert np.abs(drawn - value).min() < 1e-9, column
    windows = points.dropna(subset=["x"])
    assert (np.abs(windows["x"] - 100 * windows["offset"]) < 1).all()
    assert windows["p_holm"].notna().all() and windows["differs"].any() and not windows["differs"].all()


def test_filled_markers_are_the_windows_that_differ(drawing):
    left = drawing.figure.axes[0]
    filled = open_ = 0
    for line in left.lines:
        if line.get_marker() == "o" and line.get_linestyle() == "-":
            raise AssertionError("markers are drawn apart from lines")
        if line.get_marker() == "o":
            count = len(line.get_xdata())
            if line.get_markerfacecolor() == "white":
                open_ += count
            else:
                filled += count
    points = drawing.points[drawing.points["panel"] == "window"].dropna(subset=["x"])
    assert (filled, open_) == (points["differs"].sum(), (~points["differs"]).sum())


def test_the_caption_has_this_runs_numbers(drawing):
    caption = drawing.caption
    for told in (
        "digits: resnet8",
        "144 examples",
        "train for 120 steps; on all examples, for 1,288",
        "5 seeds",
        "EL2N (early)",
        "after Holm",
        "all examples 98.1 %",
    ):
        assert told in caption, told
    assert "Ranking by the mean over runs instead of by one run helps" in caption
    assert "With windows of each class, averaging makes no difference that is seen here" in caption
    assert "nan" not in caption.lower() and "undefined" not in caption


def test_the_verdict_follows_the_sign():
    harmed = draw_pruning_windows(*tables(averaging=-0.05), "digits").caption
    assert "instead of by one run harms" in harmed
    alike = draw_pruning_windows(*tables(averaging=0.0), "digits").caption
    assert "instead of by one run makes no difference that is seen here" in alike
