"""Figure `routing`: how evenly routers spread tokens over experts."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.layout import stripe_rows
from study.plotting.style import GREY, PAGE, Drawing, model_colours, model_markers, present, styled


@styled
def draw_routing(table: pd.DataFrame, models: Sequence[str]) -> Drawing:
    """A row per model: the balance of every router, and the load of its busiest expert.

    Args:
        table: `task, dataset, model, seed, layer, experts, balance, largest_load, fair_load, idle_experts,
            collapsed`.
        models: all of the study's, in order.
    """
    shown = present(table, models)
    table = table.assign(times_fair=table["largest_load"] / table["fair_load"])
    figure = Figure(figsize=(PAGE, 0.9 + 0.32 * len(shown)), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, column in zip(panels, ("balance", "times_fair"), strict=True):
        _panel(axes, table, shown, models, column)
    panels[0].set_yticks(range(len(shown)), shown)
    panels[0].set_xlabel("balance (entropy of loads over its maximum)")
    panels[0].set_xlim(-0.03, 1.03)
    panels[1].set_xlim(left=0)
    panels[1].axvline(1, color=GREY, linewidth=0.8)
    panels[1].set_xlabel("load of the busiest expert (1: an even share)")
    kept = ["task", "dataset", "model", "seed", "layer", "experts", "balance"]
    kept += ["largest_load", "times_fair", "idle_experts"]
    return Drawing(figure, table[kept], _caption(table, shown))


def _panel(axes: Axes, table: pd.DataFrame, shown: Sequence[str], models: Sequence[str], column: str) -> None:
    colours, markers = model_colours(models), model_markers(models)
    stripe_rows(axes, len(shown))
    for row, model in enumerate(shown):
        values = table.loc[table["model"] == model, column]
        axes.plot(values, [row] * len(values), markers[model], color=colours[model], alpha=0.35)
        axes.plot(values.mean(), row, "|", color="black", markersize=9, markeredgewidth=1.2)


def _caption(table: pd.DataFrame, shown: Sequence[str]) -> str:
    parts = []
    for model in shown:
        mine = table[table["model"] == model]
        most = words.number(mine["times_fair"].max())
        parts.append(f"{model} {words.number(mine['balance'].mean())} (busiest: {most})")
    idle = int(table["idle_experts"].sum())
    collapsed = int(table["collapsed"].astype(bool).sum())
    fate = (
        "none has collapsed"
        if not collapsed
        else f"{collapsed} have collapsed (nearly all to the same experts)"
    )
    return (
        f"{words.count_of(len(table), 'router')}, a point each, over all questions that a run records; bars "
        f"are means: {'; '.join(parts)}. Of all of them {fate}; {idle} experts were idle."
    )
