"""Figure `gain_by_strategy`: changes of error rates against as many random utterances, by language.

Rows are strategies and, below a line, reference arms. Each panel has an axis of its own.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.influence.panels import legend, wrapped
from study.plotting.selection.arms import TRUTH, colours
from study.plotting.selection.changes import (
    KEPT,
    blank,
    changes,
    draw_arms,
    draw_changes,
    handles,
    is_cut,
    known,
    label_width,
    nothing,
    placed,
    reach,
    scale,
)
from study.plotting.selection.told import (
    base_rate,
    extent,
    gold,
    left_out,
    metric_label,
    metric_place,
    not_shown,
    power,
    remark,
    repeats,
    short,
    told,
    verdict,
    without,
)
from study.plotting.style import PAGE, Drawing, styled

_METRICS = ("dcer", "semer")
_ROWS = 0.125, 0.16  # inches that a row may be high
_AROUND = 0.5  # inches: a panel's title and the numbers on its axis
_PAGE = 9.0  # inches that languages are fitted into, as far as rows allow


@styled
def draw_gain_by_strategy(
    table: pd.DataFrame, datasets: Sequence[str], strategies: Sequence[str], size: float
) -> Drawing:
    """A row of panels for each language, a panel for each of two error rates.

    Args:
        table: as selection.csv of the chapter.
        datasets: one a language, in order.
        strategies: the configured ones, in order.
        size: utterances that are added for each gold one; others are not drawn.
    """
    rows = changes(table, datasets, strategies, size)
    rows = rows[rows["view"].eq("overall") & rows["metric"].isin(_METRICS)]
    points = placed(known(rows), strategies)
    if points.empty:
        return nothing("Gains", rows["reason"])
    metrics = [metric for metric in _METRICS if metric in set(points["metric"])]
    held = set(rows["dataset"])
    shown = [dataset for dataset in datasets if dataset in held]
    rows_high = points["y"].max() + 1
    row = np.clip((_PAGE / len(shown) - _AROUND) / rows_high, *_ROWS)
    high = (row * rows_high + _AROUND) * len(shown)
    figure = Figure(figsize=(PAGE, high + 0.75), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.06)
    grid = figure.subplots(len(shown), len(metrics), squeeze=False)
    width = (PAGE - label_width(points)) / len(metrics) - 0.1
    look = colours(strategies)
    for panels, dataset in zip(grid, shown, strict=True):
        for axes, metric in zip(panels, metrics, strict=True):
            axes.set_title(_title(table, dataset, size, metric, width))
            here = rows[rows["dataset"].eq(dataset) & rows["metric"].eq(metric)]
            _draw_panel(axes, here, points, look, width)
    for axes in grid[:, 1:].ravel():
        axes.tick_params(labelleft=False)
    for axes, metric in zip(_lowest(grid), metrics, strict=True):
        axes.set_xlabel(f"change of {metric_label(metric)} against random, %")
    panels = points.groupby(["dataset", "metric"], sort=False)
    said = [remark(points, size, any(is_cut(panel) for _, panel in panels)), *without(rows, metrics)]
    legend(figure, handles(points), "; ".join(said))
    return Drawing(figure, points[KEPT], _caption(table, rows, points, strategies, size))


def _draw_panel(axes: Axes, rows: pd.DataFrame, points: pd.DataFrame, look: dict, width: float) -> None:
    """One language and error rate; `points` are those of all panels, which settle the rows."""
    here = points.loc[points.index.intersection(rows.index)]
    if here.empty:
        blank(axes, points, wrapped(short(rows), width))
        return
    draw_arms(axes, points)
    ends = reach(here)
    for strategy, row in here.groupby("strategy", sort=False):
        draw_changes(axes, row, look[strategy], "o", ends)
    scale(axes, ends, width)


def _lowest(grid: np.ndarray) -> list[Axes]:
    """The lowest panel of each column that is not blank."""
    return [[axes for axes in column if axes.lines][-1] for column in grid.T]


def _title(table: pd.DataFrame, dataset: str, size: float, metric: str, width: float) -> str:
    """The panel and the rate that changes are of; the latter in a line of its own where both do not fit."""
    name, rate = f"{dataset}: {metric_label(metric)}", base_rate(table, dataset, size, metric)
    if not np.isfinite(rate):
        return wrapped(name, width)
    whole = f"{name} (random: {words.percent(rate)})"
    return whole if wrapped(whole, width) == whole else whole.replace(" (", "\n(")


def _caption(
    table: pd.DataFrame, rows: pd.DataFrame, points: pd.DataFrame, strategies: Sequence[str], size: float
) -> str:
    parts = [
        f"Change of error rates in % against as many random utterances, {words.percent(size, 0)} of gold, "
        f"over {repeats(points)}: strategies from least to most, and random ones with their true labels."
    ]
    for dataset, of_language in points.groupby("dataset", sort=False):
        count = gold(table, dataset)
        said = [_of_metric(here, metric) for metric, here in of_language.groupby("metric", sort=False)]
        parts.append(f"{dataset} ({round(size * count):,} added to {count:,} gold): {'; '.join(said)}.")
    parts += [verdict(points, metric_place), power(points)]
    parts += [not_shown(rows, metric_place), left_out(rows, strategies)]
    return " ".join(filter(None, parts))


def _of_metric(rows: pd.DataFrame, metric: str) -> str:
    """The ends of what strategies change, and what true labels do."""
    said = []
    if rows["tested"].any():
        said.append(extent(rows[rows["tested"]]))
    said += [f"true labels {told(row)}" for _, row in rows[rows["strategy"] == TRUTH].iterrows()]
    said = said or [extent(rows)]
    return f"{metric_label(metric)} {', '.join(said)}"
