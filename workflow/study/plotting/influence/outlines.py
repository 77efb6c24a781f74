"""Shares of examples in bins, drawn as a line that steps, and filled where that helps."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes


def draw_outline(
    axes: Axes, bins: pd.DataFrame, colour: str, line: bool = True, filled: bool = False
) -> None:
    """Draw the shares of one model in percent.

    Args:
        axes: what is drawn on.
        bins: `low_edge, high_edge, share`, a row a bin, from low to high.
        colour: of the model.
        line: whether the outline is drawn.
        filled: whether the area below it is, lightly.
    """
    x = bins[["low_edge", "high_edge"]].to_numpy(dtype=float).ravel()
    y = np.repeat(100 * bins["share"].to_numpy(dtype=float), 2)
    if filled:
        axes.fill_between(x, 0, y, color=colour, alpha=0.35, linewidth=0)
    if line:
        axes.plot(x, y, color=colour, linewidth=1.0)
