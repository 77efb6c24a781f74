"""The width from which on models solve length-2 paths, and how it moves: claim E3b.

All models have the same widths, whatever the graphs' size: widths that grow with the graphs would move the
interpolated wall along with them, and the claim would hold by construction.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.capacity import ABOVE, BELOW, INSIDE
from study.analysis.claims import no_estimate
from study.analysis.intervals import paired_interval

SOLVED = 0.95


class Wall(NamedTuple):
    """The least width at which a model solves a task, or a bound of it."""

    log2_width: float
    step: float  # log2 of the width over the one before: the wall lies somewhere between these two
    bound: str  # INSIDE, or BELOW or ABOVE all widths that were tried


def wall(widths: np.ndarray, accuracy: np.ndarray) -> Wall:
    """The least width with 95 % accuracy, between it and the width before interpolated in logs.

    Args:
        widths: (W,) rising.
        accuracy: (W,) of a run each.
    """
    logs, solved = np.log2(widths), np.flatnonzero(accuracy >= SOLVED)
    if not len(solved):
        return Wall(float(logs[-1]), np.nan, ABOVE)
    first = solved[0]
    if first == 0:
        return Wall(float(logs[0]), np.nan, BELOW)
    rise = (SOLVED - accuracy[first - 1]) / (accuracy[first] - accuracy[first - 1])
    step = float(logs[first] - logs[first - 1])
    return Wall(float(logs[first - 1] + rise * step), step, INSIDE)


def walls(runs: pd.DataFrame) -> pd.DataFrame:
    """The wall of each number of vertices and experts and each seed.

    Args:
        runs: `vertices, experts, width, initial, seed, test_accuracy`. Those count that start with learned
            embeddings, at the widths that all graphs and numbers of experts have.
    """
    learned = runs[runs["initial"] == "learned"]
    kinds = learned.groupby(["vertices", "experts"])["width"].agg(set)
    swept = kinds[kinds.map(len) > 1]
    common = set.intersection(*swept) if len(swept) else set()
    kept = learned.set_index(["vertices", "experts"]).loc[swept.index].reset_index()
    rows, keys = [], ["vertices", "experts", "seed"]
    for values, part in kept[kept["width"].isin(common)].groupby(keys, sort=False):
        ordered = part.sort_values("width")
        found = wall(ordered["width"].to_numpy(), ordered["test_accuracy"].to_numpy())
        rows.append(dict(zip(keys, values, strict=True)) | found._asdict())
    return pd.DataFrame(rows, columns=[*keys, *Wall._fields])


def slope_on_vertices(found: pd.DataFrame) -> dict:
    """Slope of the width on the number of vertices, averaged over numbers of experts, over seeds."""
    return _slope(found.assign(x=found["vertices"], y=2.0 ** found["log2_width"]), "experts")


def slope_on_experts(found: pd.DataFrame, margin: float) -> dict:
    """Slope of log2 of the width on log2 of experts, averaged over numbers of vertices, over seeds.

    None where a wall is known less exactly than a slope of `margin` would move it over all experts.
    """
    points = found.assign(x=np.log2(found["experts"]), y=found["log2_width"])
    largest, moved = points["step"].max(), margin * (points["x"].max() - points["x"].min())
    if largest > moved:
        return no_estimate(
            f"widths stand in steps of up to {largest:.2f} (log2), and a slope of {margin:g} moves a wall by "
            f"{moved:.2f}: sweep closer widths or more experts"
        )
    return _slope(points, "vertices")


def _slope(points: pd.DataFrame, within: str) -> dict:
    """`estimate, low, high, n, detectable, note` of the mean over seeds; none where a wall is a bound."""
    bounds = int((points["bound"] != INSIDE).sum())
    if bounds:
        return no_estimate(f"of {len(points)} widths {bounds} are bounds: sweep other widths")
    slopes = [
        np.mean([np.polyfit(line["x"], line["y"], 1)[0] for _, line in part.groupby(within)])
        for _, part in points.groupby("seed")
    ]
    means = points.assign(width=2.0 ** points["log2_width"]).groupby([within, "x"])["width"].mean().round(1)
    words = "; ".join(
        f"{within} {value}: {', '.join(map(str, part))}" for value, part in means.groupby(level=0)
    )
    return {**paired_interval(np.array(slopes))._asdict(), "note": f"widths at 95 %, {words}"}
