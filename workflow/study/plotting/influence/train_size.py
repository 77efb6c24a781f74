"""Figure `train_size`: whether it is better to prune easy or hard examples, by how many there are."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from study.analysis.pruned import EASY, FULL, HARD, RANDOM
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.arms import (
    LEVEL,
    differences,
    in_order,
    ranking_label,
    rankings_note,
    with_texts,
)
from study.plotting.influence.panels import limits, line, span_of
from study.plotting.layout import label_ends
from study.plotting.style import GREY, PAGE, SMALL, Drawing, present, series_colours, styled

PANELS = {HARD: "easiest minus hardest", RANDOM: "easiest minus random"}
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
_APART = 1.025  # factor between lines' places at one size: their bars stand beside each other
_LEAST = 1.5  # height of a panel's axes in inches
_SAME = 1e-9


@styled
def draw_train_size(
    pruning: pd.DataFrame, models: Sequence[str], datasets: Sequence[str], fraction: float
) -> Drawing:
    """Paired differences of accuracy against the size of the training set before pruning, a row a model.

    Args:
        pruning: as pruning.csv of the chapter.
        models: all of the study's, in order.
        datasets: that differ in their number of training examples alone.
        fraction: the pruned share at which arms are compared.
    """
    table = with_texts(pruning[pruning["dataset"].isin(datasets)])
    points = _points(table, fraction)
    if points.empty:
        return nothing_to_draw(", ".join(datasets), "")
    shown = present(points, models)
    rankings = in_order(points["ranking"])
    points = _placed(points, rankings)
    height = max(_LEAST, 0.135 * len(rankings) + 0.3)
    figure = Figure(figsize=(PAGE, (height + 0.45) * len(shown) + 0.3), layout="constrained")
    panels = [against for against in PANELS if (points["against"] == against).any()]
    grid = figure.subplots(len(shown), len(panels), squeeze=False)
    for row, model in enumerate(shown):
        mine = points[points["model"] == model]
        for axes, against in zip(grid[row], panels, strict=True):
            axes.set_ylim(*limits(points[points["against"] == against], 0.0))
            _draw(axes, mine[mine["against"] == against], rankings, points["examples"], height)
            if row == 0:
                axes.set_title(f"{100 * fraction:g} % pruned: {PANELS[against]}")
        grid[row, 0].set_ylabel(f"{model}\naccuracy, points" if len(shown) > 1 else "accuracy, points")
    for axes in grid[-1]:
        axes.set_xlabel("training examples before pruning")
    figure.supxlabel(f"filled: differs from 0 (Holm, {LEVEL:g})", fontsize=SMALL, color=GREY)
    kept = ["dataset", "model", "ranking", "against", "fraction", "examples", "x", "estimate", "low", "high"]
    caption = _caption(points, panels, shown, fraction)
    return Drawing(figure, points[[*kept, "n", "p_holm", "differs"]], caption)


def _points(table: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Differences of easy pruning, with the number of examples that runs on all of them have.

    Where two plans prune a data set by the same ranking, the first is drawn.
    """
    full = table[(table["arm"] == FULL) & (table["statistic"] == "accuracy")]
    sizes = full[["dataset", "model", "plan", "examples"]]
    found = pd.concat([differences(table, EASY, against) for against in PANELS], ignore_index=True)
    found = found[(found["fraction"] - fraction).abs() < _SAME].drop(columns="examples")
    once = found.drop_duplicates(["dataset", "model", "ranking", "against"])
    return once.merge(sizes, on=["dataset", "model", "plan"])


def _placed(points: pd.DataFrame, rankings: list[str]) -> pd.DataFrame:
    places = points["ranking"].map(rankings.index) - (len(rankings) - 1) / 2
    ordered = points.assign(x=points["examples"] * _APART**places)
    return ordered.sort_values(["model", "against", "ranking", "x"], kind="stable", ignore_index=True)


def _draw(axes: Axes, points: pd.DataFrame, rankings: list[str], sizes: pd.Series, height: float) -> None:
    colours = dict(zip(rankings, series_colours(len(rankings)), strict=True))
    axes.set_xscale("log")
    ticks = sorted(sizes.unique())
    axes.set_xlim(ticks[0] / 1.25, ticks[-1] * 1.25)
    axes.set_xticks(_apart(ticks), [f"{size:,}" for size in _apart(ticks)])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.axhline(0, color=GREY, linewidth=0.9, zorder=1)
    ends = {}
    for place, ranking in enumerate(rankings):
        mine = points[points["ranking"] == ranking]
        if len(mine):
            line(axes, mine, colours[ranking], _MARKERS[place % len(_MARKERS)])
            ends[ranking] = tuple(mine[["x", "estimate"]].iloc[-1])
    label_ends(axes, ends, colours, height, ranking_label)


def _apart(sizes: list[int]) -> list[int]:
    """The sizes whose labels do not run into each other, the largest always."""
    kept: list[int] = []
    width = np.log(sizes[-1] / sizes[0]) + 2 * np.log(1.25)
    for size in reversed(sizes):
        if not kept or np.log(kept[-1] / size) > 0.2 * width:
            kept.append(size)
    return kept[::-1]


def _caption(points: pd.DataFrame, panels: list[str], shown: Sequence[str], fraction: float) -> str:
    told = []
    for model, against in product(shown, panels):
        rows = points[(points["model"] == model) & (points["against"] == against)]
        said = [
            f"of {size:,} examples {span_of(of_size, lambda row: ranking_label(row['ranking']))}"
            for size, of_size in rows.groupby("examples")
            if size in (rows["examples"].min(), rows["examples"].max())
        ]
        if said:
            told.append(f"{model}, {PANELS[against]}: {'; '.join([*said, *_turns(rows)])}.")
    return (
        f"{100 * fraction:g} % pruned, {words.span(points['n'], ' seeds')}, paired differences in points of "
        f"accuracy. {' '.join(told)}{rankings_note(in_order(points['ranking']))}"
    )


def _turns(rows: pd.DataFrame) -> list[str]:
    """How many rankings' differences have another sign in the largest set than in the smallest."""
    if rows["examples"].nunique() < 2:
        return []
    ends = rows.sort_values("examples").groupby("ranking", sort=False)["estimate"].agg(["first", "last"])
    turned = int((np.sign(ends["first"]) * np.sign(ends["last"]) < 0).sum())
    return [f"the sign turns in {turned} of {words.count_of(len(ends), 'ranking')}"]
