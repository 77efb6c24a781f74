"""Figure `domain_reduction`: errors of understanding after pruning, against those without, and by domain.

Rows are ways of sampling, or domains; dots are relative changes in percent, shaded by the pruned share. No
error rate can fall by more than 100 %: what an interval has below is not drawn.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from study.analysis.understanding import METRICS, TAIL_SHARE
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.panels import legend, panel_width
from study.plotting.layout import offsets, stripe_rows, text_width
from study.plotting.style import GREY, PAGE, TEXT, Drawing, series_colours, styled

TITLES = {
    "overall": "all test utterances",
    "tail": f"tail: the rarest test utterances, {words.percent(TAIL_SHARE, 0)} of the traffic",
}
SAMPLINGS = {
    "random": "random",
    "stratified": "stratified",
    "vog_class": "VoG in domains",
    "vog_dataset": "VoG over all",
    "mixed": "VoG and slots",
}
_LEAST = -100.0  # no error rate falls by more
_LINEAR = 100.0  # a wide axis is logarithmic beyond
_WIDE = 400.0
_TICKS = (0, 1e2, -1e2, 1e3, 1e4, 1e5)
_BELOW = 0.95  # inches of a row of panels for its titles and its axis
_KEPT = ["view", "domain", "trained_on", "sampling", "metric", "pruned", "estimate", "low", "high", "n", "y"]


@styled
def draw_domain_reduction(
    overall: pd.DataFrame, by_domain: pd.DataFrame, model: str, dataset: str
) -> Drawing:
    """Above, a panel for each error rate, overall and in the tail; below, a panel for each way of sampling.

    Args:
        overall: `sampling, kept, view, metric, statistic (rate, change, efficiency), estimate, low, high, n,
            reason`, as nlu.csv.
        by_domain: the same with `domain, trained_on` (its training utterances), as nlu_by_domain.csv; the
            panels show the errors of the domain.
        model, dataset: their names.
    """
    overall = overall[overall["view"].isin(TITLES)]
    changes = overall[overall["statistic"] == "change"]
    of_domains = by_domain[(by_domain["statistic"] == "change") & (by_domain["metric"] == METRICS[0])]
    samplings = [name for name in SAMPLINGS if (changes["sampling"] == name).any()]
    shares = sorted((1 - changes["kept"]).unique())
    top = _placed(changes, "sampling", samplings, shares)
    if top.empty:
        return nothing_to_draw(dataset, f" Not shown: {changes['reason'].iloc[0]}.")
    sizes = of_domains.dropna(subset="estimate").drop_duplicates("domain").set_index("domain")["trained_on"]
    domains = sizes.sort_values(ascending=False, kind="stable")
    low = _placed(of_domains, "domain", domains.index.tolist(), shares)
    views = [view for view in TITLES if (top["view"] == view).any()]
    heights = [_height(0.065, len(shares), len(samplings)) for _ in views]
    heights += [_height(0.05, len(shares), len(domains))] * bool(len(low))
    figure = Figure(figsize=(PAGE, sum(heights) + 0.5), layout="constrained")
    parts = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    colours = dict(zip(shares, series_colours(len(shares)), strict=True))
    for part, view in zip(parts, views, strict=False):
        _draw_view(part, top, view, samplings, colours, _rates(overall, view))
        part.suptitle(TITLES[view], x=0.01, ha="left", fontsize=TEXT, color=GREY)
    if len(low):
        _draw_domains(parts[-1], low, domains, samplings, colours)
    points = pd.concat([top, low], ignore_index=True)
    _key(figure, colours, points)
    caption = _caption(overall, points, domains, of_domains, f"{dataset}: {model}")
    return Drawing(figure, points[_KEPT], caption)


def _height(step: float, shares: int, rows: int) -> float:
    """Of a row of panels in inches, with `step` for each share in a row of text."""
    return max(0.16, step * shares + 0.06) * rows + _BELOW


def _placed(changes: pd.DataFrame, by: str, rows: Sequence[str], shares: Sequence[float]) -> pd.DataFrame:
    """Changes that have an estimate, with the pruned share and their height: a row of `by`, shares within."""
    known = changes[np.isfinite(changes["estimate"].astype(float))]
    pruned = 1 - known["kept"]
    places = dict(zip(rows, range(len(rows)), strict=True))
    y = known[by].map(places).astype(float) + pruned.map(offsets(shares, 0.6)).astype(float)
    columns = {"domain", "trained_on"} - set(known)
    return known.assign(pruned=pruned, y=y, **dict.fromkeys(columns, np.nan))


def _rates(overall: pd.DataFrame, view: str) -> dict[str, float]:
    """Error rates without pruning, by metric."""
    rows = overall[(overall["statistic"] == "rate") & (overall["view"] == view)]
    return dict(zip(rows["metric"], rows["estimate"], strict=True))


def _draw_view(
    part: SubFigure,
    points: pd.DataFrame,
    view: str,
    samplings: Sequence[str],
    colours: Mapping[float, object],
    rates: Mapping[str, float],
) -> None:
    """A panel for each error rate; its axis is that of all views."""
    metrics = [metric for metric in METRICS if (points["metric"] == metric).any()]
    grid = part.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    for axes, metric in zip(grid, metrics, strict=True):
        of_metric = points[points["metric"] == metric]
        here = of_metric[of_metric["view"] == view]
        stripe_rows(axes, len(samplings))
        _dots(axes, here, colours)
        _scale(axes, of_metric, panel_width(len(metrics)))
        if here.empty:
            axes.text(0.5, 0.5, "undefined", transform=axes.transAxes, ha="center", va="center", color=GREY)
        axes.set_title(f"{_label(metric)}\n{words.percent(rates[metric])} unpruned")
        axes.set_xlabel("change, %")
    grid[0].set_yticks(range(len(samplings)), [SAMPLINGS[name] for name in samplings])


def _draw_domains(
    part: SubFigure,
    points: pd.DataFrame,
    domains: pd.Series,
    samplings: Sequence[str],
    colours: Mapping[float, object],
) -> None:
    """A panel for each way of sampling, all with the same axis; a row for each domain."""
    grid = part.subplots(1, len(samplings), sharey=True, squeeze=False)[0]
    for axes, sampling in zip(grid, samplings, strict=True):
        stripe_rows(axes, len(domains))
        _dots(axes, points[points["sampling"] == sampling], colours)
        _scale(axes, points, panel_width(len(samplings)))
        axes.set_title(SAMPLINGS[sampling])
        axes.set_xlabel(f"change of {_label(METRICS[0])}, %")
    grid[0].set_yticks(range(len(domains)), [f"{name} ({size:,.0f})" for name, size in domains.items()])
    title = "each domain's test utterances (in brackets: its training utterances without pruning)"
    part.suptitle(title, x=0.01, ha="left", fontsize=TEXT, color=GREY)


def _dots(axes: Axes, points: pd.DataFrame, colours: Mapping[float, object]) -> None:
    axes.axvline(0, color=GREY, linewidth=0.6, zorder=1)
    for share, colour in colours.items():
        rows = points[points["pruned"] == share]
        axes.hlines(rows["y"], rows["low"].clip(lower=_LEAST), rows["high"], color=colour, linewidth=0.9)
        for sure, face in ((True, colour), (False, "white")):
            here = rows[rows["low"].notna() == sure]
            axes.plot(
                here["estimate"], here["y"], "o", color=colour, markerfacecolor=face, markersize=3,
                markeredgewidth=0.8, zorder=3,
            )  # fmt: skip


def _scale(axes: Axes, points: pd.DataFrame, width: float) -> None:
    """An axis that holds 0 and all estimates and intervals; where it is wide, logarithmic beyond 100 %."""
    values = np.append(points[["estimate", "low", "high"]].to_numpy(dtype=float).ravel(), 0)
    values = values[np.isfinite(values)].clip(_LEAST)
    low, high = values.min(), values.max()
    if high <= _WIDE:
        room = 0.06 * max(high - low, 1.0)
        axes.set_xlim(low - room, high + room)
        axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        return
    axes.set_xscale("symlog", linthresh=_LINEAR)
    axes.set_xlim(low - 0.1 * _LINEAR, high * 1.25)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(FixedLocator(_apart(axes, width)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))


def _apart(axes: Axes, width: float) -> list[float]:
    """Those of the ticks whose labels do not touch, on an axis about `width` inches wide."""
    ends = axes.get_xlim()
    to_inches = axes.xaxis.get_transform().transform
    start, stop = to_inches(np.array(ends))
    kept: dict[float, tuple[float, float]] = {}
    for tick in _TICKS:
        centre = width * (to_inches(np.array([tick]))[0] - start) / (stop - start)
        half = text_width(words.number(tick)) / 2 + 0.03
        free = all(centre + half <= left or centre - half >= right for left, right in kept.values())
        if ends[0] <= tick <= ends[1] and free:
            kept[tick] = (centre - half, centre + half)
    return sorted(kept)


def _key(figure: Figure, colours: Mapping[float, object], points: pd.DataFrame) -> None:
    handles = [
        Line2D([], [], color=colour, marker="o", markersize=3, label=f"{words.percent(share, 0)} pruned")
        for share, colour in colours.items()
    ]
    remark = f"95 % intervals over {words.span(points['n'], ' seeds')}"
    if (points["low"] < _LEAST).any():
        remark += ", cut off at −100 %"
    if points["low"].isna().any():
        remark += "; open: no interval"
    wide = points[["estimate", "high"]].max(axis=None) > _WIDE
    legend(figure, handles, remark + ("; wide axes are logarithmic beyond 100 %" if wide else ""))


def _label(metric: str) -> str:
    """An error rate as it is known: F-SEMER."""
    return metric.upper().replace("_", "-")


def _caption(
    overall: pd.DataFrame, points: pd.DataFrame, domains: pd.Series, of_domains: pd.DataFrame, head: str
) -> str:
    changes = points[points["view"] != "domain"]
    views = {"overall": "", "tail": ", in the tail"}
    shown = [view for view in views if (changes["view"] == view).any()]
    main = changes[(changes["metric"] == METRICS[0]) & (changes["view"] == shown[0])]
    parts = [f"{head}, {words.span(changes['n'], ' seeds')}, paired with and without pruning."]
    parts += [f"Errors without pruning{views[view]}: {_listed(_rates(overall, view))}." for view in shown]
    parts += [_of_share(rows, share) for share, rows in main.groupby("pruned")]
    told = [f"{_beyond(changes[changes['view'] == view])}{views[view]}" for view in shown]
    parts.append(f"The intervals of all error rates are {'; '.join(told)}.")
    parts.append(_of_domains(points[points["view"] == "domain"], domains))
    parts.append(_not_shown(overall, of_domains))
    return " ".join(part for part in parts if part)


def _listed(rates: Mapping[str, float]) -> str:
    known = {metric: rate for metric, rate in rates.items() if np.isfinite(rate)}
    return ", ".join(f"{_label(metric)} {words.percent(rate)}" for metric, rate in known.items())


def _of_share(rows: pd.DataFrame, share: float) -> str:
    """What each way of sampling does to the errors of the domain, the least harm first, and its σ."""
    told = [
        f"{SAMPLINGS[row['sampling']]} {_signed(row)} (σ = {words.number(row['estimate'] / (-100 * share))})"
        for _, row in rows.sort_values("estimate", kind="stable").iterrows()
    ]
    return f"Change of {_label(METRICS[0])} in % with {words.percent(share, 0)} pruned: {', '.join(told)}."


def _signed(row: pd.Series) -> str:
    """The estimate with its sign, and its interval if it has one."""
    sign = "+" if row["estimate"] > 0 else ""
    ends = f"[{words.number(row['low'])}, {words.number(row['high'])}]"
    return f"{sign}{words.number(row['estimate'])} {ends if np.isfinite(row['low']) else '(no interval)'}"


def _beyond(rows: pd.DataFrame) -> str:
    """How many changes are told from none."""
    worse, better = int((rows["low"] > 0).sum()), int((rows["high"] < 0).sum())
    return f"above 0 for {worse} of {len(rows)} changes and below for {better}"


def _of_domains(points: pd.DataFrame, domains: pd.Series) -> str:
    """How often the errors of the largest and of the smallest domain shown rise or fall."""
    told = [
        f"{_beyond(points[points['domain'] == name])} with {name} "
        f"({words.count_of(int(domains[name]), 'training utterance')})"
        for name in dict.fromkeys([*domains.index[:1], *domains.index[-1:]])
    ]
    return f"Those of {_label(METRICS[0])} by domain are {'; '.join(told)}." if told else ""


def _not_shown(overall: pd.DataFrame, of_domains: pd.DataFrame) -> str:
    """What has no estimate at all, and why."""
    where = {"overall": "", "tail": " in the tail"}
    named = overall[overall["statistic"] == "change"]
    named = named.assign(what=named["metric"].map(_label) + named["view"].map(where))
    tail = named["view"] == "tail"
    if named.loc[tail, "estimate"].isna().all():
        named.loc[tail, "what"] = "the tail"
    missing: dict[str, list[str]] = {}
    for table, by in ((named, "what"), (of_domains, "domain")):
        for what, rows in table.groupby(by, sort=False):
            if rows["estimate"].isna().all():
                missing.setdefault(str(rows["reason"].iloc[0]), []).append(str(what))
    told = [f"{', '.join(names)} ({reason})" for reason, names in missing.items()]
    return f"Not shown: {'; '.join(told)}." if told else ""
