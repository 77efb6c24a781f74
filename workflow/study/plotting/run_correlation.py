"""Figure `run_correlation`: how well one run ranks the examples as other runs do."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.analysis.pooling import mean_over_models
from study.analysis.runs_needed import TARGETS
from study.plotting import words
from study.plotting.defined import nothing_to_draw, split_defined
from study.plotting.layout import model_key, offsets, stripe_rows
from study.plotting.style import GREY, PAGE, Drawing, model_colours, model_markers, styled

TARGET = TARGETS[0]


@styled
def draw_run_correlation(
    runs: pd.DataFrame,
    consistency: pd.DataFrame,
    models: Sequence[str],
    columns: Sequence[str],
    dataset: str,
) -> Drawing:
    """Left, every run against the mean of the others; right, run against run, with 95 % intervals.

    Args:
        runs: a row per model, score and run: `model, score, run, spearman`.
        consistency: `model, score, statistic, estimate, low, high, n`; the statistic `spearman` is shown.
        models, columns: in the study's order.
        dataset: its name.
    """
    pairs = consistency[consistency["statistic"] == "spearman"]
    pairs, known, shown, missing = split_defined(pairs, columns, models)
    if not known:
        return nothing_to_draw(dataset, missing)
    singles = runs[runs["score"].isin(known) & runs["model"].isin(shown) & runs["spearman"].notna()]
    order = pairs.groupby("score")["estimate"].mean().sort_values(ascending=False).index.tolist()
    points = _points(singles, pairs, order, shown)
    height = 0.9 + len(order) * max(0.28, 0.075 * len(shown))
    figure = Figure(figsize=(PAGE, height), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, sharex=True)
    _draw(left, points[points["panel"] == "run against mean of others"], order, models, ticks=True)
    _draw(right, points[points["panel"] == "run against run"], order, models, ticks=False)
    left.set_title("one run against the mean of the others")
    right.set_title("one run against another")
    for axes in (left, right):
        axes.set_xlabel("Spearman correlation")
        axes.axvline(TARGET, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    right.set_xlim(right=1.0)
    left.set_yticks(range(len(order)), [words.marked_label(column) for column in order])
    model_key(figure, shown, models, words.coarse_key(order))
    caption = _caption(pairs, order, shown, dataset)
    return Drawing(figure, points, f"{caption}{missing}{words.coarse_note(order)}")


def _points(
    singles: pd.DataFrame, pairs: pd.DataFrame, order: Sequence[str], models: Sequence[str]
) -> pd.DataFrame:
    one = singles.rename(columns={"spearman": "x"}).assign(panel="run against mean of others")
    two = pairs.rename(columns={"estimate": "x"}).assign(panel="run against run")
    points = pd.concat([one, two], ignore_index=True)
    place = offsets(models)
    points["y"] = points["score"].map(order.index) + points["model"].map(place)
    return points[["panel", "score", "model", "run", "x", "y", "low", "high", "n"]]


def _draw(
    axes: Axes, points: pd.DataFrame, order: Sequence[str], models: Sequence[str], *, ticks: bool
) -> None:
    colours, markers = model_colours(models), model_markers(models)
    stripe_rows(axes, len(order))
    for model, rows in points.groupby("model", sort=False):
        if ticks:
            height = 0.6 / max(6, len(models))
            axes.vlines(
                rows["x"], rows["y"] - height, rows["y"] + height, color=colours[model], linewidth=0.8
            )
        else:
            axes.hlines(rows["y"], rows["low"], rows["high"], color=colours[model], linewidth=0.9)
            axes.plot(rows["x"], rows["y"], markers[model], color=colours[model], markersize=3)


def _caption(pairs: pd.DataFrame, order: Sequence[str], models: Sequence[str], dataset: str) -> str:
    head = f"{dataset}: {words.count_of(len(models), 'model')}, {words.span(pairs['n'], ' runs')} each. "
    sure = words.headline(order)
    if not sure:
        return head.rstrip()
    pairs = pairs[pairs["score"].isin(sure)]
    means = mean_over_models(pairs, ["score"]).set_index("score")
    below, above = int((pairs["high"] < TARGET).sum()), int((pairs["low"] > TARGET).sum())
    first, last = sure[0], sure[-1]
    verdict = (
        "one run stands for another with every score and model shown"
        if above == len(pairs)
        else "whether one run stands for another depends on the score and the model"
        if above
        else "for no score and model shown is one run known to stand for another"
    )
    return (
        f"{head}Run against run, {words.score_label(first)} correlates best, "
        f"{words.interval(means.loc[first])}, and {words.score_label(last)} worst, "
        f"{words.interval(means.loc[last])} (mean over models, 95 %). Of {len(pairs)} pairs of score and "
        f"model, the interval lies above {TARGET} in {above} and below it in {below}: {verdict}."
    )
