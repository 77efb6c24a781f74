"""Figure `encoder_size`: whether encoders are pruned alike, and find the same examples hard."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from scipy.special import ndtri

from study.analysis.pruned import EASY, HARD, RANDOM
from study.analysis.ranks import spearman_rows
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.arms import (
    ARM_NAMES,
    FILLED,
    accuracies,
    in_order,
    ranking_label,
    rankings_note,
    with_texts,
)
from study.plotting.influence.panels import (
    columns_for,
    limits,
    line,
    lowest_of_columns,
    panel_width,
    span_of,
    wrapped,
)
from study.plotting.layout import model_key, offsets, stripe_rows
from study.plotting.style import GREY, PAGE, Drawing, model_colours, model_markers, present, styled

_MOST = 8  # panels of curves
_HEIGHT = 1.65  # of one, with its title, in inches
_KEYS = ["ranking", "arm"]
_TOLD = 0.5  # the pruned share nearest to which the caption tells


@styled
def draw_encoder_size(
    pruning: pd.DataFrame,
    rankings: pd.DataFrame,
    encoders: pd.DataFrame,
    models: Sequence[str],
    columns: Sequence[str],
    dataset: str,
) -> Drawing:
    """Above, accuracy against the pruned share, a line an encoder; below, correlations of their scores.

    Args:
        pruning: as pruning.csv of a data set.
        rankings: `model, example_id` and the score columns, as `read_rankings` gives them.
        encoders: `model, parameters, scratch, gain, gain_low, gain_high`, as encoders.csv.
        models, columns: in the study's order; the first model there is is what others are correlated with.
        dataset: its name.
    """
    points = accuracies(with_texts(pruning))
    agreement = score_agreement(rankings, present(rankings, models), columns)
    panels, left_out = _panels(points, columns)
    if not panels or agreement.empty:
        return nothing_to_draw(dataset, "")
    across = columns_for(len(panels))
    upper = _HEIGHT * -(-len(panels) // across)
    order = agreement.groupby("score")["estimate"].mean().sort_values(ascending=False).index.tolist()
    others = present(agreement, models)
    agreement = agreement.assign(
        y=agreement["score"].map(order.index) + agreement["model"].map(offsets(others, 0.5))
    )
    lower = max(0.19, 0.08 * len(others) + 0.06) * len(order) + 0.75
    figure = Figure(figsize=(PAGE, upper + lower + 0.45), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[upper, lower])
    curves = _draw_curves(top, points, panels, models, across)
    reference = present(rankings, models)[0]
    _draw_agreement(bottom, agreement, order, models, reference)
    shown = [model for model in models if model in {*curves["model"], *others}]
    model_key(figure, shown, models, f"dotted: random of equal size; {FILLED}")
    drawn = pd.concat([curves, agreement.assign(panel="Spearman")], ignore_index=True)
    kept = ["panel", "model", "plan", *_KEYS, "score", "x", "y", "estimate", "low", "high", "n", "differs"]
    caption = _caption(curves, agreement, encoders, shown, dataset, reference)
    caption += f" Not shown: {', '.join(left_out)}, whose numbers are in pruning.csv." if left_out else ""
    notes = rankings_note(dict.fromkeys(ranking for ranking, _ in panels)) + words.coarse_note(order)
    return Drawing(figure, drawn[kept], f"{caption}{notes}")


def score_agreement(rankings: pd.DataFrame, models: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Spearman correlation of each score of each further model with the first one's, over examples.

    Intervals are 95 % over examples, on Fisher's z scale with variance (1 + ρ²/2) / (n − 3). Source: Bonett
    and Wright 2000, *Sample size requirements for estimating Pearson, Kendall and Spearman correlations*
    (Psychometrika 65).

    Args:
        rankings: `model, example_id` and the columns; examples with a value of both models count.
        models: which; the first is what others are compared with.
        columns: scores.

    Returns:
        `model, score, estimate, low, high, n` (examples); without pairs of which one orders nothing.
    """
    by_model = {model: rankings[rankings["model"] == model].set_index("example_id") for model in models}
    rows = []
    for model in models[1:]:
        for score in columns:
            both = pd.concat([by_model[models[0]][score], by_model[model][score]], axis=1, join="inner")
            values = both.dropna().to_numpy(dtype=float).T
            if values.shape[1] < 4 or (values == values[:, :1]).all(axis=1).any():
                continue
            found, n = spearman_rows(*values)[0], values.shape[1]
            z = np.arctanh(np.clip(found, -1 + 1e-12, 1 - 1e-12))
            half = ndtri(0.975) * np.sqrt((1 + found**2 / 2) / (n - 3))
            rows.append((model, score, found, np.tanh(z - half), np.tanh(z + half), n))
    return pd.DataFrame(rows, columns=["model", "score", "estimate", "low", "high", "n"])


