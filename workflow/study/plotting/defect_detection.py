"""Figure `defect_detection`: how well scores find flipped labels, from one run and from averages."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.layout import label_ends, model_key, offsets, stripe_rows
from study.plotting.style import (
    GREY,
    PAGE,
    Drawing,
    model_colours,
    model_markers,
    present,
    series_colours,
    styled,
)

_LEAST = 2.1  # height of the curves' axes in inches
_AREAS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)
_SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
PANELS = {"auroc": "AUROC (logit scale)", "inspected_share": "inspected until half of the flips are found"}


@styled
def draw_defect_detection(
    defects: pd.DataFrame, models: Sequence[str], columns: Sequence[str], dataset: str
) -> Drawing:
    """Above, means over models against the number of runs averaged; below, each model, one run and all.

    Args:
        defects: `model, score, statistic, runs, interval, estimate, low, high, n, by_chance, flips,
            examples`.
        models, columns: in the study's order.
        dataset: its name.
    """
    known = defects[defects["estimate"].notna() & defects["score"].isin(columns)]
    shown = present(known, models)
    flips, examples = int(known["flips"].iloc[0]), int(known["examples"].iloc[0])
    curves = known[(known["interval"] == "runs") & known["statistic"].isin(list(PANELS))]
    ends = _ends(known[known["statistic"].isin(list(PANELS))])
    last = ends[(ends["statistic"] == "auroc") & ends["all_runs"]]
    order = last.groupby("score")["estimate"].mean().sort_values(ascending=False).index.tolist()
    means = _within(mean_over_models(curves, ["score", "statistic", "runs"]), flips, examples)
    ends = _within(ends, flips, examples)
    ends.loc[~ends["all_runs"], ["drawn_low", "drawn_high"]] = np.nan  # the others have none drawn
    ends["y"] = ends["score"].map(order.index) + ends["model"].map(offsets(shown))
    rows = len(order) * max(0.26, 0.07 * len(shown))
    height = max(_LEAST, 0.13 * (len(order) + 2) + 0.4)
    figure = Figure(figsize=(PAGE, height + 0.55 + rows + 0.95), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[height + 0.55, rows + 0.95])
    chance = known.groupby("statistic")["by_chance"].first()
    _draw_curves(top, means, order, chance, flips, examples, height)
    _draw_ends(bottom, ends, order, models, chance)
    model_key(figure, shown, models)
    points = pd.concat(
        [means.assign(panel="mean over models"), ends.assign(panel="model")], ignore_index=True
    )
    kept = ["panel", "statistic", "score", "model", "runs", "estimate", "low", "high", "n", "models", "y"]
    drawn = ["drawn", "drawn_low", "drawn_high"]
    return Drawing(figure, points[[*kept, *drawn]], _caption(known, ends, order, shown, chance, dataset))


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each model, score and statistic one run and the mean over all runs; the latter over both sources.

    A score that is taken over all runs has the latter alone, with its interval over examples.
    """
    key = ["model", "score", "statistic"]
    of_all = rows[rows["interval"] != "runs"].sort_values("interval").drop_duplicates(key)  # both, examples
    single = rows[(rows["interval"] == "runs") & (rows["runs"] == 1)]
    return pd.concat([single.assign(all_runs=False), of_all.assign(all_runs=True)], ignore_index=True)


def _within(rows: pd.DataFrame, flips: int, examples: int) -> pd.DataFrame:
    """Where on the axis each number stands: a logit has no place for 0 and 1."""
    edge = 0.5 / (flips * (examples - flips))  # half of one pair in the wrong order
    clipped = rows["statistic"] == "auroc"
    places = {
        f"drawn{end}": np.where(
            clipped, rows[field].clip(edge, 1 - edge), rows[field].clip(lower=0.5 / examples)
        )
        for end, field in (("", "estimate"), ("_low", "low"), ("_high", "high"))
    }
    return rows.assign(**places)


