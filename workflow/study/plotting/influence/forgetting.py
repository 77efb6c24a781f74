"""Figure `forgetting_cadence`: forgetting counted at many evaluations of an epoch, and at a tenth of them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.layout import model_key, note, offsets, stripe_rows
from study.plotting.style import GREY, PAGE, SMALL, Drawing, model_colours, model_markers, present, styled

COLUMNS = ("forgetting_often", "forgetting_rarely")
_EDGES = (0, 1, 2, 3, 5, 10, 20, 50, 100)  # of events; each bin holds its upper edge
_NEVER, _SOME, _ALL = "0", "some\nruns", "all\nruns"
_WIDTH = 0.4  # of a bar
_ROUNDING = 1e-9  # of means


@styled
def draw_forgetting_cadence(
    rankings: pd.DataFrame,
    consistency: pd.DataFrame,
    cadence: Mapping[str, int],
    models: Sequence[str],
    dataset: str,
) -> Drawing:
    """Left, a panel a model: shares of the examples by events; right, how well two runs agree on them.

    Args:
        rankings: `model, example_id, label, forgetting_often, forgetting_rarely`, means over runs; an
            example that a run never has right counts one event more than the run has evaluations.
        consistency: `model, score, statistic, estimate, low, high, n`; `spearman` is shown.
        cadence: `seeds, epochs, evaluations` of an epoch, and `every`: which of them the slow cadence counts.
        models: all of the study's, in order.
        dataset: its name.
    """
    known = rankings.dropna(subset=list(COLUMNS))
    shown = present(known, models)
    if not shown:
        return nothing_to_draw(dataset, " Not shown: forgetting (not recorded).")
    times = _times(cadence)
    counts = _counts(known, shown, times, cadence["seeds"])
    agreement = _agreement(consistency, shown)
    figure = Figure(figsize=(PAGE, 1.45 * len(shown) + 0.95), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[2.3, 1])
    panels = left.subplots(len(shown), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, model in zip(panels, shown, strict=True):
        _draw_counts(axes, counts[counts["model"] == model], model_colours(models)[model])
        axes.set_title(model)
        axes.set_ylabel("examples, %")
    panels[-1].set_xlabel("forgetting events, mean over runs | last two: never right, in some or all runs")
    _draw_agreement(right.subplots(), agreement, times, models)
    named = " and ".join(f"{times[column]:,}" for column in COLUMNS)
    model_key(figure, shown, models, f"filled and open: counted over {named} evaluations of all examples")
    points = pd.concat([counts.assign(panel="counts"), agreement.assign(panel="spearman")], ignore_index=True)
    return Drawing(figure, points, _caption(known, agreement, times, cadence, shown, dataset))


def _times(cadence: Mapping[str, int]) -> dict[str, int]:
    """How many evaluations each score counts over."""
    often = cadence["epochs"] * cadence["evaluations"]
    return {COLUMNS[0]: often, COLUMNS[1]: often // cadence["every"]}


def _counts(known: pd.DataFrame, shown: Sequence[str], times: Mapping[str, int], seeds: int) -> pd.DataFrame:
    """Examples by number of events: `model, score, events` (a bin) `, place, examples, share`.

    What one run never has right adds T + 1 events to the sum over runs: means below (T + 1) / seeds are of
    examples that all runs had right at some time. From there on they count as never right in some run, which
    with three runs also holds what is forgotten at two of three chances.
    """
    first = {column: (times[column] + 1) / seeds for column in COLUMNS}
    highest = max(known[column].where(known[column] < first[column], 0).max() for column in COLUMNS)
    edges = [edge for edge, before in zip(_EDGES[1:], _EDGES, strict=False) if before < highest]
    names = [_NEVER, *(_bin_name(low, high) for low, high in zip([0, *edges], edges, strict=False))]
    rows = []
    for model in shown:
        for column in COLUMNS:
            values = known.loc[known["model"] == model, column].to_numpy(dtype=float)
            bins = np.searchsorted([0, *edges], values)
            bins = np.where(values >= first[column] - _ROUNDING, len(names), bins)
            bins = np.where(values > times[column] + 1 - _ROUNDING, len(names) + 1, bins)
            found = np.bincount(bins, minlength=len(names) + 2)
            for place, (name, count) in enumerate(zip([*names, _SOME, _ALL], found, strict=True)):
                rows.append((model, column, name, place, int(count), count / len(values)))
    return pd.DataFrame(rows, columns=["model", "score", "events", "place", "examples", "share"])


def _bin_name(low: int, high: int) -> str:
    return f"≤ {high}" if low == 0 else f"{low}–{high}"


def _draw_counts(axes: Axes, counts: pd.DataFrame, colour: str) -> None:
    for column, shift, face in zip(COLUMNS, (-_WIDTH / 2, _WIDTH / 2), (colour, "white"), strict=True):
        rows = counts[counts["score"] == column]
        x, heights = rows["place"] + shift, 100 * rows["share"]
        axes.bar(x, heights, _WIDTH, facecolor=face, edgecolor=colour, linewidth=0.7)
        for place, height in zip(x, heights, strict=True):
            if height > 0:
                text = f"{height:.0f}" if height >= 9.95 else f"{height:.1f}"
                axes.annotate(
                    text if height >= 0.05 else "<.1",
                    (place, height),
                    (0, 1),
                    textcoords="offset points",
                    ha="center",
                    va="bottom",
                    fontsize=SMALL,
                    color=GREY,
                )
    places = counts.drop_duplicates("place")
    axes.set_xticks(places["place"], places["events"])
    axes.axvline(places["place"].max() - 1.5, color=GREY, linewidth=0.6, linestyle=":")
    axes.tick_params(axis="x", length=0)
    axes.margins(y=0.14)


def _agreement(consistency: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    rows = consistency[
        (consistency["statistic"] == "spearman")
        & consistency["score"].isin(COLUMNS)
        & consistency["model"].isin(shown)
        & consistency["estimate"].notna()
    ]
    place = rows["score"].map(COLUMNS.index) + rows["model"].map(offsets(shown, 0.5))
    return rows.assign(y=place)[["model", "score", "estimate", "low", "high", "n", "y"]]


def _draw_agreement(
    axes: Axes, agreement: pd.DataFrame, times: Mapping[str, int], models: Sequence[str]
) -> None:
    colours, markers = model_colours(models), model_markers(models)
    stripe_rows(axes, len(COLUMNS))
    for row in agreement.itertuples():
        colour = colours[row.model]
        face = colour if row.score == COLUMNS[0] else "white"
        axes.hlines(row.y, row.low, row.high, color=colour, linewidth=0.9)
        axes.plot(row.estimate, row.y, markers[row.model], color=colour, markerfacecolor=face)
    if agreement.empty:
        note(axes, 0.05, "no two runs rank the examples", 0.5)
    axes.set_yticks(range(len(COLUMNS)), [f"{times[column]:,}" for column in COLUMNS])
    axes.set_ylabel("evaluations")
    axes.axvline(0, color=GREY, linewidth=0.6, linestyle=":")
    axes.set_xlim(min(0.0, agreement[["estimate", "low"]].min().min()) - 0.05 if len(agreement) else 0, 1.02)
    axes.set_title("one run and another")
    axes.set_xlabel("Spearman correlation")


def _caption(
    known: pd.DataFrame,
    agreement: pd.DataFrame,
    times: Mapping[str, int],
    cadence: Mapping[str, int],
    shown: Sequence[str],
    dataset: str,
) -> str:
    n = known.groupby("model").size()
    parts = [
        f"{dataset}: {words.span(n, ' training examples')}, {words.count_of(cadence['seeds'], 'run')} of "
        f"{words.count_of(cadence['epochs'], 'epoch')}, {cadence['evaluations']} evaluations an epoch and "
        f"one in {cadence['every']} of them."
    ]
    repeats = agreement.set_index(["model", "score"])
    for model in shown:
        rows, told = known[known["model"] == model], []
        for column in COLUMNS:
            values = rows[column]
            no_event, never = values == 0, values > times[column] + 1 - _ROUNDING
            said = (
                f"over {times[column]:,} evaluations {words.percent(no_event.mean())} are never forgotten "
                f"in any run and {words.percent(never.mean())} never right in any, "
                f"{words.percent(_tied(values), 0)} of the pairs of examples are left in no order"
            )
            if (model, column) in repeats.index:
                said += f", and two runs correlate {words.interval(repeats.loc[(model, column)])}"
            told.append(said)
        parts.append(f"With {model}, {'; '.join(told)}.")
    return " ".join(parts)


def _tied(values: pd.Series) -> float:
    """Share of the pairs of examples with the same mean count."""
    counts, n = values.value_counts().to_numpy(dtype=float), len(values)
    return float((counts * (counts - 1)).sum() / (n * (n - 1)))
