"""Figures `shortest_path` and `atlas_hops`: accuracy of each model, and by number of hops."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.experts.parts import AXES, FAMILIES, entries_axis, join_families
from study.plotting.layout import model_key
from study.plotting.style import PAGE, Drawing, model_colours, model_markers, present, styled

_ALL = 0  # hops of rows over all distances


@styled
def draw_shortest_path(
    table: pd.DataFrame, parameters: pd.DataFrame, models: Sequence[str], size: str
) -> Drawing:
    """Share of shortest paths against parameters, by distance, and on graphs of other kinds.

    Args:
        table: `model, kind, hops, measure, questions, estimate, low, high, n`.
        parameters: of the same task, `model, experts` and the counts.
        models: all of the study's, in order.
        size: the count to draw against.
    """
    optimal = table[table["measure"] == "optimal"]
    shown = present(table, models)
    kinds = list(dict.fromkeys(optimal["kind"]))
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    first, second, third = figure.subplots(1, 3)
    own = optimal[optimal["kind"] == kinds[0]]
    whole = own[own["hops"] == _ALL].merge(parameters, on="model")
    _against_size(first, whole, shown, models, size)
    _by_hops(second, own[own["hops"] != _ALL], shown, models)
    _by_kind(third, optimal[optimal["hops"] == _ALL], shown, models, kinds)
    first.set_ylabel("answers that are a shortest path (share)")
    for axes, title in zip((first, second, third), ("all", "by distance", "other graphs"), strict=True):
        axes.set_ylim(-0.03, 1.03)
        axes.set_title(title)
    model_key(figure, shown, models, FAMILIES)
    kept = table.merge(parameters[["model", size]], on="model")
    return Drawing(figure, kept, _path_caption(table, shown, kinds))


@styled
def draw_atlas_hops(table: pd.DataFrame, models: Sequence[str]) -> Drawing:
    """Share of right answers by number of hops, of questions that were trained on and of others.

    Args:
        table: `model, part (train or test), hops, measure, questions, estimate, low, high, n`.
        models: all of the study's, in order.
    """
    exact = table[(table["measure"] == "exact") & (table["hops"] != _ALL)]
    shown = present(table, models)
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    titles = {"train": "questions that were trained on", "test": "other questions"}
    for axes, (part, title) in zip(panels, titles.items(), strict=True):
        _by_hops(axes, exact[exact["part"] == part], shown, models)
        axes.set_title(title)
        axes.set_ylim(-0.03, 1.03)
    panels[0].set_ylabel("right answers (share)")
    model_key(figure, shown, models)
    return Drawing(figure, exact, _atlas_caption(exact, shown))


def _against_size(
    axes: Axes, whole: pd.DataFrame, shown: Sequence[str], models: Sequence[str], size: str
) -> None:
    colours, markers = model_colours(models), model_markers(models)
    axes.set_xscale("log", base=2)
    join_families(axes, whole, size)
    for model in shown:
        row = whole[whole["model"] == model].iloc[0]
        axes.plot(row[size], row["estimate"], markers[model], color=colours[model])
        axes.vlines(row[size], row["low"], row["high"], color=colours[model], linewidth=0.8)
    axes.set_xlabel(AXES[size])
    entries_axis(axes.xaxis)


def _by_hops(axes: Axes, rows: pd.DataFrame, shown: Sequence[str], models: Sequence[str]) -> None:
    colours, markers = model_colours(models), model_markers(models)
    step = 0.25 / max(1, len(shown) - 1)
    for place, model in enumerate(shown):
        mine = rows[rows["model"] == model].sort_values("hops")
        x = mine["hops"] + (place - (len(shown) - 1) / 2) * step
        axes.plot(x, mine["estimate"], marker=markers[model], color=colours[model], linewidth=0.8)
        axes.vlines(x, mine["low"], mine["high"], color=colours[model], linewidth=0.8)
    axes.set_xticks(sorted(set(rows["hops"])))
    axes.set_xlabel("hops")


def _by_kind(
    axes: Axes, rows: pd.DataFrame, shown: Sequence[str], models: Sequence[str], kinds: Sequence[str]
) -> None:
    colours, markers = model_colours(models), model_markers(models)
    step = 0.5 / max(1, len(shown) - 1)
    for place, model in enumerate(shown):
        mine = rows[rows["model"] == model].set_index("kind").reindex(kinds)
        x = np.arange(len(kinds)) + (place - (len(shown) - 1) / 2) * step
        axes.plot(x, mine["estimate"], markers[model], color=colours[model])
        axes.vlines(x, mine["low"], mine["high"], color=colours[model], linewidth=0.8)
    axes.set_xticks(range(len(kinds)), kinds)
    axes.set_xlim(-0.5, len(kinds) - 0.5)


def _path_caption(table: pd.DataFrame, shown: Sequence[str], kinds: Sequence[str]) -> str:
    whole = table[(table["hops"] == _ALL) & (table["kind"] == kinds[0])].set_index(["model", "measure"])
    parts = [
        f"{model} {words.percent_interval(whole.loc[(model, 'optimal')])}"
        f" ({words.percent(whole.loc[(model, 'valid'), 'estimate'])} are paths at all)"
        for model in shown
    ]
    first = whole.iloc[0]
    return (
        f"Answers that are a shortest path, of {int(first['questions']):,} questions about graphs that no "
        f"model was trained on, mean over {int(first['n'])} seeds: {'; '.join(parts)}."
    )


def _atlas_caption(exact: pd.DataFrame, shown: Sequence[str]) -> str:
    parts = []
    for hops in sorted(set(exact["hops"])):
        for part, name in (("train", "trained on"), ("test", "others")):
            here = exact[(exact["hops"] == hops) & (exact["part"] == part)].set_index("model")
            if len(here):
                values = ", ".join(
                    f"{model} {words.percent(here.loc[model, 'estimate'], 0)}" for model in shown
                )
                parts.append(f"{words.count_of(int(hops), 'hop')} ({name}): {values}")
    return f"Mean over {int(exact['n'].iloc[0])} seeds. {'; '.join(parts)}."
