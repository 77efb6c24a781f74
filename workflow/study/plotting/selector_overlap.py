"""Figure `selector_overlap`: whether ways of choosing examples agree, with each other and over splits."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from study.analysis.clumping import SUFFIX
from study.analysis.fingerprint import headline
from study.plotting import words
from study.plotting.fingerprint_accuracy import SELECTORS, in_order, selector_label
from study.plotting.layout import annotate_cells, bare, label_ends
from study.plotting.style import GREY, PAGE, Drawing, share_colours, styled

_HEIGHT = 2.3


@styled
def draw_selector_overlap(table: pd.DataFrame, dataset: str) -> Drawing:
    """Overlap of the k chosen examples: between selectors at one k, and of each with itself at all k.

    Args:
        table: `features_a, features_b, k, estimate, low, high, n, chance`; all between different splits.
        dataset: its name.
    """
    k = headline(table["k"].unique())
    names = in_order(table["features_a"])
    figure = Figure(figsize=(PAGE, _HEIGHT + 1.1), layout="constrained")
    matrix, curves = figure.subplots(1, 2, width_ratios=(1, 0.8))
    at_k = table[table["k"] == k]
    matrix_points = _draw_matrix(matrix, at_k, names, k)
    curve_points = _draw_curves(curves, table[table["features_a"] == table["features_b"]], names)
    drawn = pd.concat([matrix_points, curve_points], ignore_index=True)
    kept = ["panel", "features_a", "features_b", "k", "x", "estimate", "low", "high", "n", "chance"]
    return Drawing(figure, drawn[kept], _caption(at_k, names, k, dataset))


def _draw_matrix(axes: Axes, at_k: pd.DataFrame, names: list[str], k: int) -> pd.DataFrame:
    values = np.full((len(names), len(names)), np.nan)
    for row in at_k.itertuples():
        i, j = names.index(row.features_a), names.index(row.features_b)
        values[i, j] = values[j, i] = row.estimate
    axes.imshow(values, cmap=share_colours(), vmin=0, vmax=1)
    annotate_cells(axes, values, 0.6)
    labels = [selector_label(name) for name in names]
    axes.set_xticks(range(len(names)), labels, rotation=90)
    axes.set_yticks(range(len(names)), labels)
    bare(axes)
    axes.set_title(f"shared by two splits, k = {k:,}")
    return at_k.assign(panel="matrix", x=np.nan, low=np.nan, high=np.nan)


def _draw_curves(axes: Axes, own: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    ks = sorted(own["k"].unique())
    ends, colours, drawn = {}, {}, []
    for place, name in enumerate(names):
        colours[name] = SELECTORS[name.removesuffix(SUFFIX)][1]
        rows = own[own["features_a"] == name].sort_values("k")
        rows = rows.assign(x=rows["k"] * 1.05 ** (place - (len(names) - 1) / 2))
        axes.vlines(rows["x"], rows["low"], rows["high"], color=colours[name], linewidth=0.8)
        line = "o--" if name.endswith(SUFFIX) else "o-"
        axes.plot(rows["x"], rows["estimate"], line, color=colours[name], markersize=2.6, linewidth=0.9)
        ends[name] = (ks[-1] * 1.3, rows["estimate"].iloc[-1])
        drawn.append(rows)
    chance = own.drop_duplicates("k").sort_values("k")
    axes.plot(chance["k"], chance["chance"], ":", color=GREY, linewidth=0.9)
    ends["chance"], colours["chance"] = (ks[-1] * 1.3, chance["chance"].iloc[-1]), GREY
    axes.set_xscale("log")
    axes.set_xlim(ks[0] / 1.3, ks[-1] * 1.3)
    axes.set_ylim(-0.02, 1.03)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(ks, [f"{k:,}" for k in ks])
    axes.set_xlabel("examples, k")
    axes.set_ylabel("share of k in common")
    axes.set_title("the same way on two splits")
    label_ends(axes, ends, colours, _HEIGHT - 0.2, lambda name: _label(name))
    return pd.concat(drawn).assign(panel="curves")


def _label(name: str) -> str:
    return name if name == "chance" else selector_label(name) + (" - -" if name.endswith(SUFFIX) else "")


def _caption(at_k: pd.DataFrame, names: list[str], k: int, dataset: str) -> str:
    own = at_k[at_k["features_a"] == at_k["features_b"]].set_index("features_a")
    chance = at_k["chance"].iloc[0]
    listed = ", ".join(f"{selector_label(name)} {_with_interval(own.loc[name])}" for name in names)
    others = at_k[at_k["features_a"] != at_k["features_b"]]
    most = others.loc[others["estimate"].idxmax()]
    return (
        f"{dataset}: {words.span(at_k['n'])} splits of the runs; of {words.count_of(k, 'example')} chance "
        f"gives {words.percent(chance)} in common. On two splits the same way of choosing has in common: "
        f"{listed}. Of different ways, {selector_label(most['features_a'])} and "
        f"{selector_label(most['features_b'])} agree most ({words.percent(most['estimate'])}). Where a "
        "choice does not come out again on other runs of the same models, its examples are not the only "
        "ones, nor for certain the right ones, by which models differ."
    )


def _with_interval(row: pd.Series) -> str:
    if np.isfinite(row["low"]):
        return words.percent_interval(row)
    return f"{words.percent(row['estimate'])} on every pair"
