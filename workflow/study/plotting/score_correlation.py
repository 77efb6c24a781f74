"""Figure `score_correlation`: how far scores agree with one another, as means and as single runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from study.plotting import words
from study.plotting.layout import annotate_cells, bare, text_width
from study.plotting.pooling import mean_over_models
from study.plotting.style import MATRIX_COLOURS, PAGE, Drawing, present, styled

KINDS = {"mean_mean": "mean – mean", "mean_run": "mean (row) – run (column)", "run_run": "run – run"}
_BESIDE = 10  # so many scores can be annotated with three matrices side by side


@styled
def draw_score_correlation(
    correlation: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> Drawing:
    """Three matrices in one order: scores averaged over runs, an average against a single run, single runs.

    Scores are turned so that high means hard: a positive correlation is agreement on what is hard.

    Args:
        correlation: `model, kind, score_a, score_b, estimate, low, high, n`; pairs of scores both ways.
        models, columns: which; the mean over models is shown.
        dataset: its name.
    """
    models = present(correlation, models)
    points = _points(correlation, models, columns)
    known = [column for column in columns if column in set(points["score_a"])]
    squares = {kind: _square(points, kind, known) for kind in KINDS}
    order = _clustered(squares["mean_mean"])
    names = [known[place] for place in order]
    figure, grid = _frames(names)
    for axes, (kind, title) in zip(grid, KINDS.items(), strict=True):
        image = _draw(axes, squares[kind][np.ix_(order, order)], names)
        axes.set_title(title)
    labels = [words.score_label(name) for name in names]
    for place, axes in enumerate(grid):
        beside = len(names) <= _BESIDE
        axes.set_yticks(range(len(names)), labels if place == 0 or not beside else [])
        axes.set_xticks(range(len(names)), labels if beside or place == len(KINDS) - 1 else [], rotation=90)
    bar = figure.colorbar(image, ax=list(grid), shrink=0.8, aspect=30, pad=0.01)
    bar.set_label(f"Spearman correlation\n(mean of {words.count_of(len(models), 'model')})")
    bar.outline.set_visible(False)
    return Drawing(figure, points, _caption(points, squares, known, models, dataset))


def _points(correlation: pd.DataFrame, models: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    shown = correlation[
        correlation["kind"].isin(list(KINDS))
        & correlation["model"].isin(models)
        & correlation["score_a"].isin(columns)
        & correlation["score_b"].isin(columns)
    ]
    signs = {column: words.hard_sign(column) for column in columns}
    sign = shown["score_a"].map(signs) * shown["score_b"].map(signs)
    low, high = sign * shown["low"], sign * shown["high"]
    turned = shown.assign(
        estimate=sign * shown["estimate"], low=np.minimum(low, high), high=np.maximum(low, high)
    )
    return mean_over_models(turned, ["kind", "score_a", "score_b"])


def _square(points: pd.DataFrame, kind: str, columns: Sequence[str]) -> np.ndarray:
    of_kind = points[points["kind"] == kind].pivot(index="score_a", columns="score_b", values="estimate")
    return of_kind.reindex(index=columns, columns=columns).to_numpy()


def _clustered(square: np.ndarray) -> np.ndarray:
    """The order that average linkage of 1 − correlation gives; unknown correlations count as 0."""
    if len(square) < 3:
        return np.arange(len(square))
    distance = 1 - np.nan_to_num((square + square.T) / 2)
    np.fill_diagonal(distance, 0)
    condensed = squareform(np.maximum(distance, 0), checks=False)
    return leaves_list(linkage(condensed, method="average", optimal_ordering=True))


def _frames(names: Sequence[str]) -> tuple[Figure, np.ndarray]:
    """Three matrices side by side, or one above the other where they would be too small to read."""
    label = max(text_width(words.score_label(name)) for name in names)
    if len(names) <= _BESIDE:
        side = (PAGE - label - 0.9) / 3
        figure = Figure(figsize=(PAGE, side + label + 0.55), layout="constrained")
        return figure, figure.subplots(1, 3)
    side = min(PAGE - label - 1.3, 0.24 * len(names))
    figure = Figure(figsize=(side + label + 1.3, 3 * (side + 0.3) + label), layout="constrained")
    return figure, figure.subplots(3, 1)


def _draw(axes: Axes, square: np.ndarray, names: Sequence[str]):
    image = axes.imshow(square, cmap=MATRIX_COLOURS, vmin=-1, vmax=1, aspect="equal")
    axes.set_facecolor("#eeeeee")  # a correlation that is not defined
    if len(names) <= 1.5 * _BESIDE:
        annotate_cells(axes, square, dark=0.72)
    bare(axes)
    return image


def _caption(
    points: pd.DataFrame, squares: dict, names: Sequence[str], models: Sequence[str], dataset: str
) -> str:
    off = ~np.eye(len(names), dtype=bool)
    medians = {kind: np.nanmedian(square[off]) if off.any() else np.nan for kind, square in squares.items()}
    lowest = points[(points["kind"] == "mean_mean") & (points["score_a"] != points["score_b"])]
    text = (
        f"{dataset}: {words.count_of(len(names), 'score')}, {words.count_of(len(models), 'model')}, "
        f"{words.span(points['n'], ' runs')} each. Between different scores the median correlation is "
        f"{words.number(medians['mean_mean'])} for averages over runs, "
        f"{words.number(medians['mean_run'])} for an average and a single run, and "
        f"{words.number(medians['run_run'])} for single runs."
    )
    if lowest.empty:
        return text
    worst = lowest.loc[lowest["estimate"].idxmin()]
    agree = int((lowest["low"] > 0).sum() // 2)
    return (
        f"{text} The averages agree on what is hard (interval above 0) in {agree} of {len(lowest) // 2} "
        f"pairs of scores; the lowest is {words.score_label(worst['score_a'])} with "
        f"{words.score_label(worst['score_b'])}, {words.interval(worst)}."
    )
