"""Figure `recall_curves`: recall against the size of the book."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from study.analysis.capacity import RECALL
from study.analysis.intervals import paired_interval
from study.plotting import words
from study.plotting.experts.parts import entries_axis
from study.plotting.layout import model_key
from study.plotting.style import GREY, PAGE, SMALL, Drawing, model_colours, model_markers, present, styled


@styled
def draw_recall_curves(runs: pd.DataFrame, models: Sequence[str]) -> Drawing:
    """Two panels: whole numbers recalled, and bits recalled of each parameter, over seeds.

    Models that learnt books of one size only are left out.

    Args:
        runs: `model, seed, entries, recall, bits_per_parameter, strangers_right, flat, epochs`.
        models: all of the study's, in order.
    """
    runs = runs[runs.groupby("model")["entries"].transform("nunique") > 1]
    shown = present(runs, models)
    points = _points(runs)
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    panels = figure.subplots(1, 2)
    colours, markers = model_colours(models), model_markers(models)
    for axes, measure in zip(panels, ("recall", "bits_per_parameter"), strict=True):
        axes.set_xscale("log", base=2)
        for model in shown:
            mine = points[(points["model"] == model) & (points["measure"] == measure)]
            axes.plot(mine["entries"], mine["estimate"], marker=markers[model], color=colours[model])
            axes.vlines(mine["entries"], mine["low"], mine["high"], color=colours[model], linewidth=0.8)
        axes.set_xlabel("entries of the book")
        entries_axis(axes.xaxis)
    panels[0].axhline(RECALL, color=GREY, linewidth=0.6, linestyle=":")
    place = panels[0].get_yaxis_transform()
    panels[0].text(1, RECALL, "90 %", transform=place, fontsize=SMALL, color=GREY, ha="left", va="center")
    panels[0].set_ylim(-0.03, 1.03)
    panels[0].set_ylabel("entries recalled (share)")
    panels[1].set_ylabel("bits recalled per parameter")
    panels[1].set_ylim(bottom=0)
    model_key(figure, shown, models)
    return Drawing(figure, points, _caption(runs, points))


def _points(runs: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for measure in ("recall", "bits_per_parameter"):
        for (model, entries), part in runs.groupby(["model", "entries"], sort=False):
            found = paired_interval(part[measure].to_numpy())
            rows.append(
                {"model": model, "entries": entries, "measure": measure, "estimate": float(found.estimate)}
                | {"low": float(found.low), "high": float(found.high), "n": len(part)}
            )
    return pd.DataFrame(rows).sort_values(["measure", "model", "entries"], kind="stable")


def _caption(runs: pd.DataFrame, points: pd.DataFrame) -> str:
    bits = points[points["measure"] == "bits_per_parameter"]
    most = bits.loc[bits["estimate"].idxmax()]
    flat = float(np.mean(runs["flat"].astype(bool)))
    luck = words.percent(runs["strangers_right"].mean())
    return (
        f"{words.span(points['n'], ' seeds')} a point, each entry seen {int(runs['epochs'].iloc[0])} times. "
        f"Most bits of each parameter: {words.number(most['estimate'])} ({most['model']}, "
        f"{int(most['entries']):,} entries). Of names that are not in the book, {luck} have their numbers "
        f"guessed. Recall was flat at the end (a gain below 1 point in the last tenth of training) in "
        f"{words.percent(flat, 0)} of the runs."
    )
