"""Figure `selected_quality`: how right and of which domains is what strategies take."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.panels import legend
from study.plotting.layout import offsets, stripe_rows
from study.plotting.selection import parts
from study.plotting.selection.arms import in_order, label
from study.plotting.style import INK, PAGE, Drawing, model_colours, styled
from study.selection.arms import EVERYTHING, NOTHING, TRUTH
from study.selection.strategies import RANDOM

OTHER = "other"
_COLOURS = {"right_domain": "#8A8A8A", "right_all": INK}  # no hues: those are of domains
_PARTS = tuple(_COLOURS)
_WHERE = {"right_all": "in all parts", "right_domain": "in the domain"}
_MOST = 9  # domains with a colour of their own; black is no colour of a bar
_OTHER_COLOUR = "#BDBDBD"
_ROW = 0.18  # inches of an arm
_STACKED = 3  # more languages than these stand two in a row


@styled
def draw_selected_quality(
    quality: pd.DataFrame, datasets: Sequence[str], strategies: Sequence[str], size: float
) -> Drawing:
    """Two panels a language, a row an arm: accuracies of weak labels, and shares of domains as stacked bars.

    Args:
        quality: `dataset, strategy, size, metric, domain, estimate, low, high, n`, as quality.csv.
        datasets: one a language, in order.
        strategies: names of the configured ones, in order.
        size: the one that is shown.
    """
    table = _at_size(quality, datasets, size)
    held = set(table["strategy"])
    arms = [arm for arm in in_order(strategies) if arm in held and arm not in (TRUTH, NOTHING)]
    table = table[table["strategy"].isin(arms)]
    rates = _rates(table, arms)
    if rates.empty:
        return nothing_to_draw("what strategies take", "")
    shown = [name for name in datasets if name in set(rates["dataset"])]
    named = _named(table)
    mix = _mix(table, arms, named)
    figure, pairs = _panels(len(shown), len(arms))
    limits = parts.limits(rates)
    colours = _domain_colours(named, mix)
    for dataset, (dots, bars) in zip(shown, pairs, strict=True):
        _draw_dots(dots, rates[rates["dataset"] == dataset], len(arms), limits)
        _draw_bars(bars, mix[mix["dataset"] == dataset], len(arms), colours)
        dots.set_title(dataset)
    for dots, _ in pairs[:: _across(len(shown))]:
        dots.set_yticks(range(len(arms)), [label(arm) for arm in arms])
    _key(figure, colours, rates)
    points = pd.concat([rates, mix], ignore_index=True)
    return Drawing(figure, points, _caption(table, rates, shown, size))


def _at_size(quality: pd.DataFrame, datasets: Sequence[str], size: float) -> pd.DataFrame:
    """Rows of arms of that size, and of the whole pool, which has none."""
    here = (quality["size"] == size) | (quality["strategy"] == EVERYTHING)
    known = np.isfinite(quality["estimate"].astype(float))
    return quality[here & known & quality["dataset"].isin(datasets)]


def _rates(table: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Accuracies in percent with their places."""
    rows = parts.in_percent(table[table["metric"].isin(_PARTS)])
    y = rows["strategy"].map(arms.index) + rows["metric"].map(offsets(_PARTS, 0.3))
    kept = ["dataset", "strategy", "metric", "estimate", "low", "high", "n", "y"]
    return rows.assign(y=y)[kept]


def _named(table: pd.DataFrame) -> list[str]:
    """The domains that have a colour of their own, those with most of the pools first."""
    rows = table[table["metric"] == "share"]
    whole = rows[rows["strategy"] == EVERYTHING].groupby("domain")["estimate"].sum()
    totals = whole.reindex(rows["domain"].unique(), fill_value=0.0)
    return totals.sort_values(ascending=False, kind="stable").index[:_MOST].tolist()


def _mix(table: pd.DataFrame, arms: Sequence[str], named: Sequence[str]) -> pd.DataFrame:
    """Shares of domains in percent with the left ends of their bars; all others are one, `other`."""
    rows = table[table["metric"] == "share"]
    domain = rows["domain"].where(rows["domain"].isin(named), OTHER)
    keys = ["dataset", "strategy", "domain", "n"]
    sums = rows.assign(domain=domain).groupby(keys, sort=False)["estimate"].sum().mul(100).reset_index()
    places = sums["domain"].map([*named, OTHER].index)
    sums = sums.iloc[np.argsort(places, kind="stable")].reset_index(drop=True)
    left = sums.groupby(["dataset", "strategy"])["estimate"].cumsum() - sums["estimate"]
    return sums.assign(metric="share", left=left, y=sums["strategy"].map(arms.index))


def _across(languages: int) -> int:
    return 2 if languages > _STACKED else 1


