"""Figure `el2n_timing`: EL2N at an early epoch and after the last, and how well runs resolve either."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.analysis.ranks import average_ranks
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.outlines import draw_outline
from study.plotting.layout import model_key, note, offsets, stripe_rows
from study.plotting.style import GREY, PAGE, Drawing, model_colours, model_markers, present, styled

EARLY, LAST = "el2n_early", "el2n_last"
COLUMNS = (EARLY, LAST)
_HIGHEST = np.sqrt(2)  # EL2N of a certain and wrong prediction
_BINS = 40
_POINTS = 1200  # examples drawn in a panel
_LOW = 0.1  # an example with less has little left to be told apart by
_STATISTICS = {"spearman": ("Spearman correlation", 1), "rank_error_median": ("median rank error, %", 100)}


@styled
def draw_el2n_timing(
    rankings: pd.DataFrame, consistency: pd.DataFrame, models: Sequence[str], dataset: str
) -> Drawing:
    """A row a model: both distributions, and one against the other; last column: agreement of runs.

    Args:
        rankings: `model, example_id, label, el2n_early, el2n_last`, means over runs.
        consistency: `model, score, statistic, estimate, low, high, n`; Spearman correlation of one run and
            another, and median rank error of one run against the mean of the others, as a share.
        models: all of the study's, in order.
        dataset: its name.
    """
    known = rankings.dropna(subset=list(COLUMNS))
    shown = present(known, models)
    if not shown:
        return nothing_to_draw(dataset, " Not shown: EL2N (not recorded).")
    figure = Figure(figsize=(PAGE, max(2.3, 1.55 * len(shown)) + 0.65), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[2.4, 1])
    grid = left.subplots(len(shown), 2, sharex="col", squeeze=False)
    points = [_shares(known, shown), _sample(known, shown), _resolution(consistency, shown)]
    for (first, second), model in zip(grid, shown, strict=True):
        colour = model_colours(models)[model]
        _draw_shares(first, points[0][points[0]["model"] == model], colour)
        _draw_scatter(second, points[1][points[1]["model"] == model], colour)
        first.set_title(model)
        first.set_ylabel("examples, %")
        second.set_ylabel("EL2N, last epoch")
    grid[-1, 0].set_xlabel("EL2N, mean over runs")
    grid[-1, 1].set_xlabel("EL2N, early epoch")
    for axes, (statistic, (label, times)) in zip(right.subplots(2, 1), _STATISTICS.items(), strict=True):
        rows = points[2][points[2]["statistic"] == statistic]
        _draw_resolution(axes, rows, times, models)
        axes.set_xlabel(label)
    model_key(figure, shown, models, "filled: early epoch; open: last epoch")
    table = pd.concat(
        [part.assign(panel=name) for part, name in zip(points, ("share", "example", "runs"), strict=True)],
        ignore_index=True,
    )
    return Drawing(figure, table, _caption(known, points[2], shown, dataset))


def _shares(known: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """Shares of the examples in bins of equal width: `model, score, low_edge, high_edge, share`."""
    edges, frames = np.linspace(0, _HIGHEST, _BINS + 1), []
    for model in shown:
        for column in COLUMNS:
            values = known.loc[known["model"] == model, column].clip(0, _HIGHEST)
            counts, _ = np.histogram(values, bins=edges)
            frames.append(
                pd.DataFrame(
                    {
                        "model": model,
                        "score": column,
                        "low_edge": edges[:-1],
                        "high_edge": edges[1:],
                        "share": counts / len(values),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _sample(known: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """Examples of each model, evenly spaced in rank by the early epoch."""
    frames = []
    for model in shown:
        rows = known[known["model"] == model].sort_values([EARLY, "example_id"])
        places = np.linspace(0, len(rows) - 1, min(len(rows), _POINTS)).round().astype(int)
        frames.append(rows.iloc[places][["model", "example_id", *COLUMNS]])
    return pd.concat(frames, ignore_index=True)


def _resolution(consistency: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    rows = consistency[
        consistency["statistic"].isin(list(_STATISTICS))
        & consistency["score"].isin(COLUMNS)
        & consistency["model"].isin(shown)
        & consistency["estimate"].notna()
    ]
    place = rows["score"].map(COLUMNS.index) + rows["model"].map(offsets(shown, 0.5))
    return rows.assign(y=place)[["model", "score", "statistic", "estimate", "low", "high", "n", "y"]]


def _draw_shares(axes: Axes, shares: pd.DataFrame, colour: str) -> None:
    for column, filled in ((EARLY, True), (LAST, False)):
        draw_outline(axes, shares[shares["score"] == column], colour, line=not filled, filled=filled)
    axes.set_xlim(0, _HIGHEST)
    axes.set_ylim(bottom=0)


def _draw_scatter(axes: Axes, sample: pd.DataFrame, colour: str) -> None:
    axes.plot(sample[EARLY], sample[LAST], "o", color=colour, markersize=1.5, alpha=0.35, markeredgewidth=0)
    axes.plot([0, _HIGHEST], [0, _HIGHEST], color=GREY, linewidth=0.6, linestyle=":")
    axes.set_xlim(-0.02, _HIGHEST + 0.02)
    axes.set_ylim(-0.02, _HIGHEST + 0.02)


def _draw_resolution(axes: Axes, rows: pd.DataFrame, times: int, models: Sequence[str]) -> None:
    colours, markers = model_colours(models), model_markers(models)
    stripe_rows(axes, len(COLUMNS))
    for row in rows.itertuples():
        colour = colours[row.model]
        face = colour if row.score == EARLY else "white"
        axes.hlines(row.y, times * row.low, times * row.high, color=colour, linewidth=0.9)
        axes.plot(times * row.estimate, row.y, markers[row.model], color=colour, markerfacecolor=face)
    if rows.empty:
        note(axes, 0.05, "no two runs rank the examples", 0.5)
    axes.set_yticks(range(len(COLUMNS)), ["early", "last"])
    ends = times * rows[["estimate", "low", "high"]].to_numpy(dtype=float)
    low, high = np.nanmin([0.0, *ends.ravel()]), np.nanmax([0.0, *ends.ravel()])
    if times == 1:
        axes.set_xlim(low - 0.05, 1.02)
    else:
        axes.set_xlim(0, min(100.0, 1.1 * high) or 1.0)


def _caption(known: pd.DataFrame, resolution: pd.DataFrame, shown: Sequence[str], dataset: str) -> str:
    n = known.groupby("model").size()
    parts = [f"{dataset}: {words.span(n, ' training examples')}, means over runs."]
    found = resolution.set_index(["model", "score", "statistic"])
    for model in shown:
        rows, told = known[known["model"] == model], []
        for column, name in ((EARLY, "early"), (LAST, "after the last epoch")):
            said = (
                f"{name} the median is {words.number(rows[column].median())} and "
                f"{words.percent((rows[column] < _LOW).mean())} of the examples have less than {_LOW:g}"
            )
            key = (model, column, "spearman")
            if key in found.index:
                said += f", two runs correlate {words.interval(found.loc[key])}{_of_means(found.loc[key])}"
            told.append(said)
        ranks = [average_ranks(rows[column].to_numpy(dtype=float)[None])[0] for column in COLUMNS]
        both = words.number(float(np.corrcoef(*ranks)[0, 1]))
        parts.append(f"With {model}, {'; '.join(told)}. The two rank alike to {both} (Spearman).")
    return " ".join(parts)


def _of_means(row: pd.Series) -> str:
    """What the means over n runs and over n others would correlate, by Spearman and Brown."""
    if row["estimate"] <= 0:
        return ""
    n = int(row["n"])
    reliable = n * row["estimate"] / (1 + (n - 1) * row["estimate"])
    return f", means over {n} and {n} others would {words.number(reliable)}"
