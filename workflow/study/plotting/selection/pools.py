"""What the figures of scores share: pools, units, and a grid with two panels for each language."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.files import read_parquet
from study.plotting import words
from study.plotting.influence.panels import columns_for
from study.plotting.style import INK, PAGE, SMALL
from study.selection.pool import KEPT

LOOKS = {True: ("#0072B2", "right weak label"), False: ("#D55E00", "wrong weak label")}
"""Colours and names of utterances whose weak label is right in all parts, and of the others."""

_MOST = 3  # languages side by side
_LINE = 0.14  # inches above the data, for a line of text


def read_pools(files: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """The weakly labelled utterances of some pools, one pool below the other.

    Args:
        files: `…/<dataset>/repeat=<k>/pool.parquet`.
        columns: scores.

    Returns:
        `dataset, repeat, right_all` and the columns.

    Raises:
        StudyError: a file is missing, damaged, or lacks a score.
    """
    frames = []
    for file in files:
        folder = Path(file).parent
        table = read_parquet(file, ["reason", "right_all", *columns])
        about = {"dataset": folder.parent.name, "repeat": int(folder.name.removeprefix("repeat="))}
        own = table[table["reason"] == KEPT].drop(columns="reason")
        frames.append(own.assign(right_all=own["right_all"].astype(bool), **about))
    return pd.concat(frames, ignore_index=True)[["dataset", "repeat", "right_all", *columns]]


def unit(score: str) -> str:
    """Of a score of the pool, for an axis."""
    if not score.startswith("entropy"):
        return "probability"
    return "shares of the maximum, summed" if score.endswith("_sum") else "share of the maximum"


def two_panels_each(languages: int, height: float) -> tuple[Figure, list[tuple[Axes, Axes]]]:
    """A figure with two panels a language, one below the other; side by side where there is one language.

    Args:
        languages: how many.
        height: of a panel with its title and labels, in inches.
    """
    across = columns_for(languages, _MOST)
    blocks = -(-languages // across)
    rows, columns = (1, 2) if languages == 1 else (2 * blocks, across)
    figure = Figure(figsize=(PAGE, height * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    if languages == 1:
        return figure, [tuple(grid[0])]
    pairs = [
        tuple(grid[2 * (place // across) + own, place % across] for own in (0, 1))
        for place in range(blocks * across)
    ]
    for pair in pairs[languages:]:
        for axes in pair:
            axes.remove()
    return figure, pairs[:languages]


def write_above(axes: Axes, text: str, low: float, high: float, height: float) -> None:
    """A vertical axis from `low`, with a line of text above `high`; `height`: of the panel in inches."""
    room = _LINE / height * (high - low)
    axes.set_ylim(low, high + 1.3 * room)
    axes.text(
        0.02, 1.0, text, transform=axes.transAxes, ha="left", va="top", fontsize=SMALL, color=INK, zorder=5
    )


def estimates(agreement: pd.DataFrame, metric: str, least: float) -> pd.DataFrame:
    """A metric of score_agreement.csv; intervals end where values do, at `least` and at 1."""
    rows = agreement[agreement["metric"] == metric]
    return rows.assign(low=rows["low"].clip(least, 1), high=rows["high"].clip(least, 1))


def told(rows: pd.DataFrame) -> str:
    """The estimate with its interval in the only row, or that there is none."""
    if rows.empty or not np.isfinite(rows["estimate"].iloc[0]):
        return "undefined"
    estimate, low, high = (_two_digits(rows[end].iloc[0]) for end in ("estimate", "low", "high"))
    return f"{estimate} [{low}, {high}]"


def _two_digits(value: float) -> str:
    """Also of what is nearly 0, which has no sign then."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def counted(pool: pd.DataFrame) -> str:
    """How many weak labels there are, and what share is right."""
    labels = words.count_of(len(pool), "weak label")
    return f"{labels}, {words.percent(pool['right_all'].mean())} right in all parts"


def without_any(pools: pd.DataFrame, datasets: Sequence[str]) -> str:
    """A sentence on the languages whose pools are empty."""
    empty = [name for name in datasets if name not in set(pools["dataset"])]
    return f" Not shown: {', '.join(empty)} (no utterance is in the pool)." if empty else ""
