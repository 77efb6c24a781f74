"""Figure `score_cost`: what each score costs, in units of one training epoch."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.layout import model_key, offsets, stripe_rows
from study.plotting.style import GREY, PAGE, SMALL, Drawing, model_colours, model_markers, present, styled

_COUNTS = {  # columns of text beside the rows: heading, place in inches right of the axes, format
    "forward": ("forward\npasses", 0.35),
    "backward": ("backward\npasses", 0.95),
    "runs": ("runs", 1.45),
    "seconds": ("seconds", 2.0),
}
_BESIDE = 2.35  # inches for them
_LABELS = 1.75
_FEW_DECADES = 50  # ends of an axis whose ratio is below have ticks at 2 and 5 too


@styled
def draw_score_cost(
    cost: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> Drawing:
    """A row for each score: its cost on a log axis, a marker a model, and what it is made of in numbers.

    Args:
        cost: `model, score, training_epochs, forward, backward, runs, seconds`.
        models, columns: in the study's order.
        dataset: its name.
    """
    finite = np.isfinite(cost["training_epochs"]) & cost["score"].isin(columns) & cost["model"].isin(models)
    points = cost[finite]
    if points.empty:
        return nothing_to_draw(dataset, "")
    shown = present(points, models)
    order = points.groupby("score")["training_epochs"].mean().sort_values(kind="stable").index.tolist()
    points = points.assign(
        y=points["score"].map(order.index) + points["model"].map(offsets(shown, 0.5)),
        x=_on_axis(points["training_epochs"]),
    )
    height = max(0.19, 0.09 * len(shown) + 0.04) * len(order)
    figure = Figure(figsize=(PAGE, height + 1.15), layout="constrained")
    axes, beside = figure.subplots(1, 2, width_ratios=[PAGE - _LABELS - _BESIDE, _BESIDE])
    _draw(axes, points, models, order)
    _write(beside, points, order)
    model_key(figure, shown, models)
    kept = ["model", "score", "training_epochs", "forward", "backward", "runs", "seconds", "x", "y"]
    return Drawing(figure, points[kept], _caption(points, shown, order, dataset))


def _on_axis(epochs: pd.Series) -> pd.Series:
    """Places on a log axis: what costs nothing stands left of all that costs something."""
    least = epochs[epochs > 0].min()
    return epochs.where(epochs > 0, least / 3 if np.isfinite(least) else 1.0)


def _draw(axes: Axes, points: pd.DataFrame, models: Sequence[str], order: Sequence[str]) -> None:
    colours, markers = model_colours(models), model_markers(models)
    stripe_rows(axes, len(order))
    axes.set_xscale("log")
    low, high = min(1.0, points["x"].min()) / 1.6, max(1.0, points["x"].max()) * 1.6
    axes.set_xlim(low, high)
    for row in points.itertuples():
        face = colours[row.model] if row.training_epochs > 0 else "white"
        axes.plot(row.x, row.y, markers[row.model], color=colours[row.model], markerfacecolor=face)
    axes.axvline(1, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    axes.xaxis.set_major_locator(
        LogLocator(subs=(1, 2, 5) if high < _FEW_DECADES * low else (1,), numticks=8)
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    free = "; open: no cost" if (points["training_epochs"] <= 0).any() else ""
    axes.set_xlabel(f"cost in training epochs{free}")
    axes.set_yticks(range(len(order)), [words.score_label(score) for score in order])


def _write(axes: Axes, points: pd.DataFrame, order: Sequence[str]) -> None:
    """What the cost is made of: one number where models agree, else the range."""
    stripe_rows(axes, len(order))
    axes.spines[:].set_visible(False)
    axes.set_xlim(0, _BESIDE)
    axes.set_xticks([])
    axes.set_yticks([])
    for name, (heading, place) in _COUNTS.items():
        axes.text(place, -0.7, heading, fontsize=SMALL, color=GREY, ha="center", va="bottom")
        for row, score in enumerate(order):
            values = points.loc[points["score"] == score, name].dropna()
            axes.text(place, row, _range(values), fontsize=SMALL, ha="center", va="center")


def _range(values: pd.Series) -> str:
    if values.empty:
        return "–"
    low, high = (words.number(end) for end in (values.min(), values.max()))
    return low if low == high else f"{low} – {high}"


def _caption(points: pd.DataFrame, shown: Sequence[str], order: Sequence[str], dataset: str) -> str:
    told = []
    for model in shown:
        rows = points[points["model"] == model].sort_values("training_epochs", kind="stable")
        first, last = rows.iloc[0], rows.iloc[-1]
        median = words.number(rows["training_epochs"].median())
        told.append(f"{model}: from {_named(first)} to {_named(last)}, median {median}")
    dear = int((points.groupby("score")["training_epochs"].mean() > 1).sum())
    return (
        f"{dataset}: cost of {words.count_of(len(order), 'score')} in training epochs. {'; '.join(told)}. "
        f"{dear} of {len(order)} cost more than one epoch, in the mean over models."
    )


def _named(row: pd.Series) -> str:
    return f"{words.number(row['training_epochs'])} ({words.score_label(row['score'])})"
