"""Figure `phonebook_capacity`: the largest book that models hold, against their parameters."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.experts.parts import AXES, FAMILIES, entries_axis, join_families
from study.plotting.layout import model_key, note
from study.plotting.style import PAGE, Drawing, model_colours, model_markers, present, styled


@styled
def draw_phonebook_capacity(
    capacity: pd.DataFrame, parameters: pd.DataFrame, models: Sequence[str], sizes: Sequence[str]
) -> Drawing:
    """A panel for each way to count parameters: entries recalled at 90 %, with intervals over seeds.

    Args:
        capacity: `model, estimate, low, high, n, bound`.
        parameters: of the same task, `model, experts` and the counts.
        models: all of the study's, in order.
        sizes: the counts to draw against, of those in `AXES`.
    """
    table = capacity.merge(parameters, on="model")
    shown = present(table, models)
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    panels = figure.subplots(1, len(sizes), sharey=True, squeeze=False)[0]
    for axes, size in zip(panels, sizes, strict=True):
        _panel(axes, table, shown, models, size)
    panels[0].set_ylabel("largest book with 90 % recall (entries)")
    model_key(figure, shown, models, FAMILIES)
    kept = ["model", "experts", *sizes, "estimate", "low", "high", "n", "bound"]
    return Drawing(figure, table[kept], _caption(table, shown))


def _panel(axes: Axes, table: pd.DataFrame, shown: Sequence[str], models: Sequence[str], size: str) -> None:
    colours, markers = model_colours(models), model_markers(models)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    join_families(axes, table, size)
    for model in shown:
        row = table[table["model"] == model].iloc[0]
        bound = row["bound"] if isinstance(row["bound"], str) else ""
        axes.plot(
            row[size],
            row["estimate"],
            markers[model],
            color=colours[model],
            markerfacecolor="white" if bound else colours[model],
        )
        if np.isfinite(row["low"]):
            axes.vlines(row[size], row["low"], row["high"], color=colours[model])
        elif bound:
            up = "above" in bound
            axes.annotate(
                "", (row[size], row["estimate"] * (1.25 if up else 0.8)), (row[size], row["estimate"]),
                arrowprops={"arrowstyle": "->", "color": colours[model], "linewidth": 0.8},
            )  # fmt: skip
    axes.set_xlabel(AXES[size])
    entries_axis(axes.yaxis)
    entries_axis(axes.xaxis)
    if table["bound"].fillna("").ne("").any():
        note(axes, 0.02, "open, with an arrow: a bound", 0.95)


def _caption(table: pd.DataFrame, shown: Sequence[str]) -> str:
    parts = []
    for model in shown:
        row = table[table["model"] == model].iloc[0]
        bound = row["bound"] if isinstance(row["bound"], str) else ""
        sign = {"above": "more than ", "below": "fewer than "}.get(bound, "")
        parts.append(f"{model} {sign}{words.interval(row) if not bound else words.number(row['estimate'])}")
    return (
        f"Entries with 90 % recall, mean over {words.span(table['n'], ' seeds')} (of logs) with 95 % "
        f"interval: {'; '.join(parts)}. Solid lines join families of equal active parameters, the dotted "
        "line joins dense models."
    )
