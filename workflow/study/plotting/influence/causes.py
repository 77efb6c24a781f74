"""Figure `what_makes_hard`: how hard scores find examples of which it is known why they might be hard."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.layout import model_key, offsets, stripe_rows
from study.plotting.style import GREY, PAGE, Drawing, model_colours, model_markers, present, styled

_LEAST, _STEP = 0.22, 0.055  # height of a row in inches, and what a score adds to it
_TALLEST = 6.5  # about, of all rows of a column, in inches
_HEAD = 0.3  # of a panel, in inches


@styled
def draw_what_makes_hard(
    causes: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> Drawing:
    """A panel a cause, a row a value, the hardest on top: mean rank of its examples by each score.

    Args:
        causes: `model, score, cause, value, examples, estimate, low, high, n`, ranks from 0 (easiest) to 1.
        models: all of the study's, in order; means over them are shown.
        columns: score columns to show.
        dataset: its name.
    """
    rows = causes[causes["score"].isin(columns) & causes["estimate"].notna()]
    shown = present(rows, models)
    if not shown:
        return nothing_to_draw(dataset, " Not shown: known causes (no score ranks examples with them).")
    rows = rows.assign(value=rows["value"].astype(str))
    points = mean_over_models(rows[rows["model"].isin(shown)], ["cause", "value", "score"])
    sizes = rows.groupby(["cause", "value"])["examples"].max()
    points["examples"] = [int(sizes[key]) for key in zip(points["cause"], points["value"], strict=True)]
    scores = [column for column in columns if (points["score"] == column).any()]
    points = _placed(points, scores)
    sides = _sides(points)
    most = max(sum(points[points["cause"] == cause]["row"].max() + 1 for cause in side) for side in sides)
    row = max(_LEAST, min(_LEAST + _STEP * (len(scores) - 1), _TALLEST / most))
    panels = max(len(side) for side in sides)
    figure = Figure(figsize=(PAGE, row * most + _HEAD * panels + 1.05), layout="constrained")
    for part, side in zip(figure.subfigures(1, len(sides), squeeze=False)[0], sides, strict=True):
        _draw_side(part, points, side, scores, most + panels * _HEAD / row)
    names = [words.marked_label(score) for score in scores]
    model_key(figure, names, names, words.coarse_key(scores))
    caption = _caption(points, scores, shown, dataset)
    return Drawing(figure, points, f"{caption}{words.coarse_note(scores)}")


def _placed(points: pd.DataFrame, scores: Sequence[str]) -> pd.DataFrame:
    """With the row of each value in its panel, the hardest on top, and the place of each score around it."""
    means = points.groupby(["cause", "value"], sort=False)["estimate"].mean().reset_index()
    means["row"] = means.groupby("cause")["estimate"].rank(ascending=False, method="first").astype(int) - 1
    placed = points.merge(means[["cause", "value", "row"]], on=["cause", "value"])
    placed["y"] = placed["row"] + placed["score"].map(offsets(scores, min(0.72, 0.16 * len(scores))))
    return placed


def _sides(points: pd.DataFrame) -> list[list[str]]:
    """The causes in one column, or in two of about the same height where there are several."""
    rows = points.groupby("cause", sort=False)["row"].max() + 1
    if len(rows) < 2:
        return [rows.index.tolist()]
    sides, heights = ([], []), [0, 0]
    for cause in rows.sort_values(ascending=False, kind="stable").index:
        side = int(heights[1] < heights[0])
        sides[side].append(cause)
        heights[side] += rows[cause] + 1
    return list(sides)


def _draw_side(
    part: SubFigure, points: pd.DataFrame, side: Sequence[str], scores: Sequence[str], height: float
) -> None:
    """Panels one below the other, and nothing below them where the other column is higher; in rows."""
    counts = [int(points[points["cause"] == cause]["row"].max()) + 1 for cause in side]
    rest = height - sum(counts) - len(counts)
    ratios = counts if rest < 2 else [*counts, rest]
    *grid, last = part.subplots(len(ratios), 1, squeeze=False, sharex=True, height_ratios=ratios)[:, 0]
    if rest < 2:
        grid.append(last)
    else:
        last.remove()
    for axes, cause in zip(grid, side, strict=True):
        _draw_cause(axes, points[points["cause"] == cause], scores)
        axes.set_title(cause)
    spread = points[["low", "high", "estimate"]].to_numpy(dtype=float)
    grid[-1].set_xlim(max(0.0, np.nanmin(spread) - 0.03), min(1.0, np.nanmax(spread) + 0.03))
    grid[-1].tick_params(labelbottom=True)
    grid[-1].set_xlabel("mean rank, 0 = easiest, 1 = hardest")


def _draw_cause(axes: Axes, points: pd.DataFrame, scores: Sequence[str]) -> None:
    names = [words.marked_label(score) for score in scores]
    looks = model_colours(names), model_markers(names)
    rows = points.drop_duplicates("value").sort_values("row")
    stripe_rows(axes, len(rows))
    axes.axvline(0.5, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    for score, name in zip(scores, names, strict=True):
        mine = points[points["score"] == score]
        axes.hlines(mine["y"], mine["low"], mine["high"], color=looks[0][name], linewidth=0.9)
        axes.plot(mine["estimate"], mine["y"], looks[1][name], color=looks[0][name], markersize=3.2)
    labels = [f"{value} ({count:,})" for value, count in zip(rows["value"], rows["examples"], strict=True)]
    axes.set_yticks(range(len(rows)), labels)


def _caption(points: pd.DataFrame, scores: Sequence[str], shown: Sequence[str], dataset: str) -> str:
    parts = [
        f"{dataset}: {words.count_of(len(scores), 'score')}, {words.count_of(len(shown), 'encoder')}, "
        f"{words.span(points['n'], ' runs')} each."
    ]
    sure = words.headline(scores)
    for cause, rows in points[points["score"].isin(sure)].groupby("cause", sort=False):
        means = rows.groupby("value", sort=False)["estimate"].mean()
        value = (means - 0.5).abs().idxmax()
        these = rows[rows["value"] == value]
        furthest = these.loc[(these["estimate"] - 0.5).abs().idxmax()]
        above = int((these["low"] > 0.5).sum()), int((these["high"] < 0.5).sum())
        parts.append(
            f"Furthest from the middle lies {cause} = {value}: harder than half for {above[0]} and easier "
            f"for {above[1]} of {words.count_of(len(these), 'score')} (interval beyond 0.5), most by "
            f"{words.score_label(furthest['score'])}, {words.interval(furthest)}."
        )
    return " ".join(parts)
