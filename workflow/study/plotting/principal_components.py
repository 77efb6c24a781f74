"""Figure `principal_components`: whether scores share one notion of difficulty."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.defined import nothing_to_draw, split_defined
from study.plotting.layout import model_key, offsets, stripe_rows
from study.plotting.style import (
    GREY,
    PAGE,
    SMALL,
    Drawing,
    model_colours,
    model_markers,
    present,
    styled,
)

COMPONENTS = 8  # of each list, in the panels of variance
PHRASES = {"all": "With all scores", "distinct": "Without near-duplicate formulas"}
LISTS = {"all": "all scores", "distinct": "without near-duplicates"}


@styled
def draw_principal_components(
    components: pd.DataFrame,
    loadings: pd.DataFrame,
    models: Sequence[str],
    columns: Sequence[str],
    dataset: str,
) -> Drawing:
    """Above, components' shares of variance beside those of unrelated scores; below, loadings.

    Args:
        components: `model, list, component, estimate, low, high, n, scores, null, real`.
        loadings: `model, list, component, score, estimate, low, high, reason`; those of the list `all` are
        shown for `columns`.
        models, columns: in the study's order.
        dataset: its name.
    """
    components = components[components["estimate"].notna()]
    shown = present(components, models)
    first = loadings[(loadings["list"] == "all") & (loadings["component"] == 1)]
    known, missing = split_defined(first, columns, models)[1::2]
    if not known:
        return nothing_to_draw(dataset, missing)
    lists = [name for name in LISTS if name in set(components["list"])]
    variance = components[components["list"].isin(lists) & (components["component"] <= COMPONENTS)]
    loads = loadings[
        (loadings["list"] == "all") & loadings["score"].isin(known) & (loadings["component"] <= 2)
    ].dropna(subset="estimate")
    first = loads[loads["component"] == 1].groupby("score")["estimate"].mean()
    order = first.sort_values(ascending=False, kind="stable").index.tolist()
    rows = len(order) * max(0.24, 0.045 * len(shown))
    figure = Figure(figsize=(PAGE, 2.3 + rows + 0.75), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[2.3, rows + 0.75])
    panels = top.subplots(1, len(lists), squeeze=False, sharey=True)[0]
    points = [_draw_variance(axes, variance[variance["list"] == name], models, shown, LISTS[name])
              for axes, name in zip(panels, lists, strict=True)]  # fmt: skip
    panels[0].set_ylabel("share of variance")
    panels[0].set_ylim(-0.04, 1.05)
    panels[0].set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    numbers = sorted(loads["component"].unique())
    for axes, number in zip(
        bottom.subplots(1, len(numbers), squeeze=False, sharey=True)[0], numbers, strict=True
    ):
        points.append(_draw_loadings(axes, loads[loads["component"] == number], order, models, shown))
        axes.set_title(f"loadings on component {number} (all scores)")
        if number == 1:
            axes.set_yticks(range(len(order)), [words.marked_label(score) for score in order])
    model_key(figure, shown, models, words.coarse_key(order))
    caption = _caption(components, loads, lists, shown, dataset) + _absent(components) + missing
    caption += words.coarse_note(order)
    return Drawing(figure, pd.concat(points, ignore_index=True), caption)


def _draw_variance(
    axes: Axes, variance: pd.DataFrame, models: Sequence[str], shown: Sequence[str], title: str
) -> pd.DataFrame:
    colours, markers, places = model_colours(models), model_markers(models), offsets(shown, 0.5)
    null = variance.groupby("component")["null"].agg(["min", "max"])
    for component, edges in null.iterrows():
        axes.fill_between(
            component + np.array([-0.38, 0.38]),
            edges["min"] - 0.003,
            edges["max"] + 0.003,
            color="#bdbdbd",
            lw=0,
        )
    for model in shown:
        rows = variance[variance["model"] == model]
        x = rows["component"] + places[model]
        axes.vlines(x, rows["low"], rows["high"], color=colours[model], linewidth=0.9)
        axes.plot(x, rows["estimate"], markers[model], color=colours[model], markersize=3)
    scores = words.span(variance["scores"])
    axes.set_title(f"{title} ({scores})")
    axes.set_xlabel("principal component")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    last = null.index.max()
    axes.annotate(
        "grey: 95th percentile for unrelated scores",
        (last + 0.4, null.loc[last, "max"]),
        xytext=(0, 26),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL,
        color=GREY,
    )
    kept = ["model", "list", "component", "estimate", "low", "high", "n", "null", "real"]
    return variance[kept].assign(panel="variance", x=variance["component"] + variance["model"].map(places))


def _draw_loadings(
    axes: Axes, loads: pd.DataFrame, order: Sequence[str], models: Sequence[str], shown: Sequence[str]
) -> pd.DataFrame:
    colours, markers = model_colours(models), model_markers(models)
    stripe_rows(axes, len(order))
    y = loads["score"].map(order.index) + loads["model"].map(offsets(shown))
    for model in shown:
        mine = loads["model"] == model
        axes.hlines(y[mine], loads["low"][mine], loads["high"][mine], color=colours[model], linewidth=0.7)
        axes.plot(loads["estimate"][mine], y[mine], markers[model], color=colours[model], markersize=3)
    axes.axvline(0, color=GREY, linewidth=0.6, zorder=1)
    axes.set_xlim(-1.05, 1.05)
    axes.set_xlabel("correlation with the component")
    return loads.drop(columns=["detectable", "reason"]).assign(panel="loading", y=y)


def _caption(
    components: pd.DataFrame, loads: pd.DataFrame, lists: Sequence[str], shown: Sequence[str], dataset: str
) -> str:
    parts = [
        f"{dataset}: {words.count_of(len(shown), 'model')}, {words.span(components['n'], ' runs')} each."
    ]
    for name in lists:
        of_list = components[components["list"] == name]
        first = mean_over_models(of_list[of_list["component"] == 1], ["list"]).iloc[0]
        real = (
            of_list[of_list["real"].astype(bool)]
            .groupby("model")["component"]
            .max()
            .reindex(shown, fill_value=0)
        )
        parts.append(
            f"{PHRASES[name]} ({words.span(of_list['scores'])}), the first component holds "
            f"{words.interval(first)} of the variance (mean over models, 95 %), and {words.span(real)} "
            f"{'component is' if real.max() == real.min() == 1 else 'components are'} more than chance."
        )
    parts.append(
        _direction(loads[(loads["component"] == 1) & loads["score"].isin(words.headline(loads["score"]))])
    )
    return " ".join(part for part in parts if part)


def _direction(first: pd.DataFrame) -> str:
    """Which scores load on the first component against the others, by their intervals."""
    if first.empty:
        return ""
    opposed = first[first["high"] < 0]["score"].unique()
    if len(opposed):
        names = ", ".join(map(words.score_label, opposed))
        return f"Against the first component runs, with some model: {names}."
    open_ = first[~(first["low"] > 0)]["score"].unique()
    if len(open_):
        names = ", ".join(map(words.score_label, open_))
        return f"Which way these load on the first component is not known with every model: {names}."
    return "Every score that is counted loads on the first component in the direction of hard."


def _absent(components: pd.DataFrame) -> str:
    """Members of the list without near-duplicates that this study does not have."""
    rows = components[components["list"] == "distinct"]
    names = sorted({name for text in rows["absent"].dropna() for name in str(text).split(",") if name})
    if not names:
        return ""
    return (
        f" Of the list without near-duplicates these are missing: {', '.join(map(words.score_label, names))}."
    )
