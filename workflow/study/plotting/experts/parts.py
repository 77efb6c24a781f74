"""What figures of the chapter share: names of counts, axes of numbers in powers of two, lines of families."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from study.plotting.style import GREY

AXES = {
    "total": "parameters",
    "active": "active parameters",
    "total_without_embeddings": "parameters without embeddings",
    "active_without_embeddings": "active parameters without embeddings",
    "operations": "training FLOP per token",
}


FAMILIES = "solid lines: models that differ in their number of experts alone; dotted: dense models"


def join_families(axes: Axes, table: pd.DataFrame, size: str) -> None:
    """Grey lines through models: of each family of learned routers, and of dense models.

    Args:
        axes: what is drawn on.
        table: `dim, layers, top_k, expert_width, experts, router, estimate` and the size.
        size: the column to draw against.
    """
    lines = [
        (family.sort_values("experts"), "-")
        for _, family in table[table["router"] == "learned"].groupby(
            ["dim", "layers", "top_k", "expert_width"], sort=False
        )
    ]
    lines.append((table[table["experts"] == 1].sort_values(size), ":"))
    for line, style in lines:
        if len(line) > 1:
            axes.plot(line[size], line["estimate"], style, color=GREY, linewidth=0.8, zorder=1)


def entries_axis(axis: Axis) -> None:
    """Whole numbers at powers of two: 256, 512, 1,024, 16 k."""
    axis.set_major_locator(LogLocator(base=2, numticks=8))
    axis.set_major_formatter(FuncFormatter(_short))
    axis.set_minor_formatter(NullFormatter())


def _short(value: float, _place: int) -> str:
    if value >= 1e9:
        return f"{value / 1e9:.0f} G"
    if value >= 2**20:
        return f"{value / 1e6:.1f} M"
    return f"{value / 1e3:.0f} k" if value >= 10_000 else f"{value:,.0f}"