def _panels(points: pd.DataFrame, columns: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Rankings and arms, as many as are drawn, those of most encoders first; and names of the others."""
    counts = points[points["ranking"] != ""].groupby(_KEYS)["model"].nunique()
    order = [
        key for key in product(in_order(points["ranking"], columns), (EASY, HARD)) if key in counts.index
    ]
    most = sorted(order, key=lambda key: -counts[key])[:_MOST]
    return [key for key in order if key in most], [_title(*key) for key in order if key not in most]


def _title(ranking: str, arm: str) -> str:
    return f"{ranking_label(ranking)}: {ARM_NAMES[arm]}"


def _draw_curves(
    figure: SubFigure,
    points: pd.DataFrame,
    panels: list[tuple[str, str]],
    models: Sequence[str],
    across: int,
) -> pd.DataFrame:
    """Draws the curves and gives what stands in each panel."""
    grid = figure.subplots(-(-len(panels) // across), across, squeeze=False).ravel()
    drawn = []
    for key in panels:
        own = points[(points["ranking"] == key[0]) & (points["arm"] == key[1])]
        plans = own[["model", "plan"]].drop_duplicates()
        random = points[points["arm"] == RANDOM].merge(plans, on=["model", "plan"])
        drawn.append(pd.concat([own, random]).assign(panel=_title(*key)))
    ends = limits(pd.concat(drawn))
    right = max(rows["x"].max() for rows in drawn)
    lowest = lowest_of_columns(len(panels), across)
    for place, axes in enumerate(grid):
        if place >= len(panels):
            axes.remove()
            continue
        _draw_panel(axes, drawn[place], models)
        ranking, arm = panels[place]
        title = wrapped(ranking_label(ranking), panel_width(across))
        axes.set_title(f"{title}\n{ARM_NAMES[arm]}")
        axes.set_xlim(0, right + 6)
        axes.set_ylim(*ends)
        if place % across:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("test accuracy, %")
        if place in lowest:
            axes.set_xlabel("pruned share, %")
    return pd.concat(drawn, ignore_index=True)


def _draw_panel(axes: Axes, rows: pd.DataFrame, models: Sequence[str]) -> None:
    colours, markers = model_colours(models), model_markers(models)
    for (model, _), own in rows.groupby(["model", "plan"], sort=False):
        random = own[own["arm"] == RANDOM].sort_values("x")
        axes.plot(random["x"], random["estimate"], ":_", color=colours[model], linewidth=1, markersize=6)
        pruned = own[own["arm"] != RANDOM].sort_values("x")
        line(axes, pruned, colours[model], markers[model], band=True)


def _draw_agreement(
    figure: SubFigure, agreement: pd.DataFrame, order: Sequence[str], models: Sequence[str], reference: str
) -> None:
    colours, markers = model_colours(models), model_markers(models)
    axes = figure.subplots()
    stripe_rows(axes, len(order))
    axes.axvline(0, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    for model, rows in agreement.groupby("model", sort=False):
        axes.hlines(rows["y"], rows["low"], rows["high"], color=colours[model], linewidth=0.9)
        axes.plot(rows["estimate"], rows["y"], markers[model], color=colours[model])
    axes.set_yticks(range(len(order)), [words.marked_label(score) for score in order])
    axes.set_xlim(min(0.0, agreement["low"].min()) - 0.03, 1.02)
    measure = "Spearman correlation over examples"
    axes.set_xlabel("; ".join(filter(None, [measure, words.coarse_key(order)])))
    axes.set_title(f"agreement with {reference}, score by score")


def _caption(
    curves: pd.DataFrame,
    agreement: pd.DataFrame,
    encoders: pd.DataFrame,
    shown: Sequence[str],
    dataset: str,
    reference: str,
) -> str:
    sizes = encoders.set_index("model")["parameters"]
    named = [f"{model} ({sizes[model]:,.0f} parameters)" if model in sizes else model for model in shown]
    pruned = curves[curves["arm"] != RANDOM]
    share = pruned["x"].loc[(pruned["fraction"] - _TOLD).abs().idxmin()]
    told = [
        f"{model} {span_of(rows, lambda row: row['panel'])}"
        for model, rows in pruned[pruned["x"] == share].groupby("model", sort=False)
    ]
    sure = agreement[agreement["score"].isin(words.headline(agreement["score"]))]
    examples = words.span(agreement["n"], " examples")
    correlated = [
        f"{model} {span_of(rows, lambda row: words.score_label(row['score']))}"
        for model, rows in sure.groupby("model", sort=False)
    ]
    end = f" Spearman correlation with scores of {reference}, over {examples}: {'; '.join(correlated)}."
    return (
        f"{dataset}: {', '.join(named)}; {words.span(curves['n'], ' seeds')}. Accuracy in percent where "
        f"{share:g} % are pruned: {'; '.join(told)}.{end if correlated else ''}{_gains(encoders)}"
    )


def _gains(encoders: pd.DataFrame) -> str:
    """What pretraining is worth."""
    told = []
    for row in encoders[encoders["gain"].notna()].itertuples():
        ends = pd.Series({"estimate": row.gain, "low": row.gain_low, "high": row.gain_high})
        told.append(f"{row.model} over {row.scratch} {words.percent_interval(ends)}")
    return f" Points of accuracy that pretraining gains, paired by seed: {'; '.join(told)}." if told else ""
