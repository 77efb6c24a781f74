"""Figure `gain_by_size`: error rates by how many utterances each strategy adds, by language."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from study.plotting.influence.panels import legend, limits, wrapped
from study.plotting.layout import text_width
from study.plotting.selection.arms import colours, in_order, label, markers
from study.plotting.selection.changes import HOLM, LEVEL, known, nothing
from study.plotting.selection.sizes_caption import caption
from study.plotting.selection.told import metric_label, repeats, short, without
from study.plotting.style import GREY, PAGE, Drawing, styled
from study.selection.arms import EVERYTHING, NOTHING, TRUTH
from study.selection.strategies import RANDOM

_METRICS = ("dcer", "semer")
_KEYS = ["dataset", "strategy", "size", "metric"]
_KEPT = ["dataset", "strategy", "metric", "size", "added", "x", "estimate", "low", "high", "n"]
_KEPT += ["p_holm", "differs"]
_STYLES = {RANDOM: "-", TRUTH: "-.", EVERYTHING: "--", NOTHING: ":"}
_WIDTHS = {RANDOM: 2.4, TRUTH: 1.3, EVERYTHING: 1.1, NOTHING: 1.1}
_BEYOND = 0.5  # of the range of rates, which intervals may exceed by so much before they are cut
_APART = 0.08  # inches between the numbers on an axis
_INSIDE = 2.6  # inches, about, that a panel is wide


@styled
def draw_gain_by_size(
    table: pd.DataFrame, datasets: Sequence[str], strategies: Sequence[str], size: float
) -> Drawing:
    """A row of panels for each language, a panel for each of two error rates, a line for each strategy.

    Args:
        table: as selection.csv of the chapter.
        datasets: one a language, in order.
        strategies: the configured ones, in order.
        size: the one of which the caption speaks, in utterances for each gold one.
    """
    rows = rates(table, datasets, strategies)
    points = known(rows)
    if points.empty:
        return nothing("Error rates", rows["reason"])
    metrics = [metric for metric in _METRICS if metric in set(points["metric"])]
    held = set(points["dataset"])
    shown = [dataset for dataset in datasets if dataset in held]
    figure = Figure(
        figsize=(PAGE, np.clip(8.5 / len(shown), 1.4, 1.8) * len(shown) + 1.3), layout="constrained"
    )
    figure.get_layout_engine().set(h_pad=0.05)
    grid = figure.subplots(len(shown), len(metrics), squeeze=False)
    for panels, dataset in zip(grid, shown, strict=True):
        for axes, metric in zip(panels, metrics, strict=True):
            in_panel = rows["dataset"].eq(dataset) & rows["metric"].eq(metric)
            axes.set_title(wrapped(f"{dataset}: {metric_label(metric)}", PAGE / len(metrics) - 0.7))
            _draw_panel(axes, rows[in_panel], strategies, points["x"].max())
        panels[0].set_ylabel("error rate, %" if panels[0].lines else "")
    for column in grid.T:
        [axes for axes in column if axes.lines][-1].set_xlabel("utterances added, % of gold")
    arms = [arm for arm in in_order(strategies) if arm in set(points["strategy"])]
    legend(figure, [_handle(arm, strategies) for arm in arms], _remark(rows, points, metrics))
    return Drawing(figure, points[_KEPT], caption(table, rows, points, size))


def rates(table: pd.DataFrame, datasets: Sequence[str], strategies: Sequence[str]) -> pd.DataFrame:
    """Error rates of selection.csv in percent, undefined ones too.

    Returns:
        The rows, with `x` (what is added, in percent of gold; NaN for all of the pool), and of the test
        against as many random ones `p_holm, differs`.
    """
    there = table["dataset"].isin(datasets) & table["strategy"].isin(in_order(strategies))
    there &= table["view"].eq("overall") & table["metric"].isin(_METRICS)
    tests = table.loc[there & table["statistic"].eq("change"), [*_KEYS, "p_holm"]]
    found = table[there & table["statistic"].eq("rate")].drop(columns="p_holm")
    found = found.merge(tests, on=_KEYS, how="left")
    ends = ["estimate", "low", "high"]
    x = 100 * found["size"].where(found["strategy"] != NOTHING, 0.0)
    return found.assign(**100 * found[ends], x=x, differs=found["p_holm"] <= LEVEL)


def _draw_panel(axes: Axes, rows: pd.DataFrame, strategies: Sequence[str], most: float) -> None:
    points = known(rows)
    if points.empty:
        axes.spines[:].set_visible(False)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, short(rows), transform=axes.transAxes, ha="center", va="center", color=GREY)
        return
    look = colours(strategies)
    for arm in (NOTHING, EVERYTHING):
        for rate in points.loc[points["strategy"] == arm, "estimate"]:
            axes.axhline(rate, color=look[arm], linestyle=_STYLES[arm], linewidth=_WIDTHS[arm], zorder=1)
    start = points[points["strategy"] == NOTHING]
    for arm in (RANDOM, TRUTH, *strategies):
        mine = points[points["strategy"] == arm].sort_values("x")
        if len(mine):
            _draw_arm(axes, mine, start, arm, strategies)
    axes.set_ylim(*_limits(points))
    axes.set_xlim(0 - 0.02 * most, 1.03 * most)
    axes.set_xticks(_apart([0.0, *sorted(points["x"].dropna().unique())], most))


def _draw_arm(
    axes: Axes, rows: pd.DataFrame, start: pd.DataFrame, arm: str, strategies: Sequence[str]
) -> None:
    """A line from what gold alone reaches, with markers that are filled where a test tells it from random."""
    colour, marker = colours(strategies)[arm], markers(strategies)[arm]
    whole = pd.concat([start, rows])
    style, width = _STYLES.get(arm, "-"), _WIDTHS.get(arm, 0.9)
    height = 4 if arm == RANDOM else 3
    axes.plot(whole["x"], whole["estimate"], style, color=colour, linewidth=width, zorder=height)
    if arm == RANDOM:
        axes.fill_between(whole["x"], whole["low"], whole["high"], color=colour, alpha=0.08, linewidth=0)
    if arm in (RANDOM, TRUTH):
        return
    for differs, face in ((True, colour), (False, "white")):
        here = rows[rows["differs"] == differs]
        axes.plot(
            here["x"], here["estimate"], marker, color=colour, markerfacecolor=face, markersize=3.6,
            markeredgewidth=0.8, zorder=5,
        )  # fmt: skip


def _limits(points: pd.DataFrame) -> tuple[float, float]:
    """All rates, and random's intervals, but not where they are far wider than what strategies make of it."""
    rates = points["estimate"]
    room = _BEYOND * max(np.ptp(rates), 0.5)
    of_random = points[points["strategy"].isin([RANDOM, NOTHING])]
    low = np.nanmax([of_random["low"].min(), rates.min() - room])
    high = np.nanmin([of_random["high"].max(), rates.max() + room])
    low = max(min(low, rates.min()), 0.0)  # no rate is below
    return limits(points.assign(low=low, high=max(high, rates.max())))


