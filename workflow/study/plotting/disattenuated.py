"""Figure `disattenuated`: what two scores would correlate without the noise of runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.defined import nothing_to_draw, split_defined
from study.plotting.layout import stripe_rows
from study.plotting.style import GREY, INK, PAGE, Drawing, present, styled

KINDS = {
    "run_run": ("different runs", "#56B4E9", "o", "full"),
    "same_run": ("same run", "#D55E00", "s", "none"),
    "disattenuated": ("different runs, disattenuated", INK, "D", "full"),
}
_PLACES = {"run_run": 0.22, "same_run": -0.22, "disattenuated": 0.0}


@styled
def draw_disattenuated(
    correlation: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> Drawing:
    """A row for every pair of scores: correlation in different runs, in the same run, and without noise.

    Scores are turned so that high means hard. Values are means over models with 95 % intervals.

    Args:
        correlation: `model, kind, score_a, score_b, estimate, low, high, n, reason`.
        models, columns: in the study's order.
        dataset: its name.
    """
    own = correlation[
        (correlation["kind"] == "disattenuated") & (correlation["score_a"] == correlation["score_b"])
    ]
    _, known, shown, missing = split_defined(own.rename(columns={"score_a": "score"}), columns, models)
    if len(known) < 2:
        return nothing_to_draw(dataset, missing or " Two scores are needed for a pair.")
    points = _points(correlation, present(correlation, models), known)
    ordered = points[points["kind"] == "disattenuated"].sort_values("estimate", ascending=False)
    order = ordered["pair"].tolist()
    points = points[points["pair"].isin(order)].copy()
    points["y"] = points["pair"].map(order.index) + points["kind"].map(_PLACES)
    figure = Figure(figsize=(PAGE, 0.85 + 0.2 * len(order)), layout="constrained")
    axes = figure.subplots()
    _draw(axes, points)
    stripe_rows(axes, len(order))
    axes.axvline(1, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    axes.set_yticks(range(len(order)), [_label(row) for _, row in ordered.iterrows()])
    axes.set_xlabel(f"Spearman correlation (mean of {words.count_of(len(shown), 'model')})")
    handles = [
        Line2D([], [], color=colour, marker=marker, fillstyle=fill, linestyle="none", label=name)
        for name, colour, marker, fill in KINDS.values()
    ]
    remark = words.coarse_key(known)
    figure.legend(
        handles=handles, loc="outside lower center", ncols=3, handletextpad=0.1, title=remark or None
    )
    caption = _caption(points, shown, dataset)
    return Drawing(figure, points.drop(columns="pair"), f"{caption}{missing}{words.coarse_note(known)}")


def _label(row: pd.Series) -> str:
    return f"{words.marked_label(row['score_a'])} – {words.marked_label(row['score_b'])}"


def _points(correlation: pd.DataFrame, models: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Each pair once, in the order of `columns`, turned, as means over models."""
    place = {column: i for i, column in enumerate(columns)}
    shown = correlation[correlation["kind"].isin(list(KINDS)) & correlation["model"].isin(models)]
    a, b = shown["score_a"].map(place), shown["score_b"].map(place)
    shown = shown[a < b]
    sign = shown["score_a"].map(words.hard_sign) * shown["score_b"].map(words.hard_sign)
    low, high = sign * shown["low"], sign * shown["high"]
    turned = shown.assign(
        estimate=sign * shown["estimate"], low=np.minimum(low, high), high=np.maximum(low, high)
    )
    points = mean_over_models(turned, ["kind", "score_a", "score_b"])
    points["above_one"] = points["estimate"] > 1
    points["pair"] = points["score_a"] + " " + points["score_b"]
    return points


def _draw(axes: Axes, points: pd.DataFrame) -> None:
    for kind, (_, colour, marker, fill) in KINDS.items():
        rows = points[points["kind"] == kind]
        axes.hlines(rows["y"], rows["low"], rows["high"], color=colour, linewidth=0.9)
        axes.plot(rows["estimate"], rows["y"], marker, color=colour, markersize=3, fillstyle=fill)


def _caption(points: pd.DataFrame, models: Sequence[str], dataset: str) -> str:
    runs = words.span(points["n"], " runs")
    sure = words.headline(dict.fromkeys([*points["score_a"], *points["score_b"]]))
    pairs = points[points["score_a"].isin(sure) & points["score_b"].isin(sure)]
    wide = {kind: rows.set_index("pair") for kind, rows in pairs.groupby("kind")}
    count = words.count_of(points["pair"].nunique(), "pair")
    head = f"{dataset}: {words.count_of(len(models), 'model')}, {runs} each, {count} of scores."
    if pairs.empty:
        return f"{head} All {points['pair'].nunique()} have a coarse score."
    noiseless, same, different = (wide[kind] for kind in ("disattenuated", "same_run", "run_run"))
    lowest = noiseless.loc[noiseless["estimate"].idxmin()]
    medians = [words.number(table["estimate"].median()) for table in (different, same, noiseless)]
    shared = words.number((same["estimate"] - different["estimate"]).median())
    return (
        f"{head} Over the {len(noiseless)} without coarse scores, the median correlation is {medians[0]} in "
        f"different runs, {medians[1]} in the same run (the noise that both share adds {shared}), and "
        f"{medians[2]} without noise. {_one_ranking(noiseless)} The lowest is {_label(lowest)}, "
        f"{words.interval(lowest)}.{_above_one(noiseless)}"
    )


def _one_ranking(noiseless: pd.DataFrame) -> str:
    one = int((noiseless["high"] >= 1).sum())
    if not one:
        return "For none of them does the interval of the last reach 1: noise alone sets no pair apart."
    return (
        f"For {one} of {len(noiseless)} the interval of the last reaches 1: but for noise, these may be one "
        f"ranking."
    )


def _above_one(noiseless: pd.DataFrame) -> str:
    above = noiseless[noiseless["above_one"]]
    if above.empty:
        return ""
    return (
        f" {words.count_of(len(above), 'value')} above 1, up to {above['estimate'].max():.3f}: sampling "
        f"error of the reliabilities, or noise that is not independent between runs; shown as they are."
    )
