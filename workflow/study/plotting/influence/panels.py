"""What figures of the chapter share: wrapped titles, grids of panels, keys, lines with intervals."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.layout import key_below, text_width
from study.plotting.style import PAGE, TEXT

_BOLD = 1.15  # how much wider than plain text a title is
_SIDE = 0.3  # inches beside a panel: tick labels and the gap to the next one


def wrapped(text: str, width: float) -> str:
    """A title in lines that fit `width` inches, as far as its words allow."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _BOLD * text_width(longer, TEXT) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def columns_for(count: int, most: int = 4) -> int:
    """Into how many columns so many panels go: in rows of nearly equal length."""
    rows = -(-count // most)
    return -(-count // rows)


def panel_width(columns: int) -> float:
    """About how wide a panel's title may be, in inches."""
    return PAGE / columns - _SIDE


def legend(figure: Figure, handles: Sequence[Artist], remark: str = "") -> None:
    """A key below the figure in as many columns as fit, with a line of text above it."""
    key_below(figure, handles, remark, 0.55, columnspacing=1.2, handlelength=2.4)


def line(
    axes: Axes, rows: pd.DataFrame, colour: object, marker: str, style: str = "-", *, band: bool = False
) -> None:
    """A line through `x, estimate` with intervals; markers are open where `differs` is false.

    Args:
        axes: what is drawn on.
        rows: `x, estimate, low, high, differs`, in order.
        colour, marker, style: of the line.
        band: intervals as a band instead of bars, where there is more than one point.
    """
    x = rows["x"].to_numpy(dtype=float)
    if band and len(rows) > 1:
        axes.fill_between(x, rows["low"], rows["high"], color=colour, alpha=0.16, linewidth=0, zorder=1)
    else:
        axes.vlines(x, rows["low"], rows["high"], color=colour, linewidth=0.8)
    axes.plot(x, rows["estimate"], linestyle=style, color=colour, zorder=2)
    for differs, face in ((True, colour), (False, "white")):
        here = rows[rows["differs"] == differs]
        axes.plot(
            here["x"], here["estimate"], marker, color=colour, markerfacecolor=face, markersize=3.4, zorder=3,
            markeredgewidth=0.8,
        )  # fmt: skip


def limits(points: pd.DataFrame, *others: float) -> tuple[float, float]:
    """A vertical axis that holds all estimates and intervals of `points`, and other numbers."""
    values = np.concatenate([points[["estimate", "low", "high"]].to_numpy(dtype=float).ravel(), others])
    values = values[np.isfinite(values)]
    room = 0.06 * max(values.max() - values.min(), 0.5)
    return values.min() - room, values.max() + room


def span_of(rows: pd.DataFrame, name: Callable[[pd.Series], str]) -> str:
    """The lowest and the highest estimate with intervals and names; one alone if there is no other."""
    low, high = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
    ends = [high] if len(rows) == 1 else [low, high]
    named = [f"{words.interval(row)} ({name(row)})".removesuffix(" ()") for row in ends]
    return " to ".join(named)


def lowest_of_columns(count: int, columns: int) -> set[int]:
    """Which of `count` panels, row by row, have none below them."""
    return {place for place in range(count) if place + columns >= count}
