"""Figure `score_histograms`: how the values of each score lie."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.outlines import draw_outline
from study.plotting.influence.panels import wrapped
from study.plotting.layout import model_key
from study.plotting.style import PAGE, Drawing, model_colours, present, styled

_ACROSS = 4
_BINS = 30
_SKEWED = 5  # a positive score whose largest value is so many times its median has a logarithmic axis
_BOUNDED = ("probability", "fraction", "flag")  # units of scores that have an end
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_HEIGHT = 1.75  # of a panel with its labels, in inches


@styled
def draw_score_histograms(
    rankings: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> Drawing:
    """A panel a score, an outline a model: shares of the examples in bins of equal width.

    Args:
        rankings: `model, example_id, label` and the columns, means over runs.
        models: all of the study's, in order.
        columns: score columns to show.
        dataset: its name.
    """
    drawn = [column for column in columns if rankings[column].dropna().nunique() > 1]
    missing = [words.score_label(column) for column in columns if column not in drawn]
    said = f" Not shown: {', '.join(missing)} (the same for all examples)." if missing else ""
    if not drawn:
        return nothing_to_draw(dataset, said)
    shown = present(rankings, models)
    points = pd.concat([_bins(rankings, shown, column) for column in drawn], ignore_index=True)
    across = min(_ACROSS, len(drawn))
    down = -(-len(drawn) // across)
    figure = Figure(figsize=(PAGE, _HEIGHT * down + 0.45), layout="constrained")
    grid = figure.subplots(down, across, squeeze=False)
    for axes, column in zip(grid.flat, drawn, strict=False):
        _draw_panel(axes, points[points["score"] == column], column, models, PAGE / across - 0.55)
    for axes in grid.flat[len(drawn) :]:
        axes.remove()
    for axes in grid[:, 0]:
        axes.set_ylabel("examples, %")
    model_key(figure, shown, models, words.coarse_key(drawn))
    return Drawing(
        figure, points, f"{_caption(rankings, drawn, shown, dataset)}{said}{words.coarse_note(drawn)}"
    )


def _bins(rankings: pd.DataFrame, shown: Sequence[str], column: str) -> pd.DataFrame:
    """`score, model, low_edge, high_edge, share, logarithmic`; all models share the bins."""
    values = rankings[column].dropna()
    ends = values.min(), values.max()
    skewed = ends[0] > 0 and ends[1] > _SKEWED * values.median()
    logarithmic = bool(skewed and words.score_unit(column) not in _BOUNDED and _powers_of_ten(*ends) > 1)
    edges = np.geomspace(*ends, _BINS + 1) if logarithmic else np.linspace(*ends, _BINS + 1)
    edges[[0, -1]] = ends  # rounding must leave no example out
    frames = []
    for model in shown:
        mine = values[rankings.loc[values.index, "model"] == model]
        counts, _ = np.histogram(mine, bins=edges)
        if len(mine):
            bins = {"low_edge": edges[:-1], "high_edge": edges[1:], "share": counts / len(mine)}
            frames.append(pd.DataFrame({"score": column, "model": model, **bins, "logarithmic": logarithmic}))
    return pd.concat(frames, ignore_index=True)


def _powers_of_ten(low: float, high: float) -> int:
    """How many lie between two positive numbers: ticks of a logarithmic axis."""
    return int(np.floor(np.log10(high)) - np.ceil(np.log10(low))) + 1


def _draw_panel(axes: Axes, points: pd.DataFrame, column: str, models: Sequence[str], width: float) -> None:
    colours, single = model_colours(models), points["model"].nunique() == 1
    unit = words.score_unit(column)
    for model in present(points, models):
        draw_outline(axes, points[points["model"] == model], colours[model], filled=single)
    if points["logarithmic"].iloc[0]:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=4))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.locator_params(axis="x", nbins=4)
        unit = _scaled(axes, points, unit)
    axes.set_ylim(bottom=0)
    axes.locator_params(axis="y", nbins=4)
    axes.set_title(wrapped(words.marked_label(column), width))
    end = "easy → hard" if words.hard_sign(column) > 0 else "hard ← easy"
    axes.set_xlabel("\n".join(filter(None, [wrapped(unit, width), end])))


def _scaled(axes: Axes, points: pd.DataFrame, unit: str) -> str:
    """Small and large numbers as multiples of a power of ten; gives the unit with it."""
    power = int(np.floor(np.log10(points[["low_edge", "high_edge"]].abs().max().max())))
    if -3 <= power < 4:
        return unit
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value / 10.0**power:g}".replace("-", "−"))
    )
    return f"10{str(power).translate(_RAISED)} {unit}"


def _caption(rankings: pd.DataFrame, drawn: Sequence[str], shown: Sequence[str], dataset: str) -> str:
    n = rankings.groupby("model").size()[list(shown)]
    parts = [
        f"{dataset}: {words.count_of(len(drawn), 'score')} of {words.span(n, ' training examples')}, "
        f"{words.count_of(len(shown), 'encoder')}; means over runs."
    ]
    sure = words.headline(drawn)
    if sure:
        shares = pd.Series({column: _range_of_hardest(rankings[column], column) for column in sure})
        ends = [
            f"{words.percent(shares[c], 0)} ({words.score_label(c)})"
            for c in (shares.idxmin(), shares.idxmax())
        ]
        parts.append(
            f"The hardest tenth of the examples takes up {ends[0] if len(sure) == 1 else ' to '.join(ends)} "
            "of a score's range: the more, the fewer stand apart."
        )
    return " ".join(parts)


def _range_of_hardest(values: pd.Series, column: str) -> float:
    """Share of a score's range that lies beyond nine tenths of the examples, at the hard end."""
    hardness = words.hard_sign(column) * values.dropna()
    return float((hardness.max() - hardness.quantile(0.9)) / (hardness.max() - hardness.min()))
