"""Figure `rank_error`: how far a single run misplaces examples, over examples, for each score and model."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.defined import nothing_to_draw, split_defined
from study.plotting.layout import model_key, offsets, stripe_rows
from study.plotting.style import PAGE, Drawing, model_colours, model_markers, styled

_FAR = 0.25  # a tail of rank errors that reaches so far leaves the place of an example open
_ENDS = ("p05", "p25", "median", "p75", "p95")


@styled
def draw_rank_error(
    runs: pd.DataFrame,
    consistency: pd.DataFrame,
    models: Sequence[str],
    columns: Sequence[str],
    dataset: str,
) -> Drawing:
    """A box for every score and model: percentiles of the rank error over examples, mean over runs.

    Args:
        runs: a row per model, score and run: `rank_error_p05, …_p25, …_median, …_p75, …_p95`, shares of N.
        consistency: `model, score, statistic, estimate, low, high, n, reason`; the caption's numbers.
        models, columns: in the study's order.
        dataset: its name.
    """
    medians = consistency[consistency["statistic"] == "rank_error_median"]
    medians, known, shown, missing = split_defined(medians, columns, models)
    if not known:
        return nothing_to_draw(dataset, missing)
    order = medians.groupby("score")["estimate"].mean().sort_values().index.tolist()
    points = _points(runs[runs["score"].isin(known) & runs["model"].isin(shown)], order, shown)
    height = 0.8 + len(order) * max(0.28, 0.085 * len(shown))
    figure = Figure(figsize=(PAGE, height), layout="constrained")
    axes = figure.subplots()
    _draw(axes, points, models)
    stripe_rows(axes, len(order))
    axes.set_xlim(left=0)
    axes.set_xlabel("rank error of one run against the mean of the others (% of examples)")
    axes.set_yticks(range(len(order)), [words.marked_label(score) for score in order])
    key = "box: middle half of the examples; line: 5 to 95 %"
    model_key(figure, shown, models, "   ".join(filter(None, [key, words.coarse_key(order)])))
    caption = _caption(medians, points, shown, order, dataset)
    return Drawing(figure, points, f"{caption}{missing}{words.coarse_note(order)}")


def _points(runs: pd.DataFrame, order: Sequence[str], models: Sequence[str]) -> pd.DataFrame:
    """Mean over runs of each percentile, in % of the examples."""
    columns = {f"rank_error_{end}": end for end in _ENDS}
    known = runs[runs["rank_error_median"].notna()].rename(columns=columns)
    groups = known.groupby(["score", "model"], sort=False)
    points = (100 * groups[list(_ENDS)].mean()).assign(n=groups.size()).reset_index()
    points["y"] = points["score"].map(order.index) + points["model"].map(offsets(models))
    return points.sort_values("y", ignore_index=True)


def _draw(axes: Axes, points: pd.DataFrame, models: Sequence[str]) -> None:
    colours, markers = model_colours(models), model_markers(models)
    for model, rows in points.groupby("model", sort=False):
        colour = colours[model]
        axes.hlines(rows["y"], rows["p05"], rows["p95"], color=colour, linewidth=0.7)
        axes.hlines(rows["y"], rows["p25"], rows["p75"], color=colour, linewidth=3.2, alpha=0.45)
        axes.plot(rows["median"], rows["y"], markers[model], color=colour, markersize=3)


def _caption(
    medians: pd.DataFrame, points: pd.DataFrame, models: Sequence[str], order: Sequence[str], dataset: str
) -> str:
    head = f"{dataset}: {words.count_of(len(models), 'model')}, {words.span(medians['n'], ' runs')} each."
    sure = words.headline(order)
    if not sure:
        return head
    means = mean_over_models(medians[medians["score"].isin(sure)], ["score"]).set_index("score")
    best, worst = means["estimate"].idxmin(), means["estimate"].idxmax()
    tail = points[points["score"] == worst]["p95"].mean() / 100
    least, most = (words.percent_interval(means.loc[score]) for score in (best, worst))
    text = f"{head} The median example is misplaced least with {words.score_label(best)}, by {least}"
    text += " of the ranking"
    if best == worst:
        return f"{text} (mean over models, 95 %)."
    says = "alone says little of one example's place" if tail > _FAR else "alone places all but few examples"
    return (
        f"{text}, and most with {words.score_label(worst)}, by {most} (mean over models, 95 %). With the "
        f"latter one example in twenty is misplaced by more than {words.percent(tail, 0)}: a run {says}."
    )
