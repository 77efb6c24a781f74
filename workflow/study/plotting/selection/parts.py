"""The parts of a weak label, which are right or wrong, and shares with their intervals, in all figures."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.lines import Line2D

from study.plotting.style import INK

PARTS = {"right_domain": "domain", "right_intent": "intent", "right_slots": "slots", "right_all": "all parts"}
COLOURS = {
    "right_domain": "#0072B2",
    "right_intent": "#E69F00",
    "right_slots": "#009E73",
    "right_all": INK,
}
MARKERS = {"right_domain": "o", "right_intent": "s", "right_slots": "^", "right_all": "D"}
_NARROWEST = 20.0  # points


def in_percent(table: pd.DataFrame) -> pd.DataFrame:
    """Shares and their intervals in percent; no share is below 0 or above 100 %, so intervals end there."""
    ends = table[["low", "high"]].clip(0, 1)
    return table.assign(estimate=100 * table["estimate"], low=100 * ends["low"], high=100 * ends["high"])


def limits(rates: pd.DataFrame) -> tuple[float, float]:
    """Of an axis that holds rows of `in_percent`; a narrower one would have ticks with long labels."""
    high = rates[["estimate", "high"]].max().max()
    low = min(rates[["estimate", "low"]].min().min(), high - _NARROWEST)
    room = 0.04 * (high - low)
    return low - room, high + room


def told(row: pd.Series) -> str:
    """A row of `in_percent` for a caption: `17.9 % [15.8, 20.0]`."""
    return f"{row['estimate']:.1f} % [{row['low']:.1f}, {row['high']:.1f}]"


def handles(colours: Mapping[str, str]) -> list[Line2D]:
    """Of the parts with these colours, for a key."""
    return [
        Line2D([], [], color=colour, marker=MARKERS[part], markersize=3, label=f"{PARTS[part]} right")
        for part, colour in colours.items()
    ]
