"""Figure `forgetting_variants`: five ways to count forgetting, what they can order and how far they agree."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.layout import annotate_cells, bare, label_ends, model_key, offsets, stripe_rows
from study.plotting.style import (
    MATRIX_COLOURS,
    PAGE,
    Drawing,
    model_colours,
    model_markers,
    present,
    series_colours,
    styled,
)

VARIANTS = ("forgetting", "forgetting_epoch", "first_learned", "consistently_learned", "unforgettable")
YARDSTICK = "confidence_mean"  # the continuous score with which the variants are compared
EVENTS, EPOCHS = VARIANTS[:2], VARIANTS[2:4]
PANELS = {  # one number of a model and variant each: title, axis
    "spearman": ("run against run", "Spearman correlation"),
    "same_place": ("pairs of examples in no order", "share of pairs"),
    "never": ("never learned", "share of examples"),
}
_HEIGHT = 1.8  # of the axes of distributions, in inches


@styled
def draw_forgetting_variants(
    shares: pd.DataFrame,
    distribution: pd.DataFrame,
    consistency: pd.DataFrame,
    correlation: pd.DataFrame,
    models: Sequence[str],
    dataset: str,
) -> Drawing:
    """Distributions of the variants; their agreement; how well they repeat, and how much they leave tied.

    Args:
        shares: `model, score, statistic, estimate, low, high, n`; `never` and `same_place` are shown.
        distribution: `model, score, value, never, estimate, low, high, n`.
        consistency: `model, score, statistic, estimate, low, high, n`; `spearman` is shown.
        correlation: `model, kind, score_a, score_b, estimate, low, high, n`; `mean_mean` and `run_run`.
        models: in the study's order.
        dataset: its name.
    """
    shown = present(shares, models)
    counts = distribution[distribution["score"].isin([*EVENTS, *EPOCHS])]
    curves = mean_over_models(_filled(counts), ["score", "value", "never"])
    cells = _cells(correlation, shown)
    numbers = _numbers(shares, consistency, shown)
    rows = len(VARIANTS) * max(0.26, 0.06 * len(shown))
    figure = Figure(figsize=(PAGE, _HEIGHT + 0.55 + 2.95 + rows + 0.95), layout="constrained")
    top, middle, bottom = figure.subfigures(3, 1, height_ratios=[_HEIGHT + 0.55, 2.95, rows + 0.95])
    for axes, variants in zip(top.subplots(1, 2), (EVENTS, EPOCHS), strict=True):
        _draw_distribution(axes, curves[curves["score"].isin(variants)], variants)
    _draw_agreement(middle, cells, len(shown))
    _draw_numbers(bottom, numbers, models)
    model_key(figure, shown, models)
    points = [
        curves.assign(panel="distribution"),
        cells.assign(panel="agreement"),
        numbers.rename(columns={"statistic": "panel"}),
    ]
    first = ["panel", "model", "score", "value", "never", "kind", "score_a", "score_b"]
    joined = pd.concat(points, ignore_index=True)[[*first, "estimate", "low", "high", "n", "models", "y"]]
    return Drawing(figure, joined, _caption(numbers, cells, shown, dataset))


def _filled(distribution: pd.DataFrame) -> pd.DataFrame:
    """With a share of 0 for the values that a model never gave, so that means are over all models."""
    runs = distribution.groupby("model", sort=False)["n"].first()
    values = distribution[["score", "value", "never"]].drop_duplicates()
    full = values.merge(runs.index.to_frame(index=False), how="cross")
    filled = full.merge(distribution.drop(columns="n"), on=["model", "score", "value", "never"], how="left")
    shares = ["estimate", "low", "high"]
    absent = filled["estimate"].isna()
    filled.loc[absent, shares] = 0.0
    return filled.assign(n=filled["model"].map(runs))


def _cells(correlation: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """Agreement of variants, all turned so that high means hard; means over models."""
    named = [*VARIANTS, YARDSTICK]
    rows = correlation[
        correlation["kind"].isin(["mean_mean", "run_run"])
        & correlation["score_a"].isin(named)
        & correlation["score_b"].isin(named)
        & correlation["model"].isin(shown)
    ]
    sign = rows["score_a"].map(words.hard_sign) * rows["score_b"].map(words.hard_sign)
    low, high = sign * rows["low"], sign * rows["high"]
    turned = rows.assign(
        estimate=sign * rows["estimate"], low=np.minimum(low, high), high=np.maximum(low, high)
    )
    return mean_over_models(turned, ["kind", "score_a", "score_b"])


def _numbers(shares: pd.DataFrame, consistency: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    both = pd.concat([shares, consistency], ignore_index=True)
    rows = both[
        both["score"].isin(VARIANTS) & both["statistic"].isin(list(PANELS)) & both["model"].isin(shown)
    ]
    rows = rows[rows["estimate"].notna()]
    return rows.assign(y=rows["score"].map(VARIANTS.index) + rows["model"].map(offsets(shown)))


def _draw_distribution(axes: Axes, curves: pd.DataFrame, variants: Sequence[str]) -> None:
    """Shares on a logarithmic axis; what was never learned stands apart, as a marker at T + 1."""
    colours = dict(zip(variants, series_colours(len(variants) + 1), strict=False))
    ends = {}
    for score in variants:
        rows = curves[curves["score"] == score].sort_values("value")
        learned, never = rows[~rows["never"].astype(bool)], rows[rows["never"].astype(bool)]
        axes.vlines(rows["value"], rows["low"], rows["high"], color=colours[score], linewidth=0.8)
        axes.plot(learned["value"], learned["estimate"], "o-", color=colours[score], markersize=2.6)
        axes.plot(never["value"], never["estimate"], "D", color=colours[score], markersize=4)
        last = never if len(never) else learned
        ends[score] = tuple(last[["value", "estimate"]].iloc[-1])
    axes.set_yscale("log")
    smallest = curves["estimate"].min()
    axes.set_ylim(0.6 * smallest, 1.5)
    end = curves["value"].max()
    axes.set_xlim(-0.03 * end - 0.2, 1.04 * end + 0.2)
    _name_never(axes, curves[curves["never"].astype(bool)])
    axes.set_xlabel("events" if variants == EVENTS else "epoch")
    axes.set_ylabel("share of examples")
    axes.set_title("forgetting events" if variants == EVENTS else "epoch of learning")
    label_ends(axes, ends, colours, _HEIGHT, words.score_label)


def _name_never(axes: Axes, never: pd.DataFrame) -> None:
    """The last place on the axis is no number."""
    if len(never):
        place = int(never["value"].max())
        step = max(1, -(-place // 6))
        numbers = range(0, place - step // 2, step)
        axes.set_xticks([*numbers, place], [*map(str, numbers), "never"])


def _draw_agreement(figure, cells: pd.DataFrame, models: int) -> None:
    named = [*VARIANTS, YARDSTICK]
    grid = figure.subplots(1, 2)
    titles = {"mean_mean": "means over runs", "run_run": "one run and another"}
    for place, (axes, (kind, title)) in enumerate(zip(grid, titles.items(), strict=True)):
        square = cells[cells["kind"] == kind].pivot(index="score_a", columns="score_b", values="estimate")
        square = square.reindex(index=named, columns=named).to_numpy()
        image = axes.imshow(square, cmap=MATRIX_COLOURS, vmin=-1, vmax=1)
        axes.set_facecolor("#eeeeee")  # not defined
        annotate_cells(axes, square, dark=0.72)
        bare(axes)
        labels = [words.score_label(name) for name in named]
        axes.set_xticks(range(len(named)), labels, rotation=90)
        axes.set_yticks(range(len(named)), labels if place == 0 else [])
        axes.set_title(title)
    bar = figure.colorbar(image, ax=list(grid), shrink=0.8, aspect=25, pad=0.02)
    bar.set_label(f"Spearman correlation\n(mean of {words.count_of(models, 'model')})")
    bar.outline.set_visible(False)


def _draw_numbers(figure, numbers: pd.DataFrame, models: Sequence[str]) -> None:
    colours, markers = model_colours(models), model_markers(models)
    grid = figure.subplots(1, len(PANELS), sharey=True)
    for axes, (statistic, (title, label)) in zip(grid, PANELS.items(), strict=True):
        stripe_rows(axes, len(VARIANTS))
        for row in numbers[numbers["statistic"] == statistic].itertuples():
            axes.hlines(row.y, row.low, row.high, color=colours[row.model], linewidth=0.9)
            axes.plot(row.estimate, row.y, markers[row.model], color=colours[row.model], markersize=3)
        axes.set_title(title)
        axes.set_xlabel(label)
        axes.set_xlim(left=0 if statistic != "spearman" else None)
        axes.locator_params(axis="x", nbins=4)
    grid[0].set_yticks(range(len(VARIANTS)), [words.score_label(score) for score in VARIANTS])


def _caption(numbers: pd.DataFrame, cells: pd.DataFrame, shown: Sequence[str], dataset: str) -> str:
    runs = words.span(numbers["n"], " runs")
    text = f"{dataset}: {words.count_of(len(shown), 'model')}, {runs} each. "
    means = mean_over_models(numbers, ["statistic", "score"]).set_index(["statistic", "score"])
    agreement = cells.set_index(["kind", "score_a", "score_b"])
    pair = ("run_run", *EVENTS)
    if pair in agreement.index:
        text += (
            f"Counted at an example's own minibatches and at the ends of epochs, forgetting of one run and "
            f"another correlates {words.interval(agreement.loc[pair])} (mean over models, 95 %); their means "
            f"over runs {words.interval(agreement.loc[('mean_mean', *EVENTS)])}. "
        )
    if "spearman" not in means.index.get_level_values(0):
        return text + "No variant orders the examples in two runs: none can be recommended."
    repeat = means.loc["spearman"].sort_values("estimate", ascending=False)
    text += _repeats(repeat, means.loc["same_place"])
    if "never" in means.index.get_level_values(0):
        never = means.loc["never"]
        text += (
            f"Never learned are {words.percent_interval(never.loc['forgetting'])} of the examples of a run. "
        )
    return text + _advice(repeat, agreement)


def _repeats(repeat: pd.DataFrame, tied: pd.DataFrame) -> str:
    first, last = repeat.index[0], repeat.index[-1]
    return (
        f"From run to run {words.score_label(first)} repeats best, {words.interval(repeat.loc[first])}, and "
        f"leaves {words.percent(tied['estimate'][first], 0)} of the pairs of examples in no order; "
        f"{words.score_label(last)} worst, {words.interval(repeat.loc[last])} and "
        f"{words.percent(tied['estimate'][last], 0)}. "
    )


def _advice(repeat: pd.DataFrame, agreement: pd.DataFrame) -> str:
    """Which variant to use: the one that repeats best, if its interval is clear of the next."""
    best = repeat.index[0]
    equals = [score for score in repeat.index[1:] if not repeat["high"][score] < repeat["low"][best]]
    names = " or ".join(words.score_label(score) for score in (best, *equals))
    text = f"Use {names}" + (" (not told apart by their intervals)" if equals else "")
    with_yardstick = [
        f"{words.score_label(score)} {words.interval(agreement.loc[('mean_mean', score, YARDSTICK)])}"
        for score in (best, *equals)
        if ("mean_mean", score, YARDSTICK) in agreement.index
    ]
    if with_yardstick:
        text += f"; averaged over runs, with {words.score_label(YARDSTICK)} correlates "
        text += " and ".join(with_yardstick)
    return text + "."
