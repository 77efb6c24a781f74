"""The width from which on models solve length-2 paths, and how it moves: claim E3b."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.capacity import ABOVE, BELOW, INSIDE
from study.analysis.intervals import paired_interval

SOLVED = 0.95


class Wall(NamedTuple):
    """The least width at which a model solves a task, or a bound of it."""

    log2_width: float
    bound: str  # INSIDE, or BELOW or ABOVE all widths that were tried


def wall(widths: np.ndarray, accuracy: np.ndarray) -> Wall:
    """The least width with 95 % accuracy, between it and the width before interpolated in logs.

    Args:
        widths: (W,) rising.
        accuracy: (W,) of a run each.
    """
    logs, solved = np.log2(widths), np.flatnonzero(accuracy >= SOLVED)
    if not len(solved):
        return Wall(float(logs[-1]), ABOVE)
    first = solved[0]
    if first == 0:
        return Wall(float(logs[0]), BELOW)
    rise = (SOLVED - accuracy[first - 1]) / (accuracy[first] - accuracy[first - 1])
    return Wall(float(logs[first - 1] + rise * (logs[first] - logs[first - 1])), INSIDE)


def walls(runs: pd.DataFrame) -> pd.DataFrame:
    """The wall of each number of vertices and experts and each seed.

    Args:
        runs: `vertices, experts, width, initial, seed, test_accuracy`; those that start with learned
            embeddings count, where several widths were tried.
    """
    rows, keys = [], ["vertices", "experts", "seed"]
    for values, part in runs[runs["initial"] == "learned"].groupby(keys, sort=False):
        if len(part) > 1:
            ordered = part.sort_values("width")
            found = wall(ordered["width"].to_numpy(), ordered["test_accuracy"].to_numpy())
            rows.append(dict(zip(keys, values, strict=True)) | found._asdict())
    return pd.DataFrame(rows, columns=[*keys, *Wall._fields])


def slope_on_vertices(found: pd.DataFrame) -> dict:
    """Slope of the width on the number of vertices, averaged over numbers of experts, over seeds."""
    return _slope(found.assign(x=found["vertices"], y=2.0 ** found["log2_width"]), "experts")


def slope_on_experts(found: pd.DataFrame) -> dict:
    """Slope of log2 of the width on log2 of experts, averaged over numbers of vertices, over seeds."""
    return _slope(found.assign(x=np.log2(found["experts"]), y=found["log2_width"]), "vertices")


def _slope(points: pd.DataFrame, within: str) -> dict:
    """`estimate, low, high, n, detectable, note` of the mean over seeds; none where a wall is a bound."""
    bounds = int((points["bound"] != INSIDE).sum())
    means = points.groupby([within, "x"])["y"].mean().round(2)
    note = f"of {len(points)} widths {bounds} are bounds: sweep other widths" if bounds else ""
    if bounds:
        nothing = dict.fromkeys(("estimate", "low", "high", "detectable"), np.nan)
        return nothing | {"n": 0, "note": note}
    slopes = [
        np.mean([np.polyfit(line["x"], line["y"], 1)[0] for _, line in part.groupby(within)])
        for _, part in points.groupby("seed")
    ]
    words = "; ".join(
        f"{within} {value}: {', '.join(map(str, part))}" for value, part in means.groupby(level=0)
    )
    return {**paired_interval(np.array(slopes))._asdict(), "note": words}