def _draw_curves(
    figure: SubFigure,
    means: pd.DataFrame,
    order: Sequence[str],
    chance: pd.Series,
    flips: int,
    examples: int,
    height: float,
) -> None:
    colours = dict(zip(order, series_colours(len(order)), strict=True))
    grid = figure.subplots(1, len(PANELS))
    for axes, (statistic, title) in zip(grid, PANELS.items(), strict=True):
        rows = means[means["statistic"] == statistic]
        ends = {}
        for score in order:
            curve = rows[rows["score"] == score]
            if curve.empty:
                continue
            axes.vlines(
                curve["runs"], curve["drawn_low"], curve["drawn_high"], color=colours[score], linewidth=0.9
            )
            axes.plot(curve["runs"], curve["drawn"], "o-", color=colours[score], markersize=3)
            ends[score] = tuple(curve[["runs", "drawn"]].iloc[-1])
        most = max(2, rows["runs"].max())
        axes.set_xscale("log")
        axes.set_xlim(0.9, most * 1.12)
        runs = sorted(rows["runs"].unique())
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticks(runs, [f"{n:g}" for n in runs])
        axes.set_xlabel("runs averaged, n")
        lines = {"random order": chance[statistic]}
        if statistic == "inspected_share":
            lines["fewest possible"] = -(-flips // 2) / examples
        _scale(axes, axes.yaxis, statistic, rows, lines.values())
        for name, place in lines.items():
            axes.axhline(place, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
            ends[name] = (most * 1.12, place)
        axes.set_title(title)
        axes.set_ylabel("AUROC, flipped against others" if statistic == "auroc" else "share of all examples")
        shades = colours | dict.fromkeys(lines, GREY)
        label_ends(
            axes,
            ends,
            shades,
            height - 0.4,
            lambda name, known=lines: name if name in known else words.score_label(name),
        )


def _scale(axes: Axes, axis: Axis, statistic: str, rows: pd.DataFrame, others: Sequence[float]) -> None:
    """A logit axis for AUROC and a logarithmic one for shares, as wide as their numbers."""
    values = np.concatenate([rows[["drawn", "drawn_low", "drawn_high"]].to_numpy().ravel(), list(others)])
    values = values[np.isfinite(values)]
    vertical = axis is axes.yaxis
    scale, limits = (axes.set_yscale, axes.set_ylim) if vertical else (axes.set_xscale, axes.set_xlim)
    if statistic == "auroc":
        scale("logit")
        low, high = (np.log(end / (1 - end)) for end in (min(values.min(), 0.4), max(values.max(), 0.6)))
        margin = 0.06 * (high - low)
        limits(*(1 / (1 + np.exp(-end)) for end in (low - margin, high + margin)))
        ticks, text = _AREAS, lambda value, _: f"{value:g}"
    else:
        scale("log")
        limits(values.min() / 1.12, min(1.0, values.max()) * 1.12)
        ticks, text = _SHARES, lambda value, _: f"{100 * value:g} %"
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(text))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _draw_ends(
    figure: SubFigure, ends: pd.DataFrame, order: Sequence[str], models: Sequence[str], chance: pd.Series
) -> None:
    colours, markers = model_colours(models), model_markers(models)
    grid = figure.subplots(1, len(PANELS), sharey=True)
    for axes, statistic in zip(grid, PANELS, strict=True):
        rows = ends[ends["statistic"] == statistic]
        stripe_rows(axes, len(order))
        for row in rows.itertuples():
            colour = colours[row.model]
            if row.all_runs:
                axes.hlines(row.y, row.drawn_low, row.drawn_high, color=colour, linewidth=0.9)
            axes.plot(
                row.drawn,
                row.y,
                markers[row.model],
                color=colour,
                markerfacecolor=colour if row.all_runs else "white",
                markersize=3.4,
                markeredgewidth=0.8,
            )
        axes.axvline(chance[statistic], color=GREY, linestyle=":", linewidth=0.9, zorder=1)
        _scale(axes, axes.xaxis, statistic, rows, [chance[statistic]])
        axes.set_xlabel("AUROC" if statistic == "auroc" else "share of all examples")
        axes.set_title("one run (open) and the mean over all (filled)")
    grid[0].set_yticks(range(len(order)), [words.score_label(score) for score in order])


def _caption(
    known: pd.DataFrame,
    ends: pd.DataFrame,
    order: Sequence[str],
    shown: Sequence[str],
    chance: pd.Series,
    dataset: str,
) -> str:
    flips, examples = int(known["flips"].iloc[0]), int(known["examples"].iloc[0])
    runs = words.span(known.loc[known["interval"] == "runs", "n"], " runs")
    of_all = ends[ends["all_runs"] & (ends["statistic"] == "auroc")]
    text = (
        f"{dataset}: {flips:,} of {examples:,} training labels were flipped "
        f"({words.percent(flips / examples)}); {words.count_of(len(shown), 'model')}, {runs} each. "
    )
    best = mean_over_models(of_all, ["score"]).set_index("score")
    text += (
        f"Averaged over all runs, {words.score_label(order[0])} finds them best, AUROC "
        f"{_area(best.loc[order[0]])} (mean over models, 95 % over runs and examples)"
    )
    text += (
        f", and {words.score_label(order[-1])} worst, {_area(best.loc[order[-1]])}. "
        if len(order) > 1
        else ". "
    )
    text += _inspection(known, order, flips, examples, chance["inspected_share"])
    gain = known[known["statistic"] == "auroc_gain"]
    up, down = int((gain["low"] > 0).sum()), int((gain["high"] < 0).sum())
    text += (
        f"Averaging raises the AUROC of {up} of {len(gain)} pairs of score and model and lowers that of "
        f"{down} (interval over runs beyond 0). "
    )
    wrong = of_all[of_all["high"] < 0.5].groupby("score")["model"].nunique()
    if len(wrong):
        named = ", ".join(f"{words.score_label(s)} ({n} of {len(shown)} models)" for s, n in wrong.items())
        text += f"Worse than a random order, so that flipped examples look easy by it: {named}."
    else:
        text += "No score shown is worse than a random order."
    return text


def _area(row: pd.Series) -> str:
    """An AUROC to as many digits as its distance from 1 asks for."""
    digits = int(np.clip(np.ceil(-np.log10(max(1 - row["estimate"], 1e-6))) + 1, 2, 5))
    parts = [f"{row[field]:.{digits}f}" for field in ("estimate", "low", "high")]
    return f"{parts[0]} [{parts[1]}, {parts[2]}]" if np.isfinite(row["low"]) else f"{parts[0]} (no interval)"


def _inspection(
    known: pd.DataFrame, order: Sequence[str], flips: int, examples: int, by_chance: float
) -> str:
    """How many examples a reader would have to look at."""
    counts = known[(known["statistic"] == "inspected_for_half") & (known["interval"] == "runs")]
    if counts.empty:
        return ""
    single = counts[counts["runs"] == 1].groupby("score")["estimate"].mean()
    of_all = counts[counts["runs"] == counts["n"]].groupby("score")["estimate"].mean()
    listed = [score for score in order if score in of_all.index]
    best = listed[0]
    return (
        f"To find half of the flips one must inspect, hardest first, {single.median():,.0f} "
        f"examples with the median score from one run and {of_all.median():,.0f} from the mean of "
        f"all; with {words.score_label(best)} {single[best]:,.0f} and {of_all[best]:,.0f}. "
        f"In random order it is {by_chance * examples:,.0f}, and {-(-flips // 2)} are the fewest "
        "possible. "
    )
