"""Figure `iso_flop`: accuracy against the operations spent on training."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from study.analysis.intervals import paired_interval
from study.plotting import words
from study.plotting.layout import model_key, note
from study.plotting.style import GREY, PAGE, Drawing, model_colours, model_markers, present, styled


@styled
def draw_iso_flop(curves: pd.DataFrame, equal: pd.DataFrame, models: Sequence[str]) -> Drawing:
    """A panel for each task: what each model has learnt by each amount of operations, over seeds.

    Args:
        curves: `task, dataset, model, seed, epoch, operations, accuracy`.
        equal: `task, model, operations, estimate, low, high, n`.
        models: all of the study's, in order.
    """
    tasks = list(dict.fromkeys(curves["task"]))
    shown, points = present(curves, models), _points(curves)
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    panels = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for axes, task in zip(panels, tasks, strict=True):
        _panel(axes, points[points["task"] == task], shown, models)
        axes.axvline(equal.loc[equal["task"] == task, "operations"].iloc[0], color=GREY, linewidth=0.6)
        axes.set_title(str(curves.loc[curves["task"] == task, "dataset"].iloc[0]))
    panels[0].set_ylabel("reference answers given (share)")
    panels[0].set_ylim(-0.03, 1.03)
    note(panels[0], 0.03, "grey: equal operations", 0.93)
    model_key(figure, shown, models)
    return Drawing(figure, points, _caption(equal, models))


def _points(curves: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (task, model, epoch), part in curves.groupby(["task", "model", "epoch"], sort=False):
        found = paired_interval(part["accuracy"].to_numpy())
        rows.append(
            {"task": task, "model": model, "epoch": epoch, "operations": part["operations"].iloc[0]}
            | {name: getattr(found, name) for name in ("estimate", "low", "high", "n")}
        )
    return pd.DataFrame(rows)


def _panel(axes: Axes, points: pd.DataFrame, shown: Sequence[str], models: Sequence[str]) -> None:
    colours, markers = model_colours(models), model_markers(models)
    axes.set_xscale("log")
    for model in shown:
        line = points[points["model"] == model].sort_values("epoch")
        if len(line):
            axes.plot(line["operations"], line["estimate"], color=colours[model], linewidth=0.8)
            axes.fill_between(
                line["operations"], line["low"], line["high"], color=colours[model], alpha=0.12, linewidth=0
            )
            last = line.iloc[-1]
            axes.plot(last["operations"], last["estimate"], markers[model], color=colours[model])
    axes.xaxis.set_minor_formatter(NullFormatter())  # within one power of ten its labels would overlap
    axes.set_xlabel("training so far (FLOP)")


def _caption(equal: pd.DataFrame, models: Sequence[str]) -> str:
    parts = []
    for task, rows in equal.groupby("task", sort=False):
        defined = rows.dropna(subset=["estimate"]).set_index("model")
        values = ", ".join(
            f"{model} {words.percent_interval(defined.loc[model])}"
            for model in present(rows, models)
            if model in defined.index
        )
        parts.append(f"{task}, {rows['operations'].iloc[0]:.1e} FLOP: {values}")
    return (
        f"Reference answers when every model had spent what the least demanding one spends in all, mean over "
        f"{words.span(equal['n'], ' seeds')} with 95 % interval. {'; '.join(parts)}."
    )
