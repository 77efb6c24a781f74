"""How every figure looks: sizes, fonts, and the colours and markers by which models are known.

Figures are drawn at the size at which they are printed: a page or a column wide, no text below 7 points.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple

import matplotlib as mpl
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

PAGE, COLUMN = 7.0, 3.4  # widths in inches
SMALL, TEXT = 7.0, 7.5  # font sizes in points
GREY, LIGHT, INK = "#6b6b6b", "#d9d9d9", "#262626"
MATRIX_COLOURS = "RdBu_r"

# Ten colours that stay apart for the common kinds of colour blindness, after Okabe & Ito 2008 and Tol 2021;
# neighbours in the list differ in lightness, and models also differ by marker.
_PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#882255",
    "#56B4E9",
    "#D55E00",
    "#332288",
    "#CC79A7",
    "#7A7A00",
    "#000000",
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h")

_STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": TEXT,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.5,
    "figure.dpi": 200,
    "figure.constrained_layout.h_pad": 0.04,
    "figure.constrained_layout.w_pad": 0.04,
    "pdf.fonttype": 42,  # text stays text
    "svg.hashsalt": "study",
}


class Drawing(NamedTuple):
    """A finished figure."""

    figure: Figure
    points: pd.DataFrame
    """Exactly what is drawn, a row per point."""
    caption: str
    """Plain sentences with this figure's numbers and what follows from them."""


def styled(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Makes `draw` run under the study's style alone, whatever the user's own matplotlib settings."""

    @wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> Any:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(_STYLE)
            return draw(*args, **kwargs)

    return drawn


def model_colours(models: Sequence[str]) -> dict[str, str]:
    """The colour of each model, by its place in the study's list; from the eleventh on they repeat."""
    return {model: _PALETTE[place % len(_PALETTE)] for place, model in enumerate(models)}


def model_markers(models: Sequence[str]) -> dict[str, str]:
    """The marker of each model; shifted by one where colours repeat, so that no two models look the same."""
    size = len(_MARKERS)
    return {model: _MARKERS[(place + place // size) % size] for place, model in enumerate(models)}


def present(frame: pd.DataFrame, models: Sequence[str]) -> list[str]:
    """Those of the study's `models` that a table holds, in the study's order."""
    held = set(frame["model"])
    return [model for model in models if model in held]


def series_colours(count: int) -> list:
    """`count` colours from dark to light for an ordered series that are not models."""
    ramp = mpl.colormaps["viridis"]
    return [ramp(0.88 * place / max(1, count - 1)) for place in range(count)]


def share_colours() -> ListedColormap:
    """White to dark, for shares from 0 to 1."""
    ramp = mpl.colormaps["Blues"]
    return ListedColormap([ramp(0.85 * step / 255) for step in range(256)])
