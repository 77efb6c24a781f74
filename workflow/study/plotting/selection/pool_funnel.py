"""Figure `pool_funnel`: what each step of making the pool leaves, and how right it is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.config.selection import PoolSettings
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.panels import legend
from study.plotting.layout import offsets, stripe_rows, text_width
from study.plotting.selection import parts
from study.plotting.style import GREY, INK, PAGE, SMALL, Drawing, styled
from study.selection.pool import DEFECT, STEPS, TWICE, UNSAID, UNSURE

_BAR = "#9FB8CC"  # light: the count beside it and its interval are dark
_PANEL = 1.25  # about how wide a panel is, in inches
_ROW = 0.26  # inches of a step, with four dots and their intervals one below the other
_NONE = "none in some repeat"
_SHARES = ["share", *parts.PARTS]
_KEYS = ["dataset", "step", "threshold"]


@styled
def draw_pool_funnel(pool: pd.DataFrame, datasets: Sequence[str], how: PoolSettings) -> Drawing:
    """A row of panels a language: each step's share and accuracies; the same of thresholds alone.

    Args:
        pool: `dataset, step, threshold, metric, estimate, low, high, n`, as pool.csv of the chapter.
        datasets: one a language, in order.
        how: the parameters of the steps.
    """
    points = _points(pool, datasets, how)
    if points.empty:
        return nothing_to_draw("making the pool", "")
    shown = [name for name in datasets if name in set(points["dataset"])]
    height = (len(STEPS) + 1) * _ROW + 0.25
    figure = Figure(figsize=(PAGE, height * len(shown) + 0.75), layout="constrained")
    grid = figure.subplots(len(shown), 4, squeeze=False, width_ratios=[1, 1.15, 0.9, 1.15])
    measured = [part for part in parts.PARTS if (points["metric"] == part).any()]
    end, limits = _end(points), parts.limits(points[points["metric"] != "share"])
    for row, dataset in zip(grid, shown, strict=True):
        own = points[points["dataset"] == dataset]
        by_step = own["threshold"].isna()
        for (bars, dots), rows in ((row[:2], own[by_step]), (row[2:], own[~by_step])):
            _draw_bars(bars, rows)
            _draw_dots(dots, rows, measured)
            bars.set_xlim(0, end)
            dots.set_xlim(*limits)
            dots.locator_params(axis="x", nbins=4)
        row[0].set_title(f"{dataset}: step by step")
        row[2].set_title("a threshold alone")
    for axes, label in zip(grid[-1], ["share of traffic, %", "right weak labels, %"] * 2, strict=True):
        axes.set_xlabel(label)
    remark = f"95 % intervals over {words.span(points['n'], ' repeats')}; beside bars: utterances"
    legend(figure, parts.handles({part: parts.COLOURS[part] for part in measured}), remark)
    return Drawing(figure, points, _caption(points, shown, how) + _unknown(pool, shown))


def _points(pool: pd.DataFrame, datasets: Sequence[str], how: PoolSettings) -> pd.DataFrame:
    """Shares and accuracies in percent, with the row that each is drawn in and the utterances behind it."""
    known = pool[pool["dataset"].isin(datasets)].assign(step=lambda table: table["step"].fillna(""))
    counts = known.loc[known["metric"] == "utterances", [*_KEYS, "estimate"]]
    counts = counts.rename(columns={"estimate": "utterances"})
    shares = known[known["metric"].isin(_SHARES) & np.isfinite(known["estimate"].astype(float))]
    points = parts.in_percent(shares).merge(counts, on=_KEYS, how="left")
    steps = {step: place for place, step in enumerate(["", *STEPS])}
    thresholds = sorted(points["threshold"].dropna().unique())
    named = _names(how)
    alone = points["threshold"].notna()
    place = points["step"].map(steps).where(~alone, points["threshold"].map(thresholds.index, "ignore"))
    within = offsets(list(parts.PARTS), 0.6)
    label = points["step"].map(named).where(~alone, points["threshold"].map(lambda own: _alone(own, how)))
    y = place.astype(float) + points["metric"].map(within).fillna(0.0)
    kept = [*_KEYS, "row", "metric", "estimate", "low", "high", "n", "utterances", "y"]
    return points.assign(row=label, y=y)[kept]


def _names(how: PoolSettings) -> dict[str, str]:
    """The steps, by what is left after each."""
    return {
        "": "traffic",
        UNSAID: "said",
        UNSURE: f"confident (≥ {how.threshold:g})",
        DEFECT: "no defect signalled",
        TWICE: "not said before",
    }


def _alone(threshold: float, how: PoolSettings) -> str:
    return f"≥ {threshold:g}{' (used)' if threshold == how.threshold else ''}"


def _end(points: pd.DataFrame) -> float:
    """Where axes of shares end, so that counts fit beside bars of 100 %."""
    widest = max(text_width(words.number(count)) for count in points["utterances"])
    return 100 * _PANEL / (_PANEL - widest - 0.12)


def _draw_bars(axes: Axes, points: pd.DataFrame) -> None:
    """Shares with their intervals and the number of utterances."""
    rows = points[points["metric"] == "share"]
    stripe_rows(axes, len(rows))
    axes.barh(rows["y"], rows["estimate"], height=0.62, color=_BAR, zorder=2)
    axes.hlines(rows["y"], rows["low"], rows["high"], color=INK, linewidth=0.8, zorder=3)
    for _, row in rows.iterrows():
        end = np.fmax(row["estimate"], row["high"]) + 3
        axes.text(end, row["y"], words.number(row["utterances"]), va="center", fontsize=SMALL)
    axes.set_yticks(rows["y"], rows["row"])
    axes.set_xticks([0, 50, 100])


def _draw_dots(axes: Axes, points: pd.DataFrame, measured: Sequence[str]) -> None:
    """Accuracies, one below the other within each row."""
    stripe_rows(axes, int((points["metric"] == "share").sum()))
    axes.set_yticks([])
    for part in measured:
        rows = points[points["metric"] == part]
        axes.hlines(rows["y"], rows["low"], rows["high"], color=parts.COLOURS[part], linewidth=0.9, zorder=2)
        axes.plot(
            rows["estimate"],
            rows["y"],
            parts.MARKERS[part],
            color=parts.COLOURS[part],
            markersize=3,
            zorder=3,
        )
    known = set(points.loc[points["metric"] != "share", "row"])
    for _, row in points[(points["metric"] == "share") & ~points["row"].isin(known)].iterrows():
        at = axes.get_yaxis_transform()
        axes.text(0.5, row["y"], _NONE, transform=at, ha="center", va="center", fontsize=SMALL, color=GREY)


def _caption(points: pd.DataFrame, shown: Sequence[str], how: PoolSettings) -> str:
    said = [_of_language(points[points["dataset"] == name], name) for name in shown]
    repeated = "kept once" if how.deduplicate else "kept as often as they are said"
    return (
        f"Means over {words.span(points['n'], ' repeats')}, with 95 % intervals. Hypotheses are kept from a "
        f"confidence of {how.threshold:g}. The detector of defects is simulated: it signals "
        f"{words.percent(how.recall, 0)} of the wrong hypotheses and {words.percent(how.false_alarms, 0)} of "
        f"the right ones. Equal texts are {repeated}. {' '.join(said)}"
    )


def _of_language(points: pd.DataFrame, name: str) -> str:
    """What is left after each step, how right the first and the last are, and what thresholds keep."""
    alone = points["threshold"].notna()
    steps, thresholds = points[~alone], points[alone]
    left = steps[steps["metric"] == "share"].set_index("step")["utterances"].map(words.number)
    rates = steps[steps["metric"] != "share"]
    first, last = (rates[rates["step"] == step].set_index("metric") for step in ("", STEPS[-1]))
    right = [
        f"{label} {parts.told(last.loc[part])} (traffic {first.loc[part, 'estimate']:.1f} %)"
        for part, label in parts.PARTS.items()
        if part in last.index
    ]
    kept = [_of_threshold(rows, own) for own, rows in thresholds.groupby("threshold")]
    accuracies = f" Right in the pool: {', '.join(right)}." if right else ""
    return (
        f"{name}: of {left['']} utterances of the traffic {left[UNSAID]} are said, {left[UNSURE]} are left "
        f"by the threshold, {left[DEFECT]} by the detector, {left[TWICE]} are in the pool.{accuracies} "
        f"Thresholds alone, with what is right in all parts: {'; '.join(kept)}."
    )


def _of_threshold(points: pd.DataFrame, threshold: float) -> str:
    rows = points.set_index("metric")
    right = f" ({parts.told(rows.loc['right_all'])} right)" if "right_all" in rows.index else ""
    return f"{threshold:g} keeps {parts.told(rows.loc['share'])}{right}"


def _unknown(pool: pd.DataFrame, shown: Sequence[str]) -> str:
    """A sentence on the accuracies that some repeat does not have, as nothing is left there."""
    lost = pool["dataset"].isin(shown) & pool["metric"].isin(parts.PARTS) & pool["estimate"].isna()
    rows = pool[lost].drop_duplicates(_KEYS)
    if rows.empty:
        return ""
    return f" Not shown: accuracies in {words.count_of(len(rows), 'row')} in which a repeat has no utterance."