def _panels(languages: int, arms: int) -> tuple[Figure, list[tuple[Axes, Axes]]]:
    """Two panels a language, one or two languages a row."""
    across = _across(languages)
    down = -(-languages // across)
    height = (arms * _ROW + 0.25) * down + 1.2
    figure = Figure(figsize=(PAGE, height), layout="constrained")
    grid = figure.subplots(down, 2 * across, squeeze=False)
    pairs = [tuple(row[2 * place : 2 * place + 2]) for row in grid for place in range(across)]
    for pair in pairs[languages:]:
        for axes in pair:
            axes.remove()
    pairs = pairs[:languages]
    for dots, bars in pairs[-across:]:
        dots.set_xlabel("right weak labels, %")
        bars.set_xlabel("share of domains, %")
    return figure, pairs


def _draw_dots(axes: Axes, rows: pd.DataFrame, arms: int, limits: tuple[float, float]) -> None:
    """Accuracies with intervals; dotted lines lead from those of random ones."""
    stripe_rows(axes, arms)
    axes.set_yticks([])
    axes.set_xlim(*limits)
    for part in _PARTS:
        own, colour = rows[rows["metric"] == part], _COLOURS[part]
        for value in own.loc[own["strategy"] == RANDOM, "estimate"]:
            axes.axvline(value, color=colour, linestyle=":", linewidth=0.8, zorder=1)
        axes.hlines(own["y"], own["low"], own["high"], color=colour, linewidth=0.9, zorder=2)
        axes.plot(own["estimate"], own["y"], parts.MARKERS[part], color=colour, markersize=3, zorder=3)


def _domain_colours(named: Sequence[str], mix: pd.DataFrame) -> dict[str, str]:
    """In the bars' order."""
    rest = {OTHER: _OTHER_COLOUR} if (mix["domain"] == OTHER).any() else {}
    return model_colours(named) | rest


def _draw_bars(axes: Axes, rows: pd.DataFrame, arms: int, colours: dict[str, str]) -> None:
    axes.set_ylim(arms - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 50, 100])
    edge = {"edgecolor": "white", "linewidth": 0.4}
    for domain, own in rows.groupby("domain", sort=False):
        axes.barh(own["y"], own["estimate"], left=own["left"], height=0.72, color=colours[domain], **edge)


def _key(figure: Figure, colours: dict[str, str], rates: pd.DataFrame) -> None:
    handles: list[Artist] = parts.handles(_COLOURS)
    handles += [Patch(facecolor=colour, label=domain) for domain, colour in colours.items()]
    repeats = words.span(rates["n"], " repeats")
    legend(
        figure, handles, f"means and 95 % intervals over {repeats}; dotted: random; domains by true labels"
    )


def _caption(table: pd.DataFrame, rates: pd.DataFrame, shown: Sequence[str], size: float) -> str:
    told = []
    for name in shown:
        own = rates[rates["dataset"] == name]
        accuracies = [_of_part(own[own["metric"] == part], where) for part, where in _WHERE.items()]
        told.append(f"{name}, {'; '.join(accuracies)}.{_moved(table[table['dataset'] == name])}")
    return (
        f"Added are {words.number(100 * size)} % as many utterances as there are gold ones; means over "
        f"{words.span(rates['n'], ' repeats')} with 95 % intervals. {' '.join(told)}"
    )


def _of_part(rows: pd.DataFrame, where: str) -> str:
    """The accuracy of random utterances, of the whole pool, and the strategies' lowest and highest."""
    rows = rows.set_index("strategy", drop=False)
    own = rows[~rows.index.isin((RANDOM, EVERYTHING))]
    said = [f"{label(arm)} {parts.told(rows.loc[arm])}" for arm in (RANDOM, EVERYTHING) if arm in rows.index]
    if len(own):
        ends = dict.fromkeys([own["estimate"].idxmin(), own["estimate"].idxmax()])
        spread = " to ".join(f"{parts.told(rows.loc[arm])} ({label(arm)})" for arm in ends)
        said.append(f"strategies {spread}")
    return f"weak labels right {where}: {', '.join(said)}"


def _moved(table: pd.DataFrame) -> str:
    """Which strategy's mix of domains is furthest from that of random utterances."""
    shares = table[table["metric"] == "share"].pivot(index="strategy", columns="domain", values="estimate")
    own = shares.drop(index=[RANDOM, EVERYTHING], errors="ignore")
    if RANDOM not in shares.index or own.empty:
        return ""
    differences = own - shares.loc[RANDOM]
    furthest = differences.abs().sum(axis=1).idxmax()
    moved, domain = differences.loc[furthest].abs().sum() / 2, differences.loc[furthest].abs().idxmax()
    here, random = (words.percent(shares.loc[arm, domain]) for arm in (furthest, RANDOM))
    return (
        f" Furthest from random's mix of domains is {label(furthest)}: {words.percent(moved)} of the "
        f"utterances are of other domains, and {domain} has {here} instead of {random}."
    )
