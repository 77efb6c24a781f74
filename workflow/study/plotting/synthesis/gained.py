"""Figure `newly_remembered`: what larger models recall of the entries that were hard for a smaller one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.analysis.gained import DIFFERENCE, limited
from study.plotting import words
from study.plotting.layout import model_key, stripe_rows
from study.plotting.style import (
    GREY,
    INK,
    PAGE,
    Drawing,
    model_colours,
    model_markers,
    present,
    styled,
)

_ARMS = ("mixture", "wide")
_STEP = 0.12  # between the points of models at one tenth


@styled
def draw_newly_remembered(
    recall: pd.DataFrame, gained: pd.DataFrame, runs: pd.DataFrame, models: Sequence[str]
) -> Drawing:
    """Recall by tenths of difficulty, and the correlations of difficulty with what is gained.

    Args:
        recall: `arm, model, tenth, entries, estimate, low, high, n`; the arm `dense` is half B.
        gained: `arm, model, estimate, low, high, n, detectable, entries, seeds_a, seeds_b`: correlations of
            the arms `mixture` and `wide`, and their difference.
        runs: `model, recall`, a row per run.
        models: all of the study's, in order.
    """
    shown = present(recall, models)
    figure = Figure(figsize=(PAGE, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
    tenths = _draw_recall(left, recall, shown, models)
    correlations = _draw_correlations(right, gained.set_index("arm"), models)
    model_key(figure, shown, models)
    points = pd.concat([tenths.assign(panel="recall"), correlations.assign(panel="correlation")])
    kept = ["panel", "arm", "model", "tenth", "x", "y", "estimate", "low", "high", "n"]
    return Drawing(figure, points[kept].reset_index(drop=True), _caption(recall, gained, limited(runs)))


def _draw_recall(
    axes: Axes, recall: pd.DataFrame, shown: Sequence[str], models: Sequence[str]
) -> pd.DataFrame:
    """A line for each model, points beside each other."""
    colours, markers = model_colours(models), model_markers(models)
    parts = []
    for place, model in enumerate(shown):
        mine = recall[recall["model"] == model].sort_values("tenth")
        mine = mine.assign(x=mine["tenth"] + (place - (len(shown) - 1) / 2) * _STEP, y=mine["estimate"])
        axes.vlines(mine["x"], mine["low"], mine["high"], color=colours[model], linewidth=0.8)
        axes.plot(mine["x"], mine["y"], marker=markers[model], color=colours[model], linewidth=0.8)
        parts.append(mine)
    axes.set_xticks(sorted(recall["tenth"].unique()))
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel(f"entries by difficulty to half A of {_dense(recall)}, in tenths (1: easiest)")
    axes.set_ylabel("entries recalled (share)")
    axes.set_title("recall")
    return pd.concat(parts)


def _draw_correlations(axes: Axes, gained: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """A row for each gain, and one for their difference, with numbers."""
    colours, markers = model_colours(models), model_markers(models)
    stripe_rows(axes, len(gained))
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    for row, (arm, found) in enumerate(gained.iterrows()):
        colour, marker = (INK, "D") if arm == DIFFERENCE else (colours[found.model], markers[found.model])
        axes.hlines(row, found["low"], found["high"], color=colour)
        axes.plot(found["estimate"], row, marker, color=colour)
    widest = np.nanmax([0.2, *gained[["estimate", "low", "high"]].abs().to_numpy().ravel()])
    axes.set_xlim(-1.1 * widest, 1.1 * widest)
    names = {arm: gained.loc[arm, "model"] for arm in _ARMS} | {DIFFERENCE: "the first minus the second"}
    labels = [f"{names[arm]}\n{_value(found)}" for arm, found in gained.iterrows()]
    axes.set_yticks(range(len(gained)), labels)
    axes.set_xlabel("Spearman correlation over entries")
    axes.set_title("difficulty with recall gained")
    return gained.reset_index().assign(x=gained["estimate"].to_numpy(), y=range(len(gained)))


def _dense(recall: pd.DataFrame) -> str:
    return recall.loc[recall["arm"] == "dense", "model"].iloc[0]


def _caption(recall: pd.DataFrame, gained: pd.DataFrame, limits: Sequence[str]) -> str:
    found, dense = gained.set_index("arm"), _dense(recall)
    first = found.iloc[0]
    ends = recall.set_index(["arm", "tenth"])
    hardest = int(recall["tenth"].max())
    shares = "; ".join(
        f"{ends.loc[(arm, 1), 'model']} {words.percent_interval(ends.loc[(arm, 1)])} of the easiest tenth, "
        f"{words.percent_interval(ends.loc[(arm, hardest)])} of the hardest"
        for arm in ("dense", *_ARMS)
    )
    correlations = "; ".join(
        f"with what {found.loc[arm, 'model']} gains: {_value(found.loc[arm])}" for arm in _ARMS
    )
    return (
        f"{int(first['entries']):,} entries; difficulty is that to {int(first['seeds_a'])} seeds of {dense}; "
        f"its recall, beyond which gains are counted, is that of {int(first['seeds_b'])} others. "
        f"Recalled: {shares}. Rank correlation of difficulty {correlations}; the difference: "
        f"{_value(found.loc[DIFFERENCE])}. {_follows(found, limits)}."
    )


def _value(found: pd.Series) -> str:
    """The correlation, or the difference, of a row of the table by arm."""
    if np.isfinite(found["estimate"]):
        return words.interval(found)
    return "none" if found.name == DIFFERENCE else "none: it gains the same everywhere"


def _follows(found: pd.DataFrame, limits: Sequence[str]) -> str:
    """What the difference of the two correlations says."""
    difference, (mixture, wide) = found.loc[DIFFERENCE], (found.loc[arm, "model"] for arm in _ARMS)
    if limits:
        return (
            f"Of {' and '.join(limits)} all seeds recall all or nothing, to within 2 points: that gain "
            "follows from half B alone, and the difference decides nothing"
        )
    if not np.isfinite(difference["low"]):
        return "It cannot be told which of them favours the hard ones"
    if difference["low"] > 0:
        return f"What {mixture} newly remembers are the hard entries more than with {wide}"
    if difference["high"] < 0:
        return f"What {mixture} newly remembers are the hard entries less than with {wide}"
    return (
        f"It is not shown that {mixture} gains on other entries than {wide}; a difference of "
        f"{words.number(difference['detectable'])} would have been (80 % power)"
    )
