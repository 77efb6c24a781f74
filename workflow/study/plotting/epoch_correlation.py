"""Figure `epoch_correlation`: how rankings at single epochs agree with each other and with training means."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.layout import label_ends, model_key
from study.plotting.style import (
    GREY,
    PAGE,
    Drawing,
    model_colours,
    model_markers,
    present,
    series_colours,
    share_colours,
    styled,
)

SUBJECT = "confidence"  # what the matrices and the panel of models show
KINDS = {"same_run": "two epochs of one run", "different_runs": "two epochs of different runs"}
REFERENCES = {"other_runs": "other runs", "own_run": "own run"}
_HEIGHT, _SIDE = 1.9, 2.3  # inches: axes of curves, and of a matrix
_MOST_MARKERS = 12
_MOST_TICKS = 8


@styled
def draw_epoch_correlation(
    correlation: pd.DataFrame, curves: pd.DataFrame, models: Sequence[str], dataset: str
) -> Drawing:
    """Above, a checkpoint against training means; below, checkpoints against each other, as two matrices.

    Args:
        correlation: `model, score, kind, epoch_a, epoch_b, estimate, low, high, n`, epoch_a ≤ epoch_b.
        curves: `model, score, form, reference, epoch, estimate, low, high, n`; of the forms `checkpoint`
            is shown.
        models: in the study's order.
        dataset: its name.
    """
    checkpoints = curves[(curves["form"] == "checkpoint") & curves["reference"].isin(list(REFERENCES))]
    checkpoints = checkpoints[checkpoints["estimate"].notna()]
    shown = present(checkpoints, models)
    means = mean_over_models(checkpoints, ["score", "reference", "epoch"])
    single = checkpoints[(checkpoints["score"] == SUBJECT) & (checkpoints["reference"] == "other_runs")]
    cells = mean_over_models(correlation[correlation["score"] == SUBJECT], ["kind", "epoch_a", "epoch_b"])
    figure = Figure(figsize=(PAGE, _HEIGHT + _SIDE + 1.45), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[_HEIGHT + 0.5, _SIDE + 0.6])
    left, right = top.subplots(1, 2, sharey=True)
    _draw_models(right, single, models)
    left.set_ylim(min(0, left.get_ylim()[0]), 1)  # for both
    _draw_measures(left, means)
    _draw_matrices(bottom, cells, len(shown))
    model_key(figure, shown, models)
    points = [
        means.assign(panel="mean over models"),
        single.assign(panel="model"),
        cells.rename(columns={"epoch_a": "epoch"}).assign(panel="matrix", score=SUBJECT),
    ]
    first = ["panel", "score", "model", "reference", "kind", "epoch", "epoch_b"]
    joined = pd.concat(points, ignore_index=True)[[*first, "estimate", "low", "high", "n", "models"]]
    return Drawing(figure, joined, _caption(means, cells, checkpoints, shown, dataset))


def _draw_measures(axes: Axes, means: pd.DataFrame) -> None:
    scores = means["score"].unique().tolist()
    colours = dict(zip(scores, series_colours(len(scores)), strict=True))
    ends, labels, shades = {}, {}, {}
    for (score, reference), curve in means.groupby(["score", "reference"], sort=False):
        curve = curve.sort_values("epoch")
        line = "-" if reference == "other_runs" else "--"
        axes.fill_between(
            curve["epoch"], curve["low"], curve["high"], color=colours[score], alpha=0.2, linewidth=0
        )
        axes.plot(curve["epoch"], curve["estimate"], line, color=colours[score])
        key = f"{score} {reference}"
        ends[key] = tuple(curve[["epoch", "estimate"]].iloc[-1])
        labels[key], shades[key] = f"{words.score_label(score)}, {REFERENCES[reference]}", colours[score]
    _finish(axes, means)
    axes.set_ylabel("Spearman correlation of epoch t\nwith the training mean")
    axes.set_title("one epoch against training means")
    label_ends(axes, ends, shades, _HEIGHT, labels.get)


def _draw_models(axes: Axes, single: pd.DataFrame, models: Sequence[str]) -> None:
    colours, markers = model_colours(models), model_markers(models)
    for model, curve in single.groupby("model", sort=False):
        curve = curve.sort_values("epoch")
        axes.plot(
            curve["epoch"],
            curve["estimate"],
            marker=markers[model],
            color=colours[model],
            markersize=3,
            linewidth=0.8,
            markevery=max(1, len(curve) // _MOST_MARKERS),
        )
    _finish(axes, single)
    axes.set_title(f"{SUBJECT}, other runs, by model")


def _finish(axes: Axes, curves: pd.DataFrame) -> None:
    axes.set_xlim(min(1, curves["epoch"].min()), max(2, curves["epoch"].max()))
    axes.set_xlabel("epoch, t")


def _draw_matrices(figure: SubFigure, cells: pd.DataFrame, models: int) -> None:
    grid = figure.subplots(1, len(KINDS))
    lowest = np.floor(10 * min(cells["estimate"].min(), 0.9)) / 10
    image = None
    for axes, (kind, title) in zip(grid, KINDS.items(), strict=True):
        square, epochs = _square(cells[cells["kind"] == kind])
        axes.set_title(title)
        if not len(epochs):
            axes.text(0.5, 0.5, "fewer than two runs", ha="center", transform=axes.transAxes, color=GREY)
            continue
        image = axes.imshow(square, cmap=share_colours(), vmin=lowest, vmax=1, origin="lower")
        axes.set_facecolor("#eeeeee")  # a correlation that is not defined
        ticks = np.arange(0, len(epochs), -(-len(epochs) // _MOST_TICKS))
        axes.set_xticks(ticks, epochs[ticks])
        axes.set_yticks(ticks, epochs[ticks])
        axes.set_xlabel("epoch")
        axes.set_ylabel("epoch" if kind == "same_run" else "epoch of another run")
        axes.spines[:].set_visible(False)
    if image is not None:
        bar = figure.colorbar(image, ax=list(grid), shrink=0.85, aspect=25, pad=0.02)
        bar.set_label(f"Spearman correlation of {SUBJECT}\n(mean of {words.count_of(models, 'model')})")
        bar.outline.set_visible(False)


def _square(cells: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The full matrix of pairs that the table holds once; an epoch with itself, within a run, is 1."""
    epochs = np.unique(cells[["epoch_a", "epoch_b"]])
    square = np.full((len(epochs), len(epochs)), np.nan)
    a, b = (np.searchsorted(epochs, cells[side]) for side in ("epoch_a", "epoch_b"))
    square[a, b] = square[b, a] = cells["estimate"]
    if (cells["kind"] == "same_run").any():
        np.fill_diagonal(square, 1)
    return square, epochs


