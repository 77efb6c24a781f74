"""Figure `score_spread`: how far an example's score varies over runs, against its mean over runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import rankdata

from study.plotting import words
from study.plotting.layout import model_key
from study.plotting.style import PAGE, Drawing, model_colours, present, styled

BINS = 20
_POINTS = 800  # examples drawn in a panel, over all models
_SKEWED = 5  # a positive score whose largest mean is so many times its median is drawn on logarithmic axes


@styled
def draw_score_spread(
    scores: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> Drawing:
    """Two panels a score: run std against run mean, and rank error against rank, from easy to hard.

    Args:
        scores: the models' scores.parquet one below the other, with a column `model`.
        models: in the study's order.
        columns: score columns to show.
        dataset: its name.
    """
    shown = present(scores, models)
    points = pd.concat([_points(scores, shown, column) for column in columns], ignore_index=True)
    across = min(4, len(columns))
    blocks = -(-len(columns) // across)
    figure = Figure(figsize=(PAGE, 0.35 + 2.95 * blocks), layout="constrained")
    grid = figure.subplots(2 * blocks, across, squeeze=False)
    for place, column in enumerate(columns):
        block, side = divmod(place, across)
        top, bottom = grid[2 * block, side], grid[2 * block + 1, side]
        _draw_pair(top, bottom, points[points["score"] == column], models, column)
        if side == 0:
            top.set_ylabel("std over runs")
            bottom.set_ylabel("rank error\n(% of examples)")
    for axes in grid.ravel():
        if not axes.has_data():
            axes.remove()
    model_key(figure, shown, models, words.coarse_key(columns))
    return Drawing(figure, points, _caption(scores, shown, columns, dataset))


def _points(scores: pd.DataFrame, models: Sequence[str], column: str) -> pd.DataFrame:
    """Examples evenly spaced in rank, and medians of bins of equal numbers of examples, for each model."""
    parts = []
    for model in models:
        of_model = scores[scores["model"] == model]
        frame = pd.DataFrame(
            {
                "score": column,
                "model": model,
                "example_id": of_model["example_id"],
                "mean": of_model[f"{column}_mean"],
                "std": of_model[f"{column}_std"],
                "rank_percent": _rank_percent(of_model, column),
                "rank_error_percent": 100 * of_model[f"{column}_rank_error"],
                "examples": 1,
                "runs": of_model[f"{column}_n"],
            }
        ).sort_values(["rank_percent", "example_id"])
        count = min(len(frame), max(20, _POINTS // len(models)))
        sampled = frame.iloc[np.linspace(0, len(frame) - 1, count).round().astype(int)]
        bins = np.minimum(frame["rank_percent"].to_numpy() * BINS // 100, BINS - 1)
        numbers = ["mean", "std", "rank_percent", "rank_error_percent", "runs"]
        medians = frame.groupby(bins)[numbers].median()
        medians["examples"] = frame.groupby(bins).size()
        parts += [
            sampled.assign(kind="example"),
            medians.assign(kind="median of bin", score=column, model=model, example_id=""),
        ]
    order = ["score", "model", "kind", *frame.columns.drop(["score", "model"])]
    return pd.concat(parts, ignore_index=True)[order]


def _rank_percent(scores: pd.DataFrame, column: str) -> np.ndarray:
    """Rank of each example by its mean score, 0 = easiest, 100 = hardest; ties averaged."""
    hard = words.hard_sign(column) * scores[f"{column}_mean"].to_numpy(dtype=float)
    return 100 * (rankdata(hard) - 0.5) / len(hard)


def _draw_pair(top: Axes, bottom: Axes, points: pd.DataFrame, models: Sequence[str], column: str) -> None:
    colours = model_colours(models)
    for axes, x, y in ((top, "mean", "std"), (bottom, "rank_percent", "rank_error_percent")):
        for model in present(points, models):
            of_model = points[points["model"] == model]
            example = of_model[of_model["kind"] == "example"]
            line = of_model[of_model["kind"] == "median of bin"]
            axes.plot(example[x], example[y], "o", color=colours[model], markersize=1.4, alpha=0.3, mew=0)
            axes.plot(line[x], line[y], color=colours[model], linewidth=1.0)
    means = points["mean"]
    if means.min() > 0 and means.max() > _SKEWED * means.median():
        top.set_xscale("log")
        top.set_yscale("log")
    unit = words.score_unit(column)
    top.set_title(words.marked_label(column))
    top.set_xlabel(f"mean ({unit})" if unit else "mean")
    bottom.set_xlim(0, 100)
    bottom.set_ylim(bottom=0)
    bottom.set_xlabel("rank (%), easy → hard")


def _caption(scores: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str) -> str:
    runs = words.span(scores[[f"{column}_n" for column in columns]].to_numpy().ravel(), " runs")
    examples = scores["example_id"].nunique()
    head = f"{dataset}: {words.count_of(len(models), 'model')}, {runs} each, {examples:,} examples. "
    sure = [column for column in columns if not words.coarse(column)]
    if not sure:
        return head.rstrip() + words.coarse_note(columns)
    rows = []
    for column in sure:
        for model in models:
            of_model = scores[scores["model"] == model]
            error, rank = of_model[f"{column}_rank_error"], _rank_percent(of_model, column)
            middle, hardest = (rank >= 40) & (rank < 60), rank >= 90  # none, where ties fill them
            rows.append((column, error.median(), error[middle].median(), error[hardest].median()))
    table = pd.DataFrame(rows, columns=["score", "all", "middle", "hardest"]).groupby("score").mean()
    best, worst = table["all"].idxmin(), table["all"].idxmax()
    more = int((table["middle"] > table["hardest"]).sum())
    return (
        f"{head}A single run misplaces the median example by {words.percent(table.loc[best, 'all'])} of the "
        f"ranking with {words.score_label(best)} and by {words.percent(table.loc[worst, 'all'])} with "
        f"{words.score_label(worst)} (mean over models). "
        f"For {more} of {words.count_of(len(sure), 'score')} the middle fifth of the ranking is placed "
        f"less surely than its hardest tenth.{words.coarse_note(columns)}"
    )
