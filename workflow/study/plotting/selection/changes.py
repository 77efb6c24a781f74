"""Changes against random utterances, an arm a row: which are drawn, where, and how far."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from study.plotting.layout import text_width
from study.plotting.selection.arms import REFERENCES, in_order, label
from study.plotting.style import GREY, INK, PAGE, Drawing

LEVEL = 0.05  # of tests that markers show
HOLM = f"Holm, {LEVEL:g}"
LEAST = -100.0  # percent: no error rate falls by more
REFERENCE_GAP = 0.4  # of a row, between strategies and references
KEPT = ["dataset", "strategy", "size", "view", "metric", "estimate", "low", "high", "n"]
KEPT += ["p_holm", "differs", "tested", "y"]
_WIDE = 2.5  # intervals are cut where they reach this much further than the median one
_ROOM, _FAR = 1.25, 10.0  # of the largest estimate: what an axis holds at least, and at most for intervals
_SPARED = 1.5  # times that: what is not worth an arrow
_TICK = 0.4  # inches between ticks, about


def changes(
    table: pd.DataFrame, datasets: Sequence[str], strategies: Sequence[str], size: float
) -> pd.DataFrame:
    """Changes of selection.csv at one size, by strategies and references, in percent; undefined ones too.

    Returns:
        The rows, with `tested` (not so references) and `differs`: whether the test says so.
    """
    there = table["dataset"].isin(datasets) & table["strategy"].isin([*strategies, *REFERENCES])
    rows = table[there & table["statistic"].eq("change") & np.isclose(table["size"], size)]
    tested = rows["strategy"].isin(list(strategies))
    return rows.assign(tested=tested, differs=tested & (rows["p_holm"] <= LEVEL))


def known(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have an estimate."""
    return rows[np.isfinite(rows["estimate"].astype(float))]


def placed(rows: pd.DataFrame, strategies: Sequence[str]) -> pd.DataFrame:
    """`y`: a row for each arm that has an estimate anywhere, references below a gap."""
    held = set(rows["strategy"])
    arms = [arm for arm in in_order(strategies) if arm in held]
    first = sum(arm not in REFERENCES for arm in arms)
    gap = REFERENCE_GAP if first else 0.0
    places = {arm: place + gap * (place >= first) for place, arm in enumerate(arms)}
    return rows.assign(y=rows["strategy"].map(places).astype(float))


def draw_arms(axes: Axes, points: pd.DataFrame) -> None:
    """Stripes behind the rows of `placed`, a line above references, and names of arms on the left."""
    name_arms(axes, points)
    arms = points.drop_duplicates("strategy").sort_values("y")
    of_strategies = arms.loc[arms["tested"], "y"]
    for y in of_strategies[::2]:
        axes.axhspan(y - 0.5, y + 0.5, color="#f3f3f3", linewidth=0, zorder=0)
    if 0 < len(of_strategies) < len(arms):
        axes.axhline(len(of_strategies) - 0.5 + REFERENCE_GAP / 2, color=GREY, linewidth=0.5, zorder=1)
    axes.axvline(0, color=GREY, linewidth=0.9, zorder=1)


def name_arms(axes: Axes, points: pd.DataFrame) -> None:
    """The rows of `placed` with the names of their arms."""
    arms = points.drop_duplicates("strategy").sort_values("y")
    axes.set_ylim(arms["y"].max() + 0.5, arms["y"].min() - 0.5)
    axes.set_yticks(arms["y"], list(map(label, arms["strategy"])))
    axes.tick_params(axis="y", length=0)
    for tick, tested in zip(axes.yaxis.get_major_ticks(), arms["tested"], strict=True):
        tick.label1.set_color(INK if tested else GREY)


def reach(rows: pd.DataFrame) -> tuple[float, float]:
    """What an axis holds: 0, all estimates, and intervals, but for the ends of those far wider than most."""
    ends = rows[["low", "high"]].abs().max(axis=1).dropna()
    estimates = rows["estimate"]
    largest = max(estimates.abs().max(), 0.4)
    typical = _WIDE * ends.median() if len(ends) else 0.0
    most = max(_ROOM * largest, min(typical, _FAR * max(largest, _FAR)))
    if len(ends) and ends.max() < _SPARED * most:
        most = ends.max()
    low = np.nanmin([0.0, estimates.min(), max(rows["low"].min(), -most, LEAST)])
    high = np.nanmax([0.0, estimates.max(), min(rows["high"].max(), most)])
    return float(low), float(high)