def _caption(
    means: pd.DataFrame,
    cells: pd.DataFrame,
    checkpoints: pd.DataFrame,
    shown: Sequence[str],
    dataset: str,
) -> str:
    runs = words.span(checkpoints.loc[checkpoints["score"] == SUBJECT, "n"], " runs")
    head = f"{dataset}: {words.count_of(len(shown), 'model')}, {runs} each with every epoch recorded. "
    subject = means[means["score"] == SUBJECT].set_index(["reference", "epoch"])
    if subject.empty or "other_runs" not in subject.index.get_level_values("reference"):
        return f"{head}There are too few runs to compare different runs."
    others, own = subject.loc["other_runs"], subject.loc["own_run"]
    best, last = others["estimate"].idxmax(), others.index.max()
    text = (
        f"{head}After epoch {others.index.min()} the {SUBJECT} of one run correlates "
        f"{words.interval(others.iloc[0])} with the training mean of other runs (mean over models, 95 %), "
        f"after epoch {last} {words.interval(others.loc[last])}; most after epoch {best}, "
        f"{words.number(others['estimate'][best])}. "
    )
    gap = own["estimate"][last] - others["estimate"][last]
    text += (
        f"With the training mean of its own run it is {words.number(own['estimate'][last])} after epoch "
        f"{last}, {words.number(abs(gap))} {'more' if gap > 0 else 'less'}: what a run shares with itself "
        "alone. "
    )
    same = cells[(cells["kind"] == "different_runs") & (cells["epoch_a"] == cells["epoch_b"])]
    if len(same):
        first, final = (same.sort_values("epoch_a").iloc[place] for place in (0, -1))
        text += (
            f"Two runs at the same epoch correlate {words.interval(first)} after epoch {first['epoch_a']} "
            f"and {words.interval(final)} after epoch {final['epoch_a']}."
        )
    return text.rstrip()
