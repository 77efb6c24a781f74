"""Figures of language models: what they know and work out, against parameters and against perplexity."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from study.analysis.intervals import paired_interval
from study.plotting import words
from study.plotting.experts.parts import AXES, FAMILIES, entries_axis, join_families
from study.plotting.layout import model_key
from study.plotting.style import PAGE, Drawing, model_colours, model_markers, present, styled

_ROW = 2.4  # inches
_SHOWN = 1.35  # times the highest perplexity that a model ends at
_CATEGORIES = {
    "knowledge": "knowledge: told in other words",
    "common_sense": "common sense",
    "reasoning": "reasoning: new problems",
}


@styled
def draw_pretraining_by_parameters(
    runs: pd.DataFrame, parameters: pd.DataFrame, models: Sequence[str], size: str
) -> Drawing:
    """A row of panels for each corpus, a panel for each category: what answers are worth, over seeds.

    Args:
        runs: `dataset, model, seed, category, task, trained, value`.
        parameters: `task` (a corpus), `model, experts` and the counts.
        models: all of the study's, in order.
        size: the count to draw against, of those in `AXES`.
    """
    new = runs[~runs["trained"].astype(bool)]
    values = new.groupby(["dataset", "category", "model", "seed"], sort=False)["value"].mean().reset_index()
    points = _with_sizes(_over_seeds(values, ["dataset", "category", "model"], "value"), parameters)
    figure = _panels(
        points, "category", list(_CATEGORIES), models, size, "answers' worth (F1, or share right)"
    )
    return Drawing(figure, points, _by_category(points, models))


@styled
def draw_generalisation_gap(
    runs: pd.DataFrame, parameters: pd.DataFrame, models: Sequence[str], size: str
) -> Drawing:
    """A panel for each task: how much more answers are worth where they were trained on."""
    keys = ["dataset", "task", "model", "seed"]
    table = runs.pivot(index=keys, columns="trained", values="value").dropna().reset_index()
    table = table.assign(gap=table[True] - table[False])
    points = _with_sizes(_over_seeds(table, keys[:3], "gap"), parameters)
    tasks = list(dict.fromkeys(points["task"]))
    figure = _panels(points, "task", tasks, models, size, "trained on minus new (worth of answers)")
    for axes in figure.axes:
        axes.axhline(0, color="black", linewidth=0.5, zorder=0)
    named = "; ".join(
        f"{task}: " + ", ".join(f"{row['model']} {words.interval(row)}" for _, row in of_task.iterrows())
        for task, of_task in points.groupby("task", sort=False)
    )
    caption = (
        "How much more answers are worth to questions that stand in the training documents, facts in these "
        f"very words, mean over {words.span(points['n'], ' seeds')} with 95 % interval. {named}."
    )
    return Drawing(figure, points, caption)


@styled
def draw_accuracy_at_equal_perplexity(
    language: pd.DataFrame, equal: pd.DataFrame, models: Sequence[str]
) -> Drawing:
    """A panel for each category: answers predicted to their end against perplexity, reading by reading.

    Args:
        language: `dataset, model, seed, epoch, perplexity` and `exact_<category>`, a row per reading.
        equal: `dataset, model, dense, category, seed, test_loss, gain`.
        models: all of the study's, in order.
    """
    points = _curves(language)
    figure, panels = _grid(points, "category", list(_CATEGORIES))
    colours, markers = model_colours(models), model_markers(models)
    for (dataset, category), axes in panels.items():
        mine = points[(points["dataset"] == dataset) & (points["category"] == category)]
        for model in present(mine, models):
            line = mine[mine["model"] == model].sort_values("epoch")
            axes.plot(line["perplexity"], line["estimate"], color=colours[model], linewidth=0.8)
            axes.vlines(line["perplexity"], line["low"], line["high"], color=colours[model], alpha=0.3)
            last = line.iloc[-1]
            axes.plot(last["perplexity"], last["estimate"], markers[model], color=colours[model])
        axes.set_xscale("log")
        ends = mine.loc[mine.groupby("model")["epoch"].idxmax(), "perplexity"]
        axes.set_xlim(_SHOWN * ends.max(), ends.min() / 1.02)  # before that, nobody knows anything
        _perplexity_axis(axes.xaxis)
        axes.set_xlabel("perplexity of held-out documents (better to the right)")
    figure.axes[0].set_ylabel("answers predicted to their end (share)")
    model_key(figure, present(points, models), models)
    return Drawing(figure, points, _gains(equal))


@styled
def draw_perplexity_curves(language: pd.DataFrame, models: Sequence[str]) -> Drawing:
    """A panel for each corpus: perplexity of held-out documents against tokens read, over seeds.

    Args:
        language: `dataset, model, seed, epoch, tokens, perplexity`, a row per reading.
        models: all of the study's, in order.
    """
    points = _over_seeds(language, ["dataset", "model", "epoch", "tokens"], "perplexity")
    corpora = list(dict.fromkeys(points["dataset"]))
    figure = Figure(figsize=(PAGE * (0.62 if len(corpora) == 1 else 1), 2.9), layout="constrained")
    panels = figure.subplots(1, len(corpora), squeeze=False)[0]
    colours, markers = model_colours(models), model_markers(models)
    for axes, corpus in zip(panels, corpora, strict=True):
        for model in present(points[points["dataset"] == corpus], models):
            line = points[(points["dataset"] == corpus) & (points["model"] == model)]
            axes.plot(line["tokens"], line["estimate"], color=colours[model], linewidth=0.9)
            axes.fill_between(
                line["tokens"], line["low"], line["high"], color=colours[model], alpha=0.15, linewidth=0
            )
            axes.plot(
                line["tokens"].iloc[-1], line["estimate"].iloc[-1], markers[model], color=colours[model]
            )
        axes.set_yscale("log")
        _perplexity_axis(axes.yaxis)
        axes.set_title(corpus)
        axes.set_xlabel("tokens read")
        axes.xaxis.set_major_formatter(FuncFormatter(_short))
    panels[0].set_ylabel("perplexity of held-out documents")
    shown = present(points, models)
    model_key(figure, shown, models)
    last = points[points["epoch"] == points.groupby("dataset")["epoch"].transform("max")]
    named = ", ".join(f"{row['model']} {words.interval(row)}" for _, row in last.iterrows())
    caption = f"At the end, mean over {words.span(points['n'], ' seeds')} with 95 % interval: {named}."
    return Drawing(figure, points, caption)


def _perplexity_axis(axis: Axis) -> None:
    """Labels within a power of ten too: perplexities seldom span one."""
    low, high = sorted(axis.get_view_interval())
    steps = (
        (1, 1.2, 1.5, 2, 3, 5, 7) if high / low > 1.6 else tuple(1 + step / 20 for step in range(0, 180, 2))
    )
    axis.set_major_locator(LogLocator(base=10, subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def _short(value: float, _place: int) -> str:
    return (
        f"{value / 1e9:g} G"
        if value >= 1e9
        else f"{value / 1e6:g} M"
        if value >= 1e6
        else f"{value / 1e3:g} k"
    )


def _over_seeds(table: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    rows = []
    for found, part in table.groupby(keys, sort=False):
        interval = paired_interval(part[value].to_numpy())
        rows.append(
            dict(zip(keys, found, strict=True))
            | {name: getattr(interval, name) for name in ("estimate", "low", "high", "n")}
        )
    return pd.DataFrame(rows)


def _with_sizes(points: pd.DataFrame, parameters: pd.DataFrame) -> pd.DataFrame:
    return points.merge(parameters.rename(columns={"task": "dataset"}), on=["dataset", "model"])


def _grid(points: pd.DataFrame, column: str, order: Sequence[str]) -> tuple[Figure, dict]:
    """A panel for each corpus, in rows, and each value of a column; by both."""
    corpora = list(dict.fromkeys(points["dataset"]))
    names = [name for name in order if name in set(points[column])]
    figure = Figure(figsize=(PAGE, 0.6 + _ROW * len(corpora)), layout="constrained")
    axes = figure.subplots(len(corpora), len(names), squeeze=False, sharey="row")
    panels = {
        (corpus, name): axes[row][place]
        for row, corpus in enumerate(corpora)
        for place, name in enumerate(names)
    }
    for (corpus, name), panel in panels.items():
        told = _CATEGORIES.get(name, name)
        panel.set_title(told if len(corpora) == 1 else f"{corpus}: {told}")
    return figure, panels


def _panels(
    points: pd.DataFrame, column: str, order: Sequence[str], models: Sequence[str], size: str, label: str
) -> Figure:
    figure, panels = _grid(points, column, order)
    colours, markers = model_colours(models), model_markers(models)
    for (corpus, name), axes in panels.items():
        mine = points[(points["dataset"] == corpus) & (points[column] == name)]
        axes.set_xscale("log", base=2)
        join_families(axes, mine, size)
        for model in present(mine, models):
            row = mine[mine["model"] == model].iloc[0]
            axes.plot(row[size], row["estimate"], markers[model], color=colours[model])
            axes.vlines(row[size], row["low"], row["high"], color=colours[model])
        axes.set_xlabel(AXES[size])
        entries_axis(axes.xaxis)
    for (_, name), axes in panels.items():
        if name == next(iter(panels))[1]:
            axes.set_ylabel(label)
    model_key(figure, present(points, models), models, FAMILIES)
    return figure


def _by_category(points: pd.DataFrame, models: Sequence[str]) -> str:
    parts = []
    for (corpus, category), mine in points.groupby(["dataset", "category"], sort=False):
        rows = mine.set_index("model")
        values = ", ".join(f"{model} {words.interval(rows.loc[model])}" for model in present(mine, models))
        parts.append(f"{corpus}, {category.replace('_', ' ')}: {values}")
    return (
        f"Mean over the tasks of a category and over {words.span(points['n'], ' seeds')} with 95 % interval. "
        f"{'; '.join(parts)}."
    )


def _curves(language: pd.DataFrame) -> pd.DataFrame:
    """A row per corpus, category, model and reading: accuracy over seeds, at their mean log perplexity."""
    names = [name for name in language.columns if name.startswith("exact_") and not name.endswith("_trained")]
    keys = ["dataset", "model", "epoch"]
    middle = language.assign(log=np.log(language["perplexity"])).groupby(keys)["log"].mean()
    parts = []
    for name in names:
        mine = language.dropna(subset=[name])
        found = _over_seeds(mine, keys, name).assign(category=name.removeprefix("exact_"))
        parts.append(
            found.assign(perplexity=np.exp(middle.loc[pd.MultiIndex.from_frame(found[keys])].to_numpy()))
        )
    return pd.concat(parts, ignore_index=True)


def _gains(equal: pd.DataFrame) -> str:
    parts = []
    for (corpus, model, dense), mine in equal.groupby(["dataset", "model", "dense"], sort=False):
        gains = ", ".join(
            f"{category.replace('_', ' ')} "
            + words.interval(pd.Series(paired_interval(rows["gain"].to_numpy())._asdict()))
            for category, rows in mine.groupby("category", sort=False)
        )
        perplexity = words.number(float(np.exp(mine["test_loss"].mean())))
        parts.append(f"{corpus}, {model} over {dense} at {perplexity}: {gains}")
    if not parts:
        return "There is no mixture with a dense model of equal active size: no perplexities are compared."
    return f"Gain at equal perplexity, paired by seed, with 95 % interval. {'; '.join(parts)}."
