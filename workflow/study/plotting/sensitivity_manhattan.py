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

_POINTS = 15_000  # tests drawn, over all pairs
_SENSITIVE, _EQUIVALENT = ("normal", "share_sensitive"), ("rank", "share_equivalent")
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
        qq: `scale, series, expected, observed`, both −log10 p; drawn on normal scores.
        pairs: `model_a, model_b, scale, statistic, estimate, low, n, n_equal, examples`: shares of each pair.
        overall: `scale, statistic, estimate, low, high, level, margin`: the shares over all pairs, and the
            level and margin of the tests; the caption states them.
        null: `model, scale, statistic, estimate`: of one model's halves against each other.
        models: in the study's order.
        dataset: its name.
    """
    named = pairs[["model_a", "model_b"]].drop_duplicates()
    held = set(named["model_a"]) | set(named["model_b"])
    shown = [model for model in models if model in held]
    points = _manhattan_points(tests, named)
    side = max(1.1, 0.235 * len(shown))
    names = max(text_width(model) for model in shown)
    height = max(2.5, side + names + 0.5)
    figure = Figure(figsize=(PAGE, 2.5 + height + 0.4), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[2.5, height + 0.4])
    _draw_manhattan(top.subplots(), points, tests, named, models, overall["level"].iloc[0])
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
    axes: Axes,
    points: pd.DataFrame,
    tests: pd.DataFrame,
    pairs: pd.DataFrame,
    models: Sequence[str],
    level: float,
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
        title += f" (blue: false discovery rate below {words.percent(level, 0)})"
    else:
        title += f" (none at a false discovery rate of {words.percent(level, 0)})"
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
    kept = qq[(qq["scale"] == "normal") & qq["series"].isin(list(_SERIES))]
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
    sensitive, equivalent = pairs[_is(pairs, *_SENSITIVE)], pairs[_is(pairs, *_EQUIVALENT)]
    for pair in sensitive.itertuples():
        a, b = sorted((shown.index(pair.model_a), shown.index(pair.model_b)))
        square[b, a] = pair.estimate
    for pair in equivalent.itertuples():
        a, b = sorted((shown.index(pair.model_a), shown.index(pair.model_b)))
        square[a, b] = pair.estimate
    image = axes.imshow(square, cmap=share_colours(), vmin=0, vmax=1)
    annotate_cells(axes, square, dark=0.6)
    axes.set_xticks(range(len(shown)), shown, rotation=90)
    axes.set_yticks(range(len(shown)), shown)
    bare(axes)
    axes.set_title("share of examples, below the diagonal:\nsensitive; above: equivalent", fontsize=SMALL)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, aspect=25, pad=0.02, ticks=[0, 0.5, 1])
    bar.outline.set_visible(False)
    both = pd.concat([sensitive.assign(series="sensitive"), equivalent.assign(series="equivalent")])
    both = both.rename(columns={"estimate": "y"}).assign(panel="shares")
    return both[["panel", "series", "model_a", "model_b", "y", "low", "high"]]


def _is(table: pd.DataFrame, scale: str, statistic: str) -> pd.Series:
    return (table["scale"] == scale) & (table["statistic"] == statistic)


def _caption(
    tests: pd.DataFrame,
    pairs: pd.DataFrame,
    overall: pd.DataFrame,
    null: pd.DataFrame,
    shown: Sequence[str],
    dataset: str,
) -> str:
    found = overall.set_index(["scale", "statistic"])
    share = {key: words.percent_interval(row) for key, row in found.iterrows()}
    level, margin = found["level"].iloc[0], found["margin"].iloc[0]
    sensitive, excess = pairs[_is(pairs, *_SENSITIVE)], pairs[_is(pairs, "normal", "excess")]
    at_level = words.percent(level, 0)
    certain = int(np.isinf(tests["minus_log10_p"]).sum())
    edge = f" {words.count_of(certain, 'test')} with p = 0 stand at the top edge." if certain else ""
    verdict = (
        "models differ in what they find hard by more than a model's own runs do"
        if found.loc[("normal", "excess"), "low"] > 0
        else "it is not shown that models differ by more than a model's own runs do"
    )
    return (
        f"{dataset}: {words.count_of(len(shown), 'model')}, {words.span(pairs['n'], ' runs')} each, "
        f"{pairs['examples'].max():,} examples, {words.count_of(len(sensitive), 'pair')} of models; in "
        f"brackets 95 % intervals over runs and examples. On normal scores {share[_SENSITIVE]} of the tests "
        f"are sensitive at a false discovery rate of {at_level}{_range(sensitive)}; on raw values, where a "
        f"model that is better all over differs on every example, {share['raw', 'share_sensitive']}. With "
        f"{words.span(pairs['n_equal'])} runs on either side it is "
        f"{share['normal', 'share_sensitive_equal_n']} between models and {share['normal', 'null_share']} "
        f"within one: the excess is {share['normal', 'excess']} (raw: {share['raw', 'excess']}), its "
        f"interval above 0 in {(excess['low'] > 0).sum()} of {words.count_of(len(excess), 'pair')}; "
        f"{verdict}. "
        f"{_calibration(null, level)} Equivalence within {margin:g} of the ranking is shown by "
        f"{share[_EQUIVALENT]} of the tests at a false discovery rate of {at_level}, and by "
        f"{share['rank', 'share_equivalent_singly']} each by itself at {at_level}.{edge}"
    )


def _range(sensitive: pd.DataFrame) -> str:
    """Between which pairs of models the share lies."""
    most = sensitive.loc[sensitive["estimate"].idxmax()]
    least = sensitive.loc[sensitive["estimate"].idxmin()]
    if len(sensitive) == 1:
        return f" ({most['model_a']} and {most['model_b']})"
    return (
        f", from {words.percent(least['estimate'])} ({least['model_a']} and {least['model_b']}) to "
        f"{words.percent(most['estimate'])} ({most['model_a']} and {most['model_b']})"
    )


def _calibration(null: pd.DataFrame, level: float) -> str:
    """Whether a model's own halves pass the level as often as chance would; models are the sample."""
    found = paired_interval(null.loc[_is(null, "normal", "share_below_level"), "estimate"].to_numpy())
    stated = words.percent_interval(pd.Series(found._asdict()).clip(lower=0))
    if not np.isfinite(found.low) or found.high - found.low > level:
        verdict = "too few models to tell whether the test is calibrated"
    elif found.low > level:
        verdict = "the test finds too much, and the shares are overstated"
    elif found.high < level:
        verdict = "if anything the test is cautious, and the shares are understated"
    else:
        verdict = "the test is calibrated"
    return (
        f"Of the tests of a model against itself {stated} have p below {level:g}, by chance "
        f"{words.percent(level, 0)}: {verdict}."
    )
