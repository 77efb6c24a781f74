"""Figures `noise_curves` and `noise_auroc`: pruning data with wrong labels, and which scores find these."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from study.analysis.pruned import EASY, FULL, HARD, RANDOM
from study.plotting import words
from study.plotting.defined import nothing_to_draw, split_defined
from study.plotting.influence.arms import (
    ARM_COLOURS,
    ARM_NAMES,
    FILLED,
    differences,
    in_order,
    ranking_label,
    rankings_note,
    verdict,
    with_texts,
)
from study.plotting.influence.panels import legend, limits, line, panel_width, span_of, wrapped
from study.plotting.layout import stripe_rows
from study.plotting.style import GREY, INK, PAGE, Drawing, present, series_colours, styled

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
_STYLES = ("-", "--", "-.", (0, (1, 1)))
_SPREAD = 0.5  # of the room between two pruned shares: the lines' bars stand beside each other
_ALL_NOISY = "data sets with wrong labels"


@styled
def draw_noise_curves(pruning: pd.DataFrame, noise: pd.DataFrame, models: Sequence[str]) -> Drawing:
    """A panel for each noise level and model: what pruning is worth against random of equal size.

    Args:
        pruning: as pruning.csv of the chapter, of which data sets with wrong labels are drawn.
        noise: `dataset, redrawn, flipped, wrong`, as noise.csv of the chapter.
        models: all of the study's, in order.
    """
    levels = noise_levels(noise)
    table = with_texts(pruning[pruning["dataset"].isin(levels.index)])
    points = _gains(table, levels)
    if points.empty:
        return nothing_to_draw(_ALL_NOISY, "")
    shown = present(points, models)
    datasets = [name for name in levels.index if name in set(points["dataset"])]
    figure = Figure(figsize=(PAGE, 2.3 * len(shown) + 0.9), layout="constrained")
    grid = figure.subplots(len(shown), len(datasets), squeeze=False)
    held = set(zip(points["ranking"], points["arm"], strict=True))
    keys = product((FULL, EASY, HARD), in_order(points["ranking"]))
    series = [(ranking, arm) for arm, ranking in keys if (ranking, arm) in held]
    shares = sorted(points["fraction"].unique())
    points = _placed(points, series, shares)
    for (row, model), (column, dataset) in product(enumerate(shown), enumerate(datasets)):
        axes = grid[row, column]
        mine = points[points["model"] == model]
        rows = mine[mine["dataset"] == dataset]
        if rows.empty:
            axes.remove()
            continue
        _draw_gains(axes, rows, series, shares)
        axes.set_ylim(*limits(mine, 0.0))
        if row == 0:
            width = panel_width(len(datasets))
            parts = (dataset, level_label(levels.loc[dataset]))
            axes.set_title("\n".join(wrapped(part, width) for part in parts))
    for axes in grid[-1]:
        axes.set_xlabel("pruned share, %")
    for axes, model in zip(grid[:, 0], shown, strict=True):
        label = "gain over random\nof equal size, points"
        axes.set_ylabel(f"{model}\n{label}" if len(shown) > 1 else label)
    legend(figure, [_handle(*key, series) for key in series], FILLED)
    kept = ["dataset", "model", "redrawn", "flipped", "wrong", "ranking", "arm", "fraction", "x"]
    kept += ["estimate", "low", "high", "n", "p_holm", "differs"]
    return Drawing(figure, points[kept], _gains_caption(points, levels, datasets, shown))


@styled
def draw_noise_auroc(noise: pd.DataFrame, models: Sequence[str], columns: Sequence[str]) -> Drawing:
    """A panel for each model, a row for each score: AUROC for wrong labels at each noise level.

    Args:
        noise: `dataset, model, score, estimate, low, high, n, redrawn, flipped, wrong`.
        models, columns: in the study's order.
    """
    known, scores, shown, missing = split_defined(noise, columns, models)
    if known.empty:
        return nothing_to_draw(_ALL_NOISY, missing)
    levels = noise_levels(known)
    order = known.groupby("score")["estimate"].mean().sort_values(ascending=False).index.tolist()
    places = dict(zip(levels.index, np.linspace(-0.28, 0.28, len(levels) + 2)[1:-1], strict=True))
    points = known.assign(y=known["score"].map(order.index) + known["dataset"].map(places))
    colours = dict(zip(levels.index, series_colours(len(levels))[::-1], strict=True))
    height = max(0.22, 0.09 * len(levels) + 0.06) * len(order)
    figure = Figure(figsize=(PAGE, height + 1.0), layout="constrained")
    grid = figure.subplots(1, len(shown), squeeze=False, sharex=True, sharey=True)[0]
    for axes, model in zip(grid, shown, strict=True):
        stripe_rows(axes, len(order))
        axes.axvline(0.5, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
        for dataset, rows in points[points["model"] == model].groupby("dataset", sort=False):
            axes.hlines(rows["y"], rows["low"], rows["high"], color=colours[dataset], linewidth=1)
            axes.plot(rows["estimate"], rows["y"], "o", color=colours[dataset])
        axes.set_xlabel("AUROC for wrong labels")
        axes.set_title(model)
    grid[0].set_yticks(range(len(order)), [words.marked_label(score) for score in order])
    handles = [
        Line2D([], [], color=colour, marker="o", label=f"{name}: {level_label(levels.loc[name])}")
        for name, colour in colours.items()
    ]
    remark = "; ".join(filter(None, ["dotted: random order", words.coarse_key(order)]))
    legend(figure, handles, remark)
    kept = ["dataset", "model", "score", "redrawn", "flipped", "wrong", "estimate", "low", "high", "n", "y"]
    caption = _auroc_caption(points, levels, shown, [score for score in scores if score in order])
    return Drawing(figure, points[kept], f"{caption}{missing}{words.coarse_note(order)}")


def noise_levels(noise: pd.DataFrame) -> pd.DataFrame:
    """`redrawn, flipped, wrong` of each data set with wrong labels, fewest wrong first."""
    levels = noise.groupby("dataset", sort=True)[["redrawn", "flipped", "wrong"]].first()
    return levels.fillna(0.0).sort_values("wrong", kind="stable")


def level_label(level: pd.Series) -> str:
    """How labels were made wrong, and how many are: `15 % redrawn, 10.1 % wrong`."""
    made = [f"{100 * level[way]:g} % {way}" for way in ("redrawn", "flipped") if level[way] > 0]
    return ", ".join([*made, f"{words.percent(level['wrong'])} wrong"])


def _gains(table: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """Differences to random of equal size in points; no pruning, which random is compared with, turned."""
    against_full = differences(table, RANDOM, FULL)
    turned = {"estimate": -against_full["estimate"], "low": -against_full["high"]}
    full = against_full.assign(**turned, high=-against_full["low"], arm=FULL)
    found = pd.concat([full, *(differences(table, arm, RANDOM) for arm in (EASY, HARD))])
    return found.join(levels, on="dataset").reset_index(drop=True)


def _placed(points: pd.DataFrame, series: list[tuple[str, str]], shares: list[float]) -> pd.DataFrame:
    """`x`: pruned shares stand equally far apart, their lines side by side."""
    steps = np.linspace(-_SPREAD / 2, _SPREAD / 2, len(series)) if len(series) > 1 else [0.0]
    keys = zip(points["ranking"], points["arm"], strict=True)
    shift = [steps[series.index(key)] for key in keys]
    return points.assign(x=points["fraction"].map(shares.index) + np.array(shift))


def _draw_gains(axes: Axes, rows: pd.DataFrame, series: list[tuple[str, str]], shares: list[float]) -> None:
    axes.axhline(0, color=GREY, linewidth=0.9, zorder=1)
    for ranking, arm in series:
        mine = rows[(rows["ranking"] == ranking) & (rows["arm"] == arm)].sort_values("x")
        for _, of_plan in mine.groupby("plan", sort=False):
            line(axes, of_plan, ARM_COLOURS[arm], *_look(ranking, arm, series))
    axes.set_xticks(range(len(shares)), [f"{100 * share:g}" for share in shares])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(-0.5, len(shares) - 0.5)


def _look(ranking: str, arm: str, series: list[tuple[str, str]]) -> tuple[str, object]:
    """Marker and line style of a ranking; the arm is known by its colour."""
    if arm == FULL:
        return "h", ":"
    place = [name for name in dict.fromkeys(name for name, _ in series) if name].index(ranking)
    return _MARKERS[place % len(_MARKERS)], _STYLES[place % len(_STYLES)]


def _handle(ranking: str, arm: str, series: list[tuple[str, str]]) -> Line2D:
    marker, style = _look(ranking, arm, series)
    label = f"{ranking_label(ranking)}: {ARM_NAMES[arm]}" if ranking else ARM_NAMES[arm]
    colour = INK if arm == FULL else ARM_COLOURS[arm]
    return Line2D([], [], color=colour, marker=marker, linestyle=style, label=label)


def _gains_caption(
    points: pd.DataFrame, levels: pd.DataFrame, datasets: Sequence[str], shown: Sequence[str]
) -> str:
    told, pruned = [], points[points["arm"] != FULL]
    for dataset, model in product(datasets, shown):
        rows = points[(points["dataset"] == dataset) & (points["model"] == model)]
        if rows.empty:
            continue
        least = rows[rows["fraction"] == rows["fraction"].min()]
        said = [
            f"{ARM_NAMES[arm]} {span_of(mine, lambda row: ranking_label(row['ranking']))}"
            for arm, mine in least.groupby("arm", sort=False)
        ]
        name = f"{dataset} ({level_label(levels.loc[dataset])}){f', {model}' if len(shown) > 1 else ''}"
        told.append(f"{name}, {100 * least['fraction'].iloc[0]:g} % pruned: {'; '.join(said)}.")
    verdicts = [verdict(rows, arm) for arm, rows in pruned.groupby("arm", sort=False)]
    sure = f" After Holm, {'; '.join(verdicts)}." if verdicts else ""
    return (
        f"Gain over random of equal size in points of accuracy, {words.span(points['n'], ' seeds')}, "
        f"where least is pruned. {' '.join(told)}{sure}{rankings_note(dict.fromkeys(pruned['ranking']))}"
    )


def _auroc_caption(
    points: pd.DataFrame, levels: pd.DataFrame, shown: Sequence[str], scores: Sequence[str]
) -> str:
    told = []
    sure = points[points["score"].isin(words.headline(scores))]
    for model, dataset in product(shown, levels.index):
        rows = sure[(sure["dataset"] == dataset) & (sure["model"] == model)]
        if len(rows):
            label = f"{words.percent(levels.loc[dataset, 'wrong'])} wrong ({dataset})"
            told.append(f"{model}, {label}: {span_of(rows, lambda row: words.score_label(row['score']))}")
    below = int((points["high"] < 0.5).sum())
    ends = f" From worst to best: {'; '.join(told)}." if told else ""
    return (
        f"AUROC of {words.count_of(points['score'].nunique(), 'score')}, means over runs, with a 95 % "
        f"interval over {words.span(points['n'], ' examples')}.{ends} {below} of {len(points)} intervals lie "
        "below 0.5, where wrong labels look easy."
    )
