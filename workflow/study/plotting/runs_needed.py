"""Figure `runs_needed`: what averaging over runs buys, and how many runs each score needs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from study.analysis.pooling import mean_over_models
from study.analysis.runs_needed import TARGETS
from study.plotting import words
from study.plotting.defined import nothing_to_draw, split_defined
from study.plotting.layout import label_ends, model_key, note, offsets, stripe_rows
from study.plotting.runs_needed_caption import runs_needed_caption
from study.plotting.style import (
    GREY,
    PAGE,
    Drawing,
    model_colours,
    model_markers,
    series_colours,
    styled,
)

PROTOTYPE = 0.12  # arXiv 2401.01867: the authors' prototype compares its subsampling curve with 0.12 / √n
_PROTOTYPE_NAME = "0.12/√n, prototype"
_LEAST = 2.2  # height of the curves' axes in inches
_MOST_RUNS = 1000  # runs needed beyond this are drawn at the edge


@styled
def draw_runs_needed(
    averaging: pd.DataFrame,
    exponents: pd.DataFrame,
    needed: pd.DataFrame,
    models: Sequence[str],
    columns: Sequence[str],
    dataset: str,
) -> Drawing:
    """Above, error and correlation of disjoint n-run means against n; below, runs needed by score and model.

    Args:
        averaging: `model, score, form, statistic, runs, estimate, low, high, n, expected`.
        exponents: `model, score, form, estimate, low, high, n, coefficient, difference, …_low, …_high`.
        needed: `model, score, kind, target, reliability, estimate, low, high, n, extrapolated, agrees`.
        models, columns: in the study's order; curves are means over models.
        dataset: its name.
    """
    infinite, known, shown, missing = split_defined(needed[needed["kind"] == "infinite"], columns, models)
    if not known:
        return nothing_to_draw(dataset, missing)
    averaging, exponents = (table[table["score"].isin(known)] for table in (averaging, exponents))
    order = infinite.groupby("score")["reliability"].mean().sort_values(ascending=False).index.tolist()
    disjoint = averaging[averaging["form"] == "disjoint"]
    curves = mean_over_models(disjoint, ["score", "statistic", "runs"])
    fits = _fits(exponents[exponents["form"] == "disjoint"], curves, order)
    growth = _growth(infinite, curves, order)
    rows = len(order) * max(0.24, 0.055 * len(shown))
    height = max(_LEAST, 0.13 * (len(order) + 1) + 0.4)  # a label for every line
    figure = Figure(figsize=(PAGE, height + 0.55 + rows + 0.95), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[height + 0.55, rows + 0.95])
    error, correlation = top.subplots(1, 2)
    colours = dict(zip(order, series_colours(len(order)), strict=True))
    _draw_error(error, curves[curves["statistic"] == "rank_error"], fits, colours, height)
    _draw_correlation(correlation, curves[curves["statistic"] == "spearman"], growth, colours, height)
    below = _needed_points(infinite, order, models, shown)
    _draw_needed(bottom, below, order, models, shown)
    model_key(figure, shown, models, words.coarse_key(order))
    points = _points(curves, fits, growth, below)
    caption = runs_needed_caption(exponents, infinite, order, shown, dataset)
    return Drawing(figure, points, f"{caption}{missing}{words.coarse_note(order)}")


def _fits(exponents: pd.DataFrame, curves: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Fitted power laws, averaged over models as lines in the log-log plane, on and beyond the fitted n."""
    known = exponents[np.isfinite(exponents["estimate"]) & (exponents["coefficient"] > 0)]
    measured = curves["runs"].max()
    parts = []
    for score in order:
        of_score = known[known["score"] == score]
        if of_score.empty:
            continue
        slope, level = of_score["estimate"].mean(), np.exp(np.log(of_score["coefficient"]).mean())
        runs = np.array([1, measured, 4 * measured])
        values = {
            "score": score,
            "runs": runs,
            "estimate": level * runs**slope,
            "extrapolated": runs > measured,
        }
        parts.append(pd.DataFrame(values))
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["score", "runs", "estimate"])
    )


