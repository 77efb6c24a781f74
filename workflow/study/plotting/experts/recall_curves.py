"""Figures `recall_curves` and `bits_per_parameter`: what is recalled of books of several sizes."""

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
    """Whole numbers recalled against the size of the book, over seeds.

    Models that learnt books of one size only are left out.

    Args:
        runs: `model, seed, entries, recall, strangers_right, flat, epochs`.
        models: all of the study's, in order.
    """
    figure, axes, runs, points = _curves(runs, models, "recall")
    axes.axhline(RECALL, color=GREY, linewidth=0.6, linestyle=":")
    place = axes.get_yaxis_transform()
    axes.text(1, RECALL, "90 %", transform=place, fontsize=SMALL, color=GREY, ha="left", va="center")
    axes.set_ylim(-0.03, 1.03)
    axes.set_ylabel("entries recalled (share)")
    return Drawing(figure, points, _caption(runs, points))


@styled
def draw_bits_per_parameter(runs: pd.DataFrame, models: Sequence[str]) -> Drawing:
    """Bits recalled of each parameter against the size of the book, over seeds.

    Args:
        runs: `model, seed, entries, bits_per_parameter`.
        models: all of the study's, in order.
    """
    figure, axes, _, points = _curves(runs, models, "bits_per_parameter")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("bits recalled per parameter")
    most = points.loc[points.groupby("model", sort=False)["estimate"].idxmax()].set_index("model")
    values = "; ".join(
        f"{model} {words.interval(most.loc[model])} of {int(most.loc[model, 'entries']):,} entries"
        for model in present(points, models)
    )
    seeds = words.span(points["n"], " seeds")
    caption = (
        f"Most bits of each parameter, embeddings counted, mean over {seeds} with 95 % interval: {values}."
    )
    return Drawing(figure, points, caption)


def _curves(runs: pd.DataFrame, models: Sequence[str], measure: str) -> tuple:
    """A figure with a line for each model: it, its axes, the runs that it shows, and its points."""
    runs = runs[runs.groupby("model")["entries"].transform("nunique") > 1]
    shown, points = present(runs, models), _points(runs, measure)
    figure = Figure(figsize=(PAGE * 0.62, 2.9), layout="constrained")
    axes = figure.subplots()
    colours, markers = model_colours(models), model_markers(models)
    axes.set_xscale("log", base=2)
    for model in shown:
        mine = points[points["model"] == model]
        axes.plot(mine["entries"], mine["estimate"], marker=markers[model], color=colours[model])
        axes.vlines(mine["entries"], mine["low"], mine["high"], color=colours[model], linewidth=0.8)
    axes.set_xlabel("entries of the book")
    entries_axis(axes.xaxis)
    model_key(figure, shown, models)
    return figure, axes, runs, points


def _points(runs: pd.DataFrame, measure: str) -> pd.DataFrame:
    rows = []
    for (model, entries), part in runs.groupby(["model", "entries"], sort=False):
        found = paired_interval(part[measure].to_numpy())
        rows.append(
            {"model": model, "entries": entries, "measure": measure, "estimate": float(found.estimate)}
            | {"low": float(found.low), "high": float(found.high), "n": len(part)}
        )
    return pd.DataFrame(rows).sort_values(["model", "entries"], kind="stable")


def _caption(runs: pd.DataFrame, points: pd.DataFrame) -> str:
    flat = float(np.mean(runs["flat"].astype(bool)))
    luck = words.percent(runs["strangers_right"].mean())
    return (
        f"{words.span(points['n'], ' seeds')} a point, each entry seen {int(runs['epochs'].iloc[0])} times. "
        f"Of names that are not in the book, {luck} have their numbers "
        f"guessed. Recall was flat at the end (a gain below 1 point in the last tenth of training) in "
        f"{words.percent(flat, 0)} of the runs."
    )
