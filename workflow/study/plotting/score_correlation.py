"""Figure `score_correlation`: how far scores agree with one another, as means and as single runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.defined import nothing_to_draw, split_defined
from study.plotting.layout import annotate_cells, bare, text_width
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
    means = correlation[
        (correlation["kind"] == "mean_mean") & (correlation["score_a"] == correlation["score_b"])
    ]
    _, known, _, missing = split_defined(means.rename(columns={"score_a": "score"}), columns, models)
    if not known:
        return nothing_to_draw(dataset, missing)
    points = points[points["score_a"].isin(known) & points["score_b"].isin(known)]
    squares = {kind: _square(points, kind, known) for kind in KINDS}
    order = _clustered(squares["mean_mean"])
    names = [known[place] for place in order]
    figure, grid = _frames(names)
    for axes, (kind, title) in zip(grid, KINDS.items(), strict=True):
        image = _draw(axes, squares[kind][np.ix_(order, order)], names)
        axes.set_title(title)
    labels = [words.marked_label(name) for name in names]
    for place, axes in enumerate(grid):
        beside = len(names) <= _BESIDE
        axes.set_yticks(range(len(names)), labels if place == 0 or not beside else [])
        axes.set_xticks(range(len(names)), labels if beside or place == len(KINDS) - 1 else [], rotation=90)
    bar = figure.colorbar(image, ax=list(grid), shrink=0.8, aspect=30, pad=0.01)
    bar.set_label(f"Spearman correlation\n(mean of {words.count_of(len(models), 'model')})")
    bar.outline.set_visible(False)
    caption = _caption(points, known, models, dataset)
    return Drawing(figure, points, f"{caption}{missing}{words.coarse_note(known)}")


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
    label = max(text_width(words.marked_label(name)) for name in names)
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


def _caption(points: pd.DataFrame, names: Sequence[str], models: Sequence[str], dataset: str) -> str:
    runs = words.span(points.loc[points["n"] > 0, "n"], " runs")
    counts = f"{words.count_of(len(names), 'score')}, {words.count_of(len(models), 'model')}"
    head = f"{dataset}: {counts}, {runs} each."
    sure = words.headline(names)
    pairs = points[points["score_a"].isin(sure) & points["score_b"].isin(sure)]
    head += _reliabilities(pairs)
    pairs = pairs[pairs["score_a"] != pairs["score_b"]]
    if pairs.empty:
        return head
    medians = pairs.groupby("kind")["estimate"].median()
    said = [f"{words.number(medians[kind])} {phrase}" for kind, phrase in _PHRASES.items() if kind in medians]
    averages = pairs[pairs["kind"] == "mean_mean"]
    averages = averages[averages["score_a"] < averages["score_b"]]
    worst = averages.loc[averages["estimate"].idxmin()]
    agree = int((averages["low"] > 0).sum())
    return (
        f"{head} Between different scores the median correlation is {', '.join(said)}. The averages agree on "
        f"what is hard (interval above 0) in {agree} of {len(averages)} pairs of scores; the lowest is "
        f"{words.score_label(worst['score_a'])} with {words.score_label(worst['score_b'])}, "
        f"{words.interval(worst)}."
    )


def _reliabilities(pairs: pd.DataFrame) -> str:
    """How far scores agree with themselves in another run."""
    own = pairs[(pairs["kind"] == "run_run") & (pairs["score_a"] == pairs["score_b"])]
    if own.empty:
        return ""
    low, high = own.loc[own["estimate"].idxmin()], own.loc[own["estimate"].idxmax()]
    said = f"{words.interval(high)} ({words.score_label(high['score_a'])})"
    if len(own) > 1:
        said = f"{words.interval(low)} ({words.score_label(low['score_a'])}) to {said}"
    return f" With itself in another run a score correlates {said}."


_PHRASES = {
    "mean_mean": "for averages over runs",
    "mean_run": "for an average and a single run",
    "run_run": "for single runs",
}
