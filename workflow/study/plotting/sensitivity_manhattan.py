"""Figure `sensitivity_manhattan`: which examples tell models apart, and how many would by chance."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from study.analysis.intervals import paired_interval
from study.plotting import words
from study.plotting.layout import annotate_cells, bare, label_ends, model_key, text_width
from study.plotting.style import (
    GREY,
    INK,
    PAGE,
    SMALL,
    Drawing,
    model_colours,
    model_markers,
    share_colours,
    styled,
)

LEVEL = 0.05  # of the false discovery rate
_POINTS = 15_000  # tests drawn, over all pairs
_SERIES = {  # of the quantile plot: name, colour, line
    "between": ("two models,\nall runs", INK, ":"),
    "between_equal_n": ("two models,\nhalf the runs", INK, "-"),
    "within": ("one model,\nhalf the runs", "#D55E00", "-"),
}


@styled
def draw_sensitivity_manhattan(
    tests: pd.DataFrame,
    qq: pd.DataFrame,
    pairs: pd.DataFrame,
    overall: pd.DataFrame,
    null: pd.DataFrame,
    models: Sequence[str],
    dataset: str,
) -> Drawing:
    """Above, the tests of every pair of models side by side; below, their quantiles and the pairs' shares.

    Args:
        tests: `model_a, model_b, example, label, minus_log10_p, sensitive`; p = 0 is drawn at the top edge.
        qq: `series, expected, observed`, both −log10 p.
        pairs: `model_a, model_b, n_a, n_b, examples, share_sensitive, share_equivalent, n_equal,
            share_sensitive_equal_n, null_share, excess`.
        overall: `statistic, estimate, low, high`: the shares over all pairs; the caption states them.
        null: `model, share_below_level`: of one model's halves against each other, tests with p ≤ 0.05.
        models: in the study's order.
        dataset: its name.
    """
    held = set(pairs["model_a"]) | set(pairs["model_b"])
    shown = [model for model in models if model in held]
    points = _manhattan_points(tests, pairs)
    side = max(1.1, 0.235 * len(shown))
    names = max(text_width(model) for model in shown)
    height = max(2.5, side + names + 0.5)
    figure = Figure(figsize=(PAGE, 2.5 + height + 0.4), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[2.5, height + 0.4])
    _draw_manhattan(top.subplots(), points, tests, pairs, models)
    width = min(0.62, (side + names + 1.4) / PAGE)
    left, right = bottom.subfigures(1, 2, width_ratios=[1 - width, width])
    curves = _draw_quantiles(left.subplots(), qq, height - 0.6)
    shares = _draw_shares(right, pairs, shown)
    model_key(figure, shown, models)
    everything = pd.concat([points, curves, shares], ignore_index=True)
    return Drawing(figure, everything, _caption(tests, pairs, overall, null, shown, dataset))


def _manhattan_points(tests: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The most significant tests of each pair and an even sample of the others.

    x is the pair's place, from 0, plus a fraction that orders the examples by class and, within it, as the
    data set does.
    """
    quota = max(40, _POINTS // len(pairs) // 2)
    block = {pair: place for place, pair in enumerate(zip(pairs["model_a"], pairs["model_b"], strict=True))}
    parts = []
    for pair, rows in tests.groupby(["model_a", "model_b"], observed=True, sort=False):
        rows = rows.sort_values(["label", "example"])
        rows = rows.assign(x=block[pair] + 0.06 + 0.88 * (np.arange(len(rows)) + 0.5) / len(rows))
        ordered = rows.sort_values(["minus_log10_p", "example"], ascending=[False, True], kind="stable")
        rest = ordered.iloc[quota:].sort_values("x")
        kept = pd.concat([ordered.iloc[:quota], rest.iloc[:: max(1, len(rest) // quota)]])
        parts.append(kept.assign(panel="test", y=kept["minus_log10_p"]))
    points = pd.concat(parts, ignore_index=True)
    return points[["panel", "model_a", "model_b", "example", "label", "x", "y", "sensitive"]].astype(
        {"model_a": str, "model_b": str}
    )


def _draw_manhattan(
    axes: Axes, points: pd.DataFrame, tests: pd.DataFrame, pairs: pd.DataFrame, models: Sequence[str]
) -> None:
    finite = points["y"][np.isfinite(points["y"])]
    ceiling = 1.08 * max(finite.max(), 2.0)
    odd = (points["x"] // 1).astype(int) % 2 == 1
    sensitive = points["sensitive"].astype(bool)
    shades = {
        (False, False): "#c4c4c4",
        (False, True): "#adadad",
        (True, False): "#0072B2",
        (True, True): "#56B4E9",
    }
    for (high, shifted), colour in shades.items():
        rows = points[(sensitive == high) & (odd == shifted)]
        inside = np.isfinite(rows["y"])
        style = {"color": colour, "linestyle": "none", "rasterized": True, "markeredgewidth": 0}
        axes.plot(rows["x"][inside], rows["y"][inside], marker="o", markersize=1.6, **style)
        edge = np.full((~inside).sum(), ceiling)
        if len(edge):
            axes.plot(rows["x"][~inside], edge, marker="^", markersize=3, clip_on=False, **style)
    axes.set_xlim(0, len(pairs))
    axes.set_ylim(0, ceiling)
    axes.set_ylabel("−log₁₀ p (Welch test)")
    axes.set_xticks([])
    _mark_pairs(axes, pairs, models)
    significant = tests["minus_log10_p"][tests["sensitive"].astype(bool)]
    title = "tests of examples, by pair of models and class"
    if len(significant):
        axes.axhline(significant.min(), color=GREY, linewidth=0.8, linestyle="--")
        title += " (blue: false discovery rate below 5 %)"
    else:
        title += " (none at a false discovery rate of 5 %)"
    axes.set_title(title)


def _mark_pairs(axes: Axes, pairs: pd.DataFrame, models: Sequence[str]) -> None:
    """The two models of each pair as their markers, below its tests."""
    colours, markers = model_colours(models), model_markers(models)
    height = 72 * 2.0
    for place, pair in enumerate(zip(pairs["model_a"], pairs["model_b"], strict=True)):
        for line, model in enumerate(pair):
            axes.plot(
                place + 0.5,
                -(7 + 8 * line) / height,
                markers[model],
                color=colours[model],
                markersize=4.5,
                transform=axes.get_xaxis_transform(),
                clip_on=False,
            )


def _draw_quantiles(axes: Axes, qq: pd.DataFrame, height: float) -> pd.DataFrame:
    kept = qq[qq["series"].isin(list(_SERIES))]
    certain = ~np.isfinite(kept["observed"])
    ceiling = 1.05 * kept["observed"][~certain].max()
    ends = {}
    for series, (_, colour, line) in _SERIES.items():
        rows = kept[(kept["series"] == series) & ~certain]
        axes.plot(rows["expected"], rows["observed"], line, color=colour, linewidth=1.5)
        beyond = kept["expected"][(kept["series"] == series) & certain]
        axes.plot(beyond, np.full(len(beyond), ceiling), "^", color=colour, markersize=3)
        if len(beyond):
            ends[series] = (beyond.max(), ceiling)
        elif len(rows):
            ends[series] = tuple(rows[["expected", "observed"]].max())
    end = min(kept["expected"].max(), ceiling)
    axes.plot([0, end], [0, end], color=GREY, linewidth=0.7, zorder=1)
    axes.set_xlim(left=0)
    axes.set_ylim(0, ceiling * 1.03)
    axes.set_xlabel("−log₁₀ p expected without differences")
    axes.set_ylabel("−log₁₀ p observed")
    axes.set_title("quantiles")
    names, colours = ({series: look[part] for series, look in _SERIES.items()} for part in (0, 1))
    label_ends(axes, ends, colours, height, names.get, lines=2)
    renamed = kept.rename(columns={"expected": "x", "observed": "y"})
    return renamed.assign(panel="quantiles")[["panel", "series", "x", "y"]]


def _draw_shares(figure: SubFigure, pairs: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    axes = figure.subplots()
    square = np.full((len(shown), len(shown)), np.nan)
    rows = []
    for pair in pairs.itertuples():
        a, b = sorted((shown.index(pair.model_a), shown.index(pair.model_b)))
        square[b, a], square[a, b] = pair.share_sensitive, pair.share_equivalent
        for kind, value in (("sensitive", pair.share_sensitive), ("equivalent", pair.share_equivalent)):
            rows.append(("shares", kind, pair.model_a, pair.model_b, value))
    image = axes.imshow(square, cmap=share_colours(), vmin=0, vmax=1)
    annotate_cells(axes, square, dark=0.6)
    axes.set_xticks(range(len(shown)), shown, rotation=90)
    axes.set_yticks(range(len(shown)), shown)
    bare(axes)
    axes.set_title("share of examples, below the diagonal:\nsensitive; above: equivalent", fontsize=SMALL)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, aspect=25, pad=0.02, ticks=[0, 0.5, 1])
    bar.outline.set_visible(False)
    return pd.DataFrame(rows, columns=["panel", "series", "model_a", "model_b", "y"])


def _caption(
    tests: pd.DataFrame,
    pairs: pd.DataFrame,
    overall: pd.DataFrame,
    null: pd.DataFrame,
    shown: Sequence[str],
    dataset: str,
) -> str:
    most, least = pairs.loc[pairs["share_sensitive"].idxmax()], pairs.loc[pairs["share_sensitive"].idxmin()]
    runs = words.span([*pairs["n_a"], *pairs["n_b"]], " runs")
    share = {row["statistic"]: words.percent_interval(row) for _, row in overall.iterrows()}
    certain = int(np.isinf(tests["minus_log10_p"]).sum())
    edge = f" {words.count_of(certain, 'test')} with p = 0 stand at the top edge." if certain else ""
    spread = (
        f", from {words.percent(least['share_sensitive'])} ({least['model_a']} and {least['model_b']}) to "
        f"{words.percent(most['share_sensitive'])} ({most['model_a']} and {most['model_b']})"
        if len(pairs) > 1
        else f" ({most['model_a']} and {most['model_b']})"
    )
    excess = overall.set_index("statistic").loc["excess"]
    verdict = (
        "models differ in what they find hard by more than a model's own runs do"
        if excess["low"] > 0
        else "it is not shown that models differ by more than a model's own runs do"
    )
    above = int((pairs["excess"] > 0).sum())
    return (
        f"{dataset}: {words.count_of(len(shown), 'model')}, {runs} each, {pairs['examples'].max():,} "
        f"examples, {words.count_of(len(pairs), 'pair')} of models; in brackets 95 % intervals. "
        f"{share['share_sensitive']} of the tests are sensitive at a false discovery rate of 5 %{spread}. "
        f"With {words.span(pairs['n_equal'])} runs on either side it is {share['share_sensitive_equal_n']} "
        f"between models and {share['null_share']} within one: the excess is {share['excess']}, above 0 in "
        f"{above} of {words.count_of(len(pairs), 'pair')}; {verdict}. {_calibration(null)} "
        f"{share['share_equivalent']} of the tests show equivalence within 0.05 of the ranking.{edge}"
    )


def _calibration(null: pd.DataFrame) -> str:
    """Whether a model's own halves pass p ≤ 0.05 as often as chance would; models are the sample."""
    found = paired_interval(null["share_below_level"].to_numpy())
    stated = words.percent_interval(pd.Series(found._asdict()).clip(lower=0))
    if not np.isfinite(found.low) or found.high - found.low > LEVEL:
        verdict = "too few models to tell whether the test is calibrated"
    elif found.low > LEVEL:
        verdict = "the test finds too much, and the shares are overstated"
    elif found.high < LEVEL:
        verdict = "if anything the test is cautious, and the shares are understated"
    else:
        verdict = "the test is calibrated"
    return f"Of the tests of a model against itself {stated} have p below 0.05, by chance 5 %: {verdict}."