def _growth(infinite: pd.DataFrame, curves: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Correlation of two n-run means after Spearman and Brown, on and beyond the measured n."""
    measured = curves["runs"].max()
    runs = np.unique(np.geomspace(1, 4 * measured, 40).round(2))
    parts = []
    for score in order:
        by_model = infinite[infinite["score"] == score].groupby("model")["reliability"].first().to_numpy()
        of_means = runs[:, None] * by_model / (1 + (runs[:, None] - 1) * by_model)
        values = {"score": score, "runs": runs, "estimate": of_means.mean(1), "extrapolated": runs > measured}
        parts.append(pd.DataFrame(values))
    return pd.concat(parts, ignore_index=True)


def _draw_error(axes: Axes, curves: pd.DataFrame, fits: pd.DataFrame, colours: dict, height: float) -> None:
    _draw_curves(axes, curves, colours)
    for score, fit in fits.groupby("score"):
        axes.plot(fit["runs"], fit["estimate"], "--", color=colours[score], linewidth=0.8)
    measured = curves["runs"].max()
    runs = np.array([1, 4 * measured])
    axes.plot(runs, PROTOTYPE / np.sqrt(runs), color=GREY, linewidth=0.9, linestyle=":")
    axes.set_yscale("log")
    _plain_numbers(axes.yaxis)
    axes.set_ylabel("rank error of n-run mean\n(share of examples)")
    axes.set_title("rank error, with power-law fits")
    low = min(curves["estimate"].min(), fits["estimate"].min(), PROTOTYPE / np.sqrt(runs[-1]))
    axes.set_ylim(0.55 * low, 1.25 * max(curves["estimate"].max(), PROTOTYPE))
    _finish_runs_axis(axes, measured)
    prototype = {_PROTOTYPE_NAME: (runs[-1], PROTOTYPE / np.sqrt(runs[-1]))}
    _label(axes, fits if len(fits) else curves, curves, colours, prototype, height)


def _draw_correlation(
    axes: Axes, curves: pd.DataFrame, growth: pd.DataFrame, colours: dict, height: float
) -> None:
    _draw_curves(axes, curves, colours)
    for score, line in growth.groupby("score"):
        axes.plot(line["runs"], line["estimate"], "--", color=colours[score], linewidth=0.8)
    axes.set_ylabel("Spearman correlation\nof two n-run means")
    axes.set_title("correlation, with Spearman–Brown")
    low = min(curves["estimate"].min(), growth["estimate"].min(), TARGETS[0])
    axes.set_ylim(low - 0.2 * (1 - low), 1 + 0.02 * (1 - low))
    _finish_runs_axis(axes, curves["runs"].max())
    for target in TARGETS:
        axes.axhline(target, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    note(axes, 0.02, "dotted: " + " and ".join(map(str, TARGETS)))
    _label(axes, growth, curves, colours, {}, height)


def _draw_curves(axes: Axes, curves: pd.DataFrame, colours: dict) -> None:
    for score, curve in curves.groupby("score"):
        colour = colours[score]
        axes.vlines(curve["runs"], curve["low"], curve["high"], color=colour, linewidth=0.9)
        axes.plot(curve["runs"], curve["estimate"], "o", color=colour, markersize=3)


def _finish_runs_axis(axes: Axes, measured: int) -> None:
    """Runs on a logarithmic axis that says where measurements end."""
    axes.set_xscale("log")
    axes.set_xlim(0.9, 4 * measured)
    axes.axvspan(1.15 * measured, 4 * measured, color="#f3f3f3", linewidth=0, zorder=0)
    note(axes, 3.8 * measured, "extrapolated", 0.11, transform=axes.get_xaxis_transform(), ha="right")
    _plain_numbers(axes.xaxis)
    axes.set_xlabel("runs averaged, n")


def _plain_numbers(axis: Axis) -> None:
    """Ticks of a logarithmic axis as 0.1, 0.2, 0.5, 1, …"""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _label(
    axes: Axes, lines: pd.DataFrame, curves: pd.DataFrame, colours: dict, others: dict, height: float
) -> None:
    """Names each score, and each of `others`, where its line ends."""
    ends = dict(others)
    for score in colours:
        line = lines[lines["score"] == score]
        line = line if len(line) else curves[curves["score"] == score]
        if len(line):
            ends[score] = tuple(line[["runs", "estimate"]].iloc[-1])
    colours = colours | dict.fromkeys(others, GREY)
    label_ends(
        axes, ends, colours, height - 0.4, lambda name: name if name in others else words.marked_label(name)
    )


def _needed_points(
    infinite: pd.DataFrame, order: Sequence[str], models: Sequence[str], shown: Sequence[str]
) -> pd.DataFrame:
    points = infinite[infinite["score"].isin(order)].copy()
    points["y"] = points["score"].map(order.index) + points["model"].map(offsets(shown))
    return points


def _draw_needed(
    figure, points: pd.DataFrame, order: Sequence[str], models: Sequence[str], shown: Sequence[str]
) -> None:
    colours, markers = model_colours(models), model_markers(models)
    grid = figure.subplots(1, len(TARGETS), sharey=True, sharex=True)
    finite = points[["estimate", "high"]].to_numpy().ravel()
    edge = min(_MOST_RUNS, 1.5 * max(2, np.max(finite[np.isfinite(finite)], initial=1)))
    for axes, target in zip(grid, TARGETS, strict=True):
        stripe_rows(axes, len(order))
        axes.set_xscale("log")
        axes.set_xlim(min(0.5, 0.8 * points["estimate"].min()), edge)
        axes.axvline(1, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
        for row in points[points["target"] == target].itertuples():
            colour = colours[row.model]
            axes.hlines(row.y, row.low, min(row.high, edge), color=colour, linewidth=0.9)
            beyond = row.estimate >= edge
            axes.plot(
                min(row.estimate, edge),
                row.y,
                ">" if beyond else markers[row.model],
                color=colour,
                markerfacecolor="white" if row.extrapolated else colour,
                markersize=3.4,
                markeredgewidth=0.8,
                clip_on=not beyond,
            )
        axes.set_title(f"runs for {target} with the infinite mean")
        axes.set_xlabel("runs (open: extrapolated; below 1: one is enough)")
        _plain_numbers(axes.xaxis)
    grid[0].set_yticks(range(len(order)), [words.marked_label(score) for score in order])


def _points(
    curves: pd.DataFrame, fits: pd.DataFrame, growth: pd.DataFrame, needed: pd.DataFrame
) -> pd.DataFrame:
    below = needed.drop(columns="runs").rename(
        columns={"estimate": "runs", "low": "runs_low", "high": "runs_high"}
    )
    columns = ["score", "model", "target", "runs", "runs_low", "runs_high", "n", "extrapolated"]
    parts = [
        curves.rename(columns={"statistic": "panel"}).assign(kind="mean over models"),
        fits.assign(panel="rank_error", kind="power-law fit"),
        growth.assign(panel="spearman", kind="Spearman–Brown"),
        below[columns].assign(panel="runs_needed", kind="model"),
    ]
    points = pd.concat([part for part in parts if len(part)], ignore_index=True)
    first = [
        "panel",
        "kind",
        "score",
        "model",
        "target",
        "runs",
        "runs_low",
        "runs_high",
        "estimate",
        "low",
        "high",
    ]
    return points[[*first, "n", "models", "extrapolated"]]