def draw_changes(axes: Axes, rows: pd.DataFrame, colour: str, marker: str, ends: tuple[float, float]) -> None:
    """Estimates and intervals of one colour; open markers do not differ from random, references are crosses.

    Args:
        axes: what is drawn on.
        rows: some of `placed`.
        colour, marker: theirs.
        ends: as of `reach`; arrows stand where intervals go on.
    """
    low, high = rows["low"].clip(lower=ends[0]), rows["high"].clip(upper=ends[1])
    axes.hlines(rows["y"], low, high, color=colour, linewidth=0.9, zorder=2)
    left = rows.loc[(rows["low"] < ends[0]) & (ends[0] > LEAST), "y"]
    right = rows.loc[rows["high"] > ends[1], "y"]
    for y, end, arrow in ((left, ends[0], "<"), (right, ends[1], ">")):
        at = np.full(len(y), end)
        if len(y):
            axes.plot(at, y, arrow, color=colour, markersize=2.6, markeredgewidth=0, zorder=2)
    tested = rows["tested"]
    for which, shape, face in (
        (tested & rows["differs"], marker, colour),
        (tested & ~rows["differs"], marker, "white"),
        (~tested, "x", colour),
    ):
        here = rows[which]
        if here.empty:
            continue
        axes.plot(
            here["estimate"], here["y"], shape, color=colour, markerfacecolor=face, markersize=3.6,
            markeredgewidth=0.9, zorder=3,
        )  # fmt: skip


def scale(axes: Axes, ends: tuple[float, float], width: float) -> None:
    """An axis, about `width` inches wide, with a little room beyond its ends."""
    room = 0.05 * max(ends[1] - ends[0], 1.0)
    axes.set_xlim(ends[0] - room, ends[1] + room)
    ticks = int(np.clip(width / _TICK, 3, 7))
    axes.xaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))


def handles(points: pd.DataFrame, marker: str = "o") -> list[Line2D]:
    """What of the markers of `draw_changes` occurs, for a key."""
    tested, differs = points["tested"], points["differs"]
    test = f" ({HOLM})"
    found = [
        (tested & differs, marker, INK, f"differs from random{test}"),
        (tested & ~differs, marker, "white", f"does not differ from random{'' if differs.any() else test}"),
        (~tested, "x", GREY, "reference, not tested"),
    ]
    return [
        Line2D(
            [], [], linestyle="none", marker=shape, color=GREY if shape == "x" else INK,
            markerfacecolor=face, label=name,
        )
        for which, shape, face, name in found
        if which.any()
    ]  # fmt: skip


def is_cut(rows: pd.DataFrame) -> bool:
    """Whether `reach` leaves out the end of an interval."""
    low, high = reach(rows)
    return bool(((rows["low"] < low) & (low > LEAST)).any() or (rows["high"] > high).any())


def blank(axes: Axes, points: pd.DataFrame, text: str) -> None:
    """A line of text in place of a panel; names of arms stay, for those beside it."""
    axes.spines[:].set_visible(False)
    axes.set_xticks([])
    name_arms(axes, points)
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY)


def nothing(what: str, reasons: pd.Series) -> Drawing:
    """A figure that says in words why it is empty."""
    said = "; ".join(dict.fromkeys(map(str, reasons.dropna()))) or "no strategy adds that many"
    figure = Figure(figsize=(PAGE, 1.0))
    figure.text(0.5, 0.5, f"Nothing to draw: {said}.", ha="center", color=GREY)
    return Drawing(figure, pd.DataFrame({"not shown": [said]}), f"{what} cannot be drawn: {said}.")


def label_width(points: pd.DataFrame) -> float:
    """Inches that names of arms take beside the panels."""
    return max(map(text_width, map(label, points["strategy"].unique()))) + 0.15
