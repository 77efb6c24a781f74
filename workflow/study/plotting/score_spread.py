"""Figure `score_spread`: how far an example's score varies over runs, against its mean over runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.defined import nothing_to_draw, split_defined
from study.plotting.layout import model_key
from study.plotting.style import PAGE, Drawing, model_colours, present, styled

BINS = 20
_POINTS = 800  # examples drawn in a panel, over all models
_SKEWED = 5  # a positive score whose largest mean is so many times its median is drawn on logarithmic axes


@styled
def draw_score_spread(
    scores: pd.DataFrame,
    consistency: pd.DataFrame,
    quantiles: pd.DataFrame,
    models: Sequence[str],
    columns: Sequence[str],
    dataset: str,
) -> Drawing:
    """Two panels a score: run std against run mean, and rank error against rank, from easy to hard.

    Args:
        scores: the models' scores.parquet one below the other, with a column `model`.
        consistency: `model, score, statistic, estimate, low, high, n, reason`: the caption's numbers.
        quantiles: `model, score, quantile, estimate, low, high, n`: rank error by tenth of the mean score.
        models: in the study's order.
        columns: score columns to show.
        dataset: its name.
    """
    errors = consistency[consistency["statistic"] == "rank_error_median"]
    errors, columns, shown, missing = split_defined(errors, columns, present(scores, models))
    if not columns:
        return nothing_to_draw(dataset, missing)
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
    caption = _caption(errors, quantiles, shown, columns, dataset)
    examples = f"{scores['example_id'].nunique():,} examples"
    caption = caption.replace("each.", f"each, {examples}.", 1)
    return Drawing(figure, points, f"{caption}{missing}{words.coarse_note(columns)}")


def _points(scores: pd.DataFrame, models: Sequence[str], column: str) -> pd.DataFrame:
    """Examples evenly spaced in rank, and medians of bins of equal numbers of examples, for each model."""
    parts = []
    for model in models:
        of_model = scores[scores["model"] == model]
        if of_model[f"{column}_rank_error"].isna().all():
            continue  # the caption says why
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
    return 100 * (pd.Series(hard).rank().to_numpy() - 0.5) / len(hard)


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


def _caption(
    errors: pd.DataFrame, quantiles: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> str:
    head = f"{dataset}: {words.count_of(len(models), 'model')}, {words.span(errors['n'], ' runs')} each."
    sure = words.headline(columns)
    errors = errors[errors["score"].isin(sure)]
    if errors.empty:
        return head
    means = mean_over_models(errors, ["score"]).set_index("score")
    best, worst = means["estimate"].idxmin(), means["estimate"].idxmax()
    placed = [_surer_at_the_end(quantiles[quantiles["score"] == score], score) for score in sure]
    placed = [verdict for verdict in placed if verdict is not None]
    least, most = (words.percent_interval(means.loc[score]) for score in (best, worst))
    return (
        f"{head} A single run misplaces the median example by {least} of the ranking with "
        f"{words.score_label(best)} and by {most} with {words.score_label(worst)} (rank error against the "
        f"mean of the other runs; mean over models, 95 %). For {sum(placed)} of "
        f"{words.count_of(len(placed), 'score')} with examples in all of them, the fifth and sixth tenth of "
        f"the ranking are placed less surely than the hardest tenth (intervals apart)."
    )


def _surer_at_the_end(quantiles: pd.DataFrame, score: str) -> bool | None:
    """Whether the rank error of the middle tenths is above the hardest's; None where ties leave one empty."""
    known = quantiles[quantiles["estimate"].notna()]
    tenths = mean_over_models(known, ["quantile"]).set_index("quantile") if len(known) else known
    last = quantiles["quantile"].max()
    hardest = last if words.hard_sign(score) > 0 else 1
    if not {5, 6, hardest} <= set(tenths.index):
        return None
    return bool(tenths.loc[[5, 6], "low"].min() > tenths.loc[hardest, "high"])
