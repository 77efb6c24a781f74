"""Figure `head_tail`: changes of DCER against as many random utterances, of what is said often and rarely."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from study.analysis.understanding import TAIL_SHARE
from study.plotting import words
from study.plotting.influence.panels import columns_for, legend, lowest_of_columns, wrapped
from study.plotting.layout import text_width
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
    left_out,
    metric_label,
    not_shown,
    power,
    remark,
    repeats,
    short,
    verdict,
)
from study.plotting.style import PAGE, TEXT, Drawing, styled

_METRIC = "dcer"
_VIEWS = {"head": ("#0072B2", "o"), "tail": ("#D55E00", "s")}
_SHIFTS = {"head": -0.2, "tail": 0.2}  # of a row
_NAMES = {
    "head": "head: said more often",
    "tail": f"tail: the rarest utterances, {words.percent(TAIL_SHARE, 0)} of the traffic",
}
_ROW, _AROUND = 0.21, 0.45  # inches: a row; a panel's title and the numbers on its axis
_NARROWEST = 1.35  # inches that a panel needs, if its title needs no more
_BOLD, _BESIDE = 1.15, 0.15  # how much wider than plain text a title is; inches between panels


@styled
def draw_head_tail(
    table: pd.DataFrame, datasets: Sequence[str], strategies: Sequence[str], size: float
) -> Drawing:
    """A panel for each language, an arm a row, head above tail.

    Args:
        table: as selection.csv of the chapter.
        datasets: one a language, in order.
        strategies: the configured ones, in order.
        size: utterances that are added for each gold one; others are not drawn.
    """
    rows = changes(table, datasets, strategies, size)
    rows = rows[rows["view"].isin(list(_VIEWS)) & rows["metric"].eq(_METRIC)]
    points = placed(known(rows), strategies)
    if points.empty:
        return nothing("Gains in head and tail", rows["reason"])
    held = set(rows["dataset"])
    shown = [dataset for dataset in datasets if dataset in held]
    beside = label_width(points)
    narrowest = max(_NARROWEST, *(_BOLD * text_width(dataset, TEXT) + _BESIDE for dataset in shown))
    columns = columns_for(len(shown), max(1, min(4, int((PAGE - beside) / narrowest))))
    lines = -(-len(shown) // columns)
    high = _ROW * (points["y"].max() + 1) + _AROUND
    figure = Figure(figsize=(PAGE, high * lines + 0.9), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.06)
    grid = figure.subplots(lines, columns, squeeze=False)
    width = (PAGE - beside) / columns - _BESIDE
    bottom = lowest_of_columns(len(shown), columns)
    for place, axes in enumerate(grid.ravel()):
        if place >= len(shown):
            axes.remove()
            continue
        axes.set_title(wrapped(shown[place], width))
        _draw_panel(axes, rows[rows["dataset"] == shown[place]], points, width)
        if place in bottom and axes.lines:
            axes.set_xlabel(wrapped(f"change of {metric_label(_METRIC)}, %", width))
    for axes in grid[:, 1:].ravel():
        axes.tick_params(labelleft=False)
    cut = any(is_cut(panel) for _, panel in points.groupby("dataset", sort=False))
    legend(figure, [*_view_handles(), *handles(points)], remark(points, size, cut))
    drawn = _side_by_side(points)
    return Drawing(figure, drawn[KEPT], _caption(table, rows, points, strategies, size))


def _draw_panel(axes: Axes, rows: pd.DataFrame, points: pd.DataFrame, width: float) -> None:
    """One language; `points` are those of all panels, which settle the rows."""
    here = _side_by_side(points.loc[points.index.intersection(rows.index)])
    if here.empty:
        blank(axes, points, wrapped(short(rows), width))
        return
    draw_arms(axes, points)
    ends = reach(here)
    for view, (colour, marker) in _VIEWS.items():
        draw_changes(axes, here[here["view"] == view], colour, marker, ends)
    scale(axes, ends, width)


def _side_by_side(points: pd.DataFrame) -> pd.DataFrame:
    """Head above tail, in an arm's row."""
    return points.assign(y=points["y"] + points["view"].map(_SHIFTS).astype(float))


def _view_handles() -> list[Line2D]:
    return [
        Line2D([], [], color=colour, marker=marker, label=_NAMES[view])
        for view, (colour, marker) in _VIEWS.items()
    ]


def _caption(
    table: pd.DataFrame, rows: pd.DataFrame, points: pd.DataFrame, strategies: Sequence[str], size: float
) -> str:
    parts = [
        f"Change of {metric_label(_METRIC)} in % against as many random utterances, "
        f"{words.percent(size, 0)} of gold, over {repeats(points)}."
    ]
    own = points[points["tested"]]
    for dataset, of_language in own.groupby("dataset", sort=False):
        said = []
        for view in _VIEWS:
            here = of_language[of_language["view"] == view]
            if here.empty:
                continue
            rate = words.percent(base_rate(table, dataset, size, _METRIC, view))
            said.append(f"{view} ({rate} with random) {extent(here)}")
        parts.append(f"{dataset}: {'; '.join(said)}.")
    parts += [verdict(points, _place), _compared(own)]
    parts += [power(points), not_shown(rows, _place), left_out(rows, strategies)]
    return " ".join(filter(None, parts))


def _compared(rows: pd.DataFrame) -> str:
    """Which of head and tail gains more, as far as that can be said without a test."""
    pairs = rows.pivot(index=["dataset", "strategy"], columns="view", values="estimate")
    pairs = pairs.reindex(columns=list(_VIEWS)).dropna()
    if pairs.empty:
        return ""
    lower = int((pairs["tail"] < pairs["head"]).sum())
    return f"The change is lower in the tail than in the head in {lower} of {len(pairs)} pairs (not tested)."


def _place(row: pd.Series) -> str:
    return f"{row['view']} in {row['dataset']}"
