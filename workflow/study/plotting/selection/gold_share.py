"""Figure `gold_share`: errors by how many labels are known, in one language."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.panels import legend, limits, line
from study.plotting.layout import text_width
from study.plotting.selection.arms import REFERENCES, colours, in_order, label, markers
from study.plotting.selection.changes import HOLM, LEVEL
from study.plotting.selection.told import metric_label, repeats
from study.plotting.style import GREY, PAGE, SMALL, Drawing, styled
from study.selection.strategies import RANDOM

SHOWN = ("dcer", "semer")
_BARS, _LEAST = 0.07, 0.03  # inches between lines' places at one share, where there is room, and at least
_BESIDE = 0.7  # inches beside a panel's axes
_KEYS = ["gold", "strategy", "metric"]
_ENDS = ["estimate", "low", "high"]


@styled
def draw_gold_share(
    grid: pd.DataFrame, strategies: Sequence[str], own: Sequence[float], size: float, dataset: str
) -> Drawing:
    """A panel for each error rate, a line for each arm: in percent, against the share of gold.

    Args:
        grid: as grid.csv of the chapter.
        strategies: of the chapter, which settle colours and markers.
        own: the study's own share of gold, threshold and recall; points are of that threshold and recall.
        size: utterances that are added for each gold one.
        dataset: its name.
    """
    here = grid[np.isclose(grid[["threshold", "recall"]], own[1:]).all(axis=1) & (grid["view"] == "overall")]
    here = here[here["metric"].isin(SHOWN)]
    points = _rates(here)
    if points.empty:
        return nothing_to_draw(dataset, "")
    metrics = [metric for metric in SHOWN if (points["metric"] == metric).any()]
    held = [arm for arm in dict.fromkeys(points["strategy"]) if arm not in (RANDOM, *REFERENCES)]
    strategies = [*strategies, *(arm for arm in held if arm not in strategies)]
    arms = [arm for arm in in_order(strategies) if (points["strategy"] == arm).any()]
    width = PAGE / len(metrics) - _BESIDE
    points = _placed(points, arms, width)
    figure = Figure(figsize=(PAGE, 3.6), layout="constrained")
    for axes, metric in zip(figure.subplots(1, len(metrics), squeeze=False)[0], metrics, strict=True):
        _draw(axes, points[points["metric"] == metric], {arm: _look(arm, strategies) for arm in arms})
        _name_axes(axes, points, metric, width)
        axes.axvline(100 * own[0], color=GREY, linestyle=":", linewidth=0.7, zorder=0)
    handles = [_handle(arm, *_look(arm, strategies)) for arm in arms]
    remark = f"bars: 95 % intervals over {repeats(points)}; open: does not differ from random ({HOLM}); "
    legend(figure, handles, f"{remark}dotted: the study's own share")
    kept = [*_KEYS, "threshold", "recall", "added", "x", *_ENDS, "n", "p_holm", "open"]
    return Drawing(figure, points[kept], _caption(points, here, size, dataset))


def _rates(here: pd.DataFrame) -> pd.DataFrame:
    """Error rates in percent, with `p_holm` of the change against random.

    Strategies are `open` where that test does not tell them from random; references are not tested.
    """
    rates, changes = (here[here["statistic"] == which] for which in ("rate", "change"))
    found = rates.drop(columns="p_holm").merge(changes[[*_KEYS, "p_holm"]], how="left", on=_KEYS)
    is_open = ~found["strategy"].isin([RANDOM, *REFERENCES]) & ~(found["p_holm"] <= LEVEL)
    found = found.assign(**100 * found[_ENDS], open=is_open)
    return found[found["estimate"].notna()].reset_index(drop=True)


def _placed(points: pd.DataFrame, arms: Sequence[str], width: float) -> pd.DataFrame:
    """`x` in percent: lines stand side by side, on a logarithmic axis `width` inches wide."""
    low, high = np.log(_ends_of(points["gold"]))
    inch = (high - low) / width
    gaps = np.diff(np.log(np.sort(points["gold"].unique())))
    step = max(_LEAST * inch, min([_BARS * inch, *(gaps / (len(arms) + 1))]))
    shift = step * (points["strategy"].map(arms.index) - (len(arms) - 1) / 2)
    ordered = points.assign(x=100 * points["gold"] * np.exp(shift))
    return ordered.sort_values(["metric", "strategy", "gold"], kind="stable", ignore_index=True)


def _ends_of(golds: pd.Series) -> tuple[float, float]:
    """Ends of the axis, in percent: with room beside the least and the greatest share."""
    room = max(1.2, (golds.max() / golds.min()) ** 0.15)
    return 100 * golds.min() / room, 100 * golds.max() * room


def _look(arm: str, strategies: Sequence[str]) -> tuple[str, str, str]:
    """Colour, marker and line style; lines of references are broken."""
    style = "--" if arm in REFERENCES else "-"
    return colours(strategies)[arm], markers(strategies)[arm], style


def _draw(axes: Axes, points: pd.DataFrame, looks: dict[str, tuple[str, str, str]]) -> None:
    axes.set_xscale("log")
    for arm, look in looks.items():
        mine = points[points["strategy"] == arm]
        if len(mine):
            line(axes, mine.assign(differs=~mine["open"]), *look)


def _name_axes(axes: Axes, points: pd.DataFrame, metric: str, width: float) -> None:
    axes.set_xlim(*_ends_of(points["gold"]))
    low, high = limits(points[points["metric"] == metric])
    axes.set_ylim(max(0, low), high)
    ticks = _apart(axes, sorted(100 * points["gold"].unique()), width)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("gold, % of the training utterances")
    axes.set_ylabel(f"{metric_label(metric)}, %")


def _apart(axes: Axes, shares: Sequence[float], width: float) -> list[float]:
    """The shares whose labels do not touch on a logarithmic axis `width` inches wide; the least always."""
    inch = np.log(np.divide(*axes.get_xlim()[::-1])) / width
    kept: list[float] = []
    for share in shares:
        if not kept or np.log(share / kept[-1]) / inch > text_width(f"{share:g}", SMALL) + 0.15:
            kept.append(share)
    return kept


def _handle(arm: str, colour: str, marker: str, style: str) -> Line2D:
    return Line2D([], [], color=colour, marker=marker, linestyle=style, label=label(arm))


def _caption(points: pd.DataFrame, here: pd.DataFrame, size: float, dataset: str) -> str:
    threshold, recall = points[["threshold", "recall"]].iloc[0]
    added = here.loc[here["size"].notna() & (here["statistic"] == "rate"), "added"]
    counted = f" ({words.span(added, ' utterances')})" if len(added) else ""
    parts = [
        f"{dataset}, threshold {threshold:g}, recall {recall:g}: {size:g} weakly labelled utterances are "
        f"added for each gold one{counted}; error rates in %, {repeats(points)}."
    ]
    parts += [_of_metric(rows, metric) for metric, rows in points.groupby("metric", sort=False)]
    parts += [_changes(here), _too_small(points), _not_shown(points, here)]
    return " ".join(part for part in parts if part)


def _of_metric(rows: pd.DataFrame, metric: str) -> str:
    """All arms where fewest and where most labels are known."""
    told = []
    for gold in dict.fromkeys([rows["gold"].min(), rows["gold"].max()]):
        of_share = rows[rows["gold"] == gold].sort_values("estimate", ascending=False, kind="stable")
        named = [f"{label(row['strategy'])} {words.interval(row)}" for _, row in of_share.iterrows()]
        told.append(f"{metric_label(metric)} with {100 * gold:g} % gold: {', '.join(named)}.")
    return " ".join(told)


def _changes(here: pd.DataFrame) -> str:
    """How often strategies are told from random."""
    rows = here[(here["statistic"] == "change") & here["p_holm"].notna()]
    if rows.empty:
        return ""
    sure = rows[rows["p_holm"] <= LEVEL]
    better, worse = int((sure["estimate"] < 0).sum()), int((sure["estimate"] > 0).sum())
    return (
        f"After Holm over strategies, the error is lower than with random utterances in {better} and higher "
        f"in {worse} of {words.count_of(len(rows), 'comparison')}, paired by repeat."
    )


def _too_small(points: pd.DataFrame) -> str:
    """The shares of gold at which nothing could be chosen in some repeat."""
    filled = set(points.loc[points["strategy"] == RANDOM, "gold"])
    lacking = [f"{100 * gold:g} %" for gold in sorted(points["gold"].unique()) if gold not in filled]
    return f"The pool is too small in some repeat with {', '.join(lacking)} gold." if lacking else ""


def _not_shown(points: pd.DataFrame, here: pd.DataFrame) -> str:
    """The error rates that have no panel, and why."""
    missing = here[~here["metric"].isin(points["metric"])].drop_duplicates("metric")
    told = [f"{metric_label(row['metric'])} ({row['reason']})" for _, row in missing.iterrows()]
    return f"Not shown: {'; '.join(told)}." if told else ""