def _apart(ticks: Sequence[float], most: float) -> list[float]:
    """Those of the sizes whose numbers do not touch on the axis; 0 and the largest first."""
    kept: list[float] = []
    for tick in dict.fromkeys([0.0, ticks[-1], *ticks[::-1]]):
        gaps = [
            abs(tick - other) / most * _INSIDE - (text_width(f"{tick:g}") + text_width(f"{other:g}")) / 2
            for other in kept
        ]
        if all(gap >= _APART for gap in gaps):
            kept.append(tick)
    return sorted(kept)


def _handle(arm: str, strategies: Sequence[str]) -> Line2D:
    marker = "none" if arm in _STYLES else markers(strategies)[arm]
    return Line2D(
        [], [], color=colours(strategies)[arm], linestyle=_STYLES.get(arm, "-"), marker=marker,
        markerfacecolor="white", linewidth=_WIDTHS.get(arm, 0.9), label=label(arm),
    )  # fmt: skip


def _remark(rows: pd.DataFrame, points: pd.DataFrame, metrics: Sequence[str]) -> str:
    parts = [f"means over {repeats(points)}; band: 95 % interval of random, as far as it fits"]
    parts.append(f"filled: differs from random of equal size ({HOLM})")
    return "; ".join([*parts, *without(rows, metrics)])
