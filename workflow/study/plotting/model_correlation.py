"""Figure `model_correlation`: whether models agree on what is hard, score by score."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from study.plotting import words
from study.plotting.layout import annotate_cells, bare, stripe_rows, text_width
from study.plotting.style import GREY, INK, PAGE, TEXT, Drawing, share_colours, styled

KINDS = {"mean_mean": "of the means over runs", "disattenuated": "without the noise of runs"}
_ACROSS = 4  # matrices in a line, at most
_CELL = 0.19  # inches that a number in a cell asks for
_ROW = 0.26
_BOLD = 1.15  # how much wider than plain text a title is


@styled
def draw_model_correlation(
    pairs: pd.DataFrame, summary: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> Drawing:
    """A matrix of models for each score, and their means over pairs of models.

    Args:
        pairs: `score, kind, model_a, model_b, estimate, low, high, n`.
        summary: `score, kind, estimate, low, high, n, pairs`.
        models, columns: in the study's order.
        dataset: its name.
    """
    known = pairs[pairs["score"].isin(columns) & pairs["estimate"].notna()]
    shown = [model for model in models if model in set(known["model_a"]) | set(known["model_b"])]
    means = summary[summary["score"].isin(columns) & summary["estimate"].notna()]
    order = means[means["kind"] == "mean_mean"].sort_values("estimate", ascending=False)["score"].tolist()
    label = max(text_width(model) for model in shown) + 0.1
    widest = max(_BOLD * text_width(words.score_label(score), TEXT) for score in order) + 0.1
    across = max(1, min(_ACROSS, len(order), int((PAGE - label - 0.75) / widest)))
    side = min((PAGE - label - 0.75) / across - 0.08, 0.3 * len(shown) + 0.2)
    lines = -(-len(order) // across)
    upper = lines * (side + 0.28) + label + 0.25
    lower = _ROW * len(order) + 0.75
    figure = Figure(figsize=(PAGE, upper + lower), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[upper, lower])
    _draw_matrices(top, known, order, shown, across, annotate=side / len(shown) >= _CELL)
    means = means.assign(
        y=means["score"].map(order.index) + means["kind"].map({"mean_mean": 0.17, "disattenuated": -0.17})
    )
    means = means[means["kind"].isin(list(KINDS))]
    _draw_means(bottom, means, order)
    points = pd.concat(
        [known.assign(panel="matrix"), means.assign(panel="mean over pairs")], ignore_index=True
    )
    kept = ["panel", "score", "kind", "model_a", "model_b", "estimate", "low", "high", "n", "pairs", "y"]
    return Drawing(figure, points[kept], _caption(known, means, order, shown, dataset))


def _draw_matrices(
    figure: SubFigure,
    known: pd.DataFrame,
    order: Sequence[str],
    shown: Sequence[str],
    across: int,
    *,
    annotate: bool,
) -> None:
    lines = -(-len(order) // across)
    grid = figure.subplots(lines, across, squeeze=False)
    lowest = min(0.0, np.floor(10 * known["estimate"].min()) / 10)
    image = None
    for place, axes in enumerate(grid.ravel()):
        if place >= len(order):
            axes.remove()
            continue
        square = _square(known[known["score"] == order[place]], shown)
        image = axes.imshow(square, cmap=share_colours(), vmin=lowest, vmax=1)
        axes.set_facecolor("#eeeeee")  # not defined
        if annotate:
            annotate_cells(axes, square, dark=0.6)
        bare(axes)
        axes.set_title(words.score_label(order[place]))
        bottom = place + across >= len(order)
        axes.set_xticks(range(len(shown)), shown if bottom else [], rotation=90)
        axes.set_yticks(range(len(shown)), shown if place % across == 0 else [])
    bar = figure.colorbar(
        image, ax=[axes for axes in grid.ravel() if axes.figure], shrink=0.6, aspect=25, pad=0.01
    )
    bar.set_label("Spearman correlation")
    bar.outline.set_visible(False)


def _square(rows: pd.DataFrame, shown: Sequence[str]) -> np.ndarray:
    """Above the diagonal the means over runs, below it without noise, on it the reliability of a mean."""
    square = np.full((len(shown), len(shown)), np.nan)
    for row in rows.itertuples():
        if row.model_a in shown and row.model_b in shown:
            a, b = sorted((shown.index(row.model_a), shown.index(row.model_b)))
            at = (b, a) if row.kind == "disattenuated" else (a, b)
            square[at] = row.estimate
    return square


def _draw_means(figure: SubFigure, means: pd.DataFrame, order: Sequence[str]) -> None:
    axes = figure.subplots()
    stripe_rows(axes, len(order))
    for kind, filled in (("mean_mean", False), ("disattenuated", True)):
        rows = means[means["kind"] == kind]
        axes.hlines(rows["y"], rows["low"], rows["high"], color=INK, linewidth=0.9)
        axes.plot(
            rows["estimate"],
            rows["y"],
            "o",
            color=INK,
            markerfacecolor=INK if filled else "white",
            markersize=3.4,
        )
    axes.axvline(1, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    axes.set_yticks(range(len(order)), [words.score_label(score) for score in order])
    axes.set_xlabel("Spearman correlation between models, mean over pairs of models")
    axes.set_title("open: means over runs; filled: without the noise of runs")


def _caption(
    known: pd.DataFrame, means: pd.DataFrame, order: Sequence[str], shown: Sequence[str], dataset: str
) -> str:
    runs = words.span(known["n"], " runs")
    count = len(shown) * (len(shown) - 1) // 2
    text = f"{dataset}: {words.count_of(len(shown), 'model')}, {words.count_of(count, 'pair')}, {runs} each. "
    table = means.set_index(["kind", "score"])
    first, last = order[0], order[-1]
    best, worst = (words.interval(table.loc[("mean_mean", score)]) for score in (first, last))
    text += f"The means over runs of {words.score_label(first)} agree most between models, {best}"
    text += f", those of {words.score_label(last)} least, {worst}" if len(order) > 1 else ""
    text += " (mean over pairs, 95 % over runs). "
    divided = means[means["kind"] == "disattenuated"]
    if divided.empty:
        return text + "How much of the rest is noise of runs cannot be told."
    apart = divided[divided["high"] < 1]
    text += (
        f"Without the noise of runs the mean correlation is {words.number(divided['estimate'].min())} to "
        f"{words.number(divided['estimate'].max())}; below 1, interval and all, for {len(apart)} of "
        f"{words.count_of(len(divided), 'score')}: "
    )
    text += (
        "there models differ in what they find hard, and more runs would not make them agree. "
        if len(apart)
        else "that models differ by more than noise is not shown. "
    )
    return (text + _extremes(known)).rstrip()


def _extremes(known: pd.DataFrame) -> str:
    """The two models that agree most and least, over the scores."""
    rows = known[known["kind"] == "disattenuated"]
    by_pair = rows.groupby(["model_a", "model_b"], sort=False)["estimate"].mean().sort_values()
    if len(by_pair) < 2:
        return ""
    (least_a, least_b), (most_a, most_b) = by_pair.index[0], by_pair.index[-1]
    return (
        f"Over the scores {most_a} and {most_b} agree most ({words.number(by_pair.iloc[-1])}), {least_a} and "
        f"{least_b} least ({words.number(by_pair.iloc[0])})."
    )
