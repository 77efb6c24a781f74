"""Placing what matplotlib does not: labels beside line ends, model keys, matrices with numbers."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath

from study.plotting.style import GREY, SMALL, model_colours, model_markers


def text_width(text: str, size: float = SMALL) -> float:
    """Width of a line of text in inches."""
    return TextPath((0, 0), text, size=size).get_extents().width / 72 if text.strip() else 0.0


def spread(places: Sequence[float], gap: float, low: float, high: float) -> np.ndarray:
    """Places moved least (in squares) for neighbours to be `gap` apart, within low…high."""
    from scipy.optimize import isotonic_regression  # half a second: only for the figures that need it

    places = np.asarray(places, dtype=float)
    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(places))
    free = isotonic_regression(places[order] - steps).x
    moved = np.empty(len(places))
    moved[order] = np.clip(free, low, max(low, high - gap * (len(places) - 1))) + steps
    return moved


def label_ends(
    axes: Axes,
    ends: Mapping[str, tuple[float, float]],
    colours: Mapping[str, object],
    height: float,
    label: Callable[[str], str] = str,
    lines: int = 1,
) -> None:
    """Names lines at their right ends, outside the axes, each joined to its end by a thin leader.

    Args:
        ends: (x, y) of each line's last point, in data units. The axes' limits must be final.
        height: of the axes, about, in inches: labels are kept `lines` of text apart.
        label: what to write for a name.
        lines: of text in the longest label.
    """
    to_axes = axes.transData + axes.transAxes.inverted()
    ends_in_axes = {name: to_axes.transform(end) for name, end in ends.items()}
    gap = 1.15 * lines * SMALL / 72 / height
    heights = spread([end[1] for end in ends_in_axes.values()], gap, gap / 2, 1 - gap / 2)
    for (name, (x, y)), placed in zip(ends_in_axes.items(), heights, strict=True):
        colour = colours[name]
        axes.plot(
            [x, 1.0, 1.05],
            [y, y, placed],
            transform=axes.transAxes,
            color=colour,
            linewidth=0.5,
            clip_on=False,
        )
        axes.text(
            1.06, placed, label(name), transform=axes.transAxes, color=colour, fontsize=SMALL, va="center"
        )


def model_key(figure: Figure, shown: Sequence[str], models: Sequence[str], remark: str = "") -> None:
    """A line of markers and names below the figure, in as many columns as fit.

    Args:
        shown: the models in this figure.
        models: all of the study's, which settle colours and markers.
        remark: a line of text above the names.
    """
    colours, markers = model_colours(models), model_markers(models)
    handles = [Line2D([], [], color=colours[m], marker=markers[m], linestyle="none", label=m) for m in shown]
    key_below(figure, handles, remark, 0.32, handletextpad=0.1, columnspacing=1.0)


def key_below(figure: Figure, handles: Sequence[Artist], remark: str, beside: float, **style: float) -> None:
    """A key below a figure, in as many columns as fit.

    Args:
        handles: what it explains, with their labels.
        remark: a line of text above them.
        beside: width of what stands beside a label, in inches.
        style: of `Figure.legend`.
    """
    widest = max(text_width(str(handle.get_label())) for handle in handles) + beside
    fitting = max(1, min(len(handles), int((figure.get_figwidth() - 0.2) / widest)))
    columns = -(-len(handles) // -(-len(handles) // fitting))  # as many rows as needed, equally long
    key = figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=columns,
        title=remark or None,
        title_fontsize=SMALL,
        **style,
    )
    key.get_title().set_color(GREY)


def offsets(models: Sequence[str], height: float = 0.72) -> dict[str, float]:
    """Vertical places of the models around a row of unit height, first on top."""
    count = len(models)
    places = np.linspace(-height / 2, height / 2, count) if count > 1 else [0.0]
    return dict(zip(models, places, strict=True))


def stripe_rows(axes: Axes, count: int) -> None:
    """Light bands behind every other of `count` rows, first row on top."""
    for row in range(0, count, 2):
        axes.axhspan(row - 0.5, row + 0.5, color="#f3f3f3", linewidth=0, zorder=0)
    axes.set_ylim(count - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def annotate_cells(axes: Axes, values: np.ndarray, dark: float) -> None:
    """Writes each value of a matrix, as short as .93, -.32 or 1; white where its size is above `dark`."""
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            text = f"{abs(value):.2f}".removeprefix("0")
            text = "1" if text == "1.00" else text
            text = (
                f"-{text}" if value <= -0.005 else text
            )  # a hyphen: the minus sign is as wide as two digits
            colour = "white" if abs(value) > dark else "black"
            axes.text(column, row, text, ha="center", va="center", fontsize=SMALL, color=colour)


def bare(axes: Axes) -> None:
    """No frame and no tick marks."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def note(axes: Axes, x: float, text: str, y: float = 0.03, **where: object) -> None:
    """A line of grey text near the bottom; `x` and `y` are shares of the axes unless `where` says else."""
    where = {"transform": axes.transAxes, **where}
    axes.text(x, y, text, fontsize=SMALL, color=GREY, **where)
