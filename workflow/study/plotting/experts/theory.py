"""Figures of the theorems: `bounds`, `fooling_pairs`, `memorization_parameters`."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.experts.parts import entries_axis
from study.plotting.layout import annotate_cells, label_ends, note
from study.plotting.style import GREY, INK, PAGE, SMALL, Drawing, series_colours, share_colours, styled
from study.theory.bounds import matched_width


@styled
def draw_bounds(bounds: pd.DataFrame) -> Drawing:
    """The least width not ruled out against |V|, and the width of mixtures of equal size against K.

    Args:
        bounds: `vertices, heads, bits, precision, minimum_width, solving_width, too_narrow_experts`.
    """
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    first, second = figure.subplots(1, 2)
    one = bounds[bounds["heads"] == bounds["heads"].min()]
    precisions = list(dict.fromkeys(one["precision"]))
    colours = dict(zip(precisions, series_colours(len(precisions)), strict=True))
    ends = {}
    for precision in precisions:
        line = one[one["precision"] == precision].sort_values("vertices")
        first.plot(line["vertices"], line["minimum_width"], "o-", color=colours[precision], markersize=2.5)
        ends[precision] = (line["vertices"].iloc[-1], line["minimum_width"].iloc[-1])
    sizes = one.drop_duplicates("vertices").sort_values("vertices")
    first.plot(sizes["vertices"], sizes["solving_width"], color=INK, linestyle="--")
    ends["solves"] = (sizes["vertices"].iloc[-1], sizes["solving_width"].iloc[-1])
    for axes in (first, second):
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
    first.set_xlabel("vertices of the graph, |V|")
    first.set_ylabel("width")
    first.set_title("widths that are not ruled out")
    entries_axis(first.xaxis)
    entries_axis(first.yaxis)
    figure.canvas.draw()
    label_ends(first, ends, {**colours, "solves": INK}, 2.2, _precision_words)
    points = _mixtures(second, one)
    kept = one.assign(panel="bounds")
    return Drawing(figure, pd.concat([kept, points], ignore_index=True), _bounds_caption(one))


def _precision_words(name: str) -> str:
    if name == "solves":
        return "a dense model solves it"
    return "bits of a position" if name == "index" else words.count_of(int(name), "bit")


def _mixtures(axes, one: pd.DataFrame) -> pd.DataFrame:
    """Width of a mixture with the parameters of the dense model, and where it is ruled out."""
    rows = []
    index = one[one["precision"] == "index"].sort_values("vertices")
    chosen = index.iloc[sorted({(len(index) - 1) // 2, len(index) - 1})]
    for (_, row), colour in zip(chosen.iterrows(), series_colours(3)[1:], strict=True):
        most = 4 * int(row["too_narrow_experts"]) if pd.notna(row["too_narrow_experts"]) else 4096
        experts = 2.0 ** np.arange(0, np.log2(most) + 0.5)
        width = [matched_width(row["solving_width"], k) for k in experts]
        axes.plot(experts, width, color=colour)
        axes.axhline(row["minimum_width"], color=colour, linewidth=0.7, linestyle=":")
        name = f"|V| = {int(row['vertices']):,}"
        axes.annotate(name, (experts[0], width[0]), (3, 4), textcoords="offset points", color=colour)
        if pd.notna(row["too_narrow_experts"]):
            star = int(row["too_narrow_experts"])
            axes.plot(star, row["minimum_width"], "o", color=colour)
            axes.annotate(
                f"K* = {star:,}",
                (star, row["minimum_width"]),
                (4, 4),
                textcoords="offset points",
                color=colour,
            )
        for k, w in zip(experts, width, strict=True):
            rows.append({"panel": "mixtures", "vertices": row["vertices"], "experts": k, "width": w})
    axes.set_xlabel("experts, K")
    axes.set_ylabel("width of a mixture of equal size")
    axes.set_title("mixtures of the dense model's size")
    entries_axis(axes.xaxis)
    entries_axis(axes.yaxis)
    note(axes, 0.02, "dotted: the least width")
    return pd.DataFrame(rows)


def _bounds_caption(one: pd.DataFrame) -> str:
    index = one[(one["precision"] == "index")].sort_values("vertices").iloc[-1]
    star = index["too_narrow_experts"]
    end = f" from {int(star):,} experts on" if pd.notna(star) else " with no number of experts"
    return (
        f"With one head and {int(index['bits'])} bits (those of a position in the sequence), length-2 path "
        f"on {int(index['vertices']):,} vertices rules out every width below "
        f"{int(index['minimum_width']):,}, whatever stands behind the attention layer; a dense model of "
        f"width {int(index['solving_width']):,} solves it. A mixture with as many parameters as that model "
        f"is too narrow{end}."
    )


@styled
def draw_fooling_pairs(fooling: pd.DataFrame) -> Drawing:
    """The share of random attention layers that are fooled, by width and bits, with the bound.

    Args:
        fooling: `vertices, heads, width, bits, sum_bits, needed, ruled_out, layers, fooled`.
    """
    table = fooling.pivot(index="width", columns="bits", values="fooled")
    ruled = fooling.pivot(index="width", columns="bits", values="ruled_out").to_numpy(dtype=bool)
    figure = Figure(figsize=(PAGE * 0.62, 2.7), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(table.to_numpy(), cmap=share_colours(), vmin=0, vmax=1, aspect="auto")
    annotate_cells(axes, table.to_numpy(), dark=0.6)
    _outline(axes, ruled)
    axes.set_xticks(range(len(table.columns)), table.columns)
    axes.set_yticks(range(len(table.index)), table.index)
    axes.set_xlabel("bits of each number, p")
    axes.set_ylabel("width of the layer, m")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    figure.colorbar(image, ax=axes, label="layers with a fooling pair (share)", shrink=0.9)
    below = fooling[fooling["ruled_out"]]
    above = fooling[~fooling["ruled_out"]]
    first = fooling.iloc[0]
    caption = (
        f"{int(first['layers'])} random layers with one head in each cell, graphs of "
        f"{int(first['vertices'])} vertices, all {2 ** int(first['needed']):,} sets of Alice tried. Where "
        f"the sums hold fewer than {int(first['needed'])} bits (outlined), "
        f"{words.percent(below['fooled'].mean(), 0)} of {int(below['layers'].sum()):,} layers are fooled, as "
        f"the theorem says; elsewhere {words.percent(above['fooled'].mean(), 0)} of "
        f"{int(above['layers'].sum()):,}, by collisions of chance."
    )
    return Drawing(figure, fooling, caption)


def _outline(axes, ruled: np.ndarray) -> None:
    """A line around the cells that the theorem rules out."""
    for row, column in np.argwhere(ruled):
        for where, (x, y) in {
            (row, column + 1): ([column + 0.5] * 2, [row - 0.5, row + 0.5]),
            (row + 1, column): ([column - 0.5, column + 0.5], [row + 0.5] * 2),
        }.items():
            inside = where[0] < ruled.shape[0] and where[1] < ruled.shape[1]
            if not inside or not ruled[where]:
                axes.plot(x, y, color="#D55E00", linewidth=1.6, clip_on=False)


@styled
def draw_memorization_parameters(table: pd.DataFrame) -> Drawing:
    """Parameters stored and at work of the memorising mixture, against its experts.

    Args:
        table: `points, width, experts, repeat, recall, total, active, best_experts`.
    """
    first = table.iloc[0]
    n, m, best = int(first["points"]), int(first["width"]), float(first["best_experts"])
    figure = Figure(figsize=(PAGE * 0.62, 2.9), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    ends = {}
    colours = dict(zip(("stored", "at work"), series_colours(3)[:2], strict=True))
    for column, name in (("total", "stored"), ("active", "at work")):
        means = table.groupby("experts")[column].agg(["mean", "min", "max"]).reset_index()
        axes.plot(means["experts"], means["mean"], "o-", color=colours[name])
        axes.vlines(means["experts"], means["min"], means["max"], color=colours[name])
        ends[name] = (means["experts"].iloc[-1], means["mean"].iloc[-1])
    experts = 2.0 ** np.linspace(0, np.log2(table["experts"].max()), 60)
    axes.plot(
        experts, experts * m + m + 2 * n / experts, color=colours["at work"], linewidth=0.7, linestyle=":"
    )
    for height, text in ((n, f"n = {n:,} points"), ((n * m) ** 0.5, "√(n m)")):
        axes.axhline(height, color=GREY, linewidth=0.6, linestyle="--")
        axes.text(1.3 * best, height * 1.05, text, color=GREY, fontsize=SMALL, va="bottom")
    axes.axvline(best, color=GREY, linewidth=0.6, linestyle="--")
    axes.annotate(
        f"√(2n/m) = {best:.0f}",
        (best, axes.get_ylim()[1]),
        (3, -8),
        textcoords="offset points",
        color=GREY,
        fontsize=SMALL,
    )
    axes.set_xlabel("experts, K")
    axes.set_ylabel("parameters")
    entries_axis(axes.xaxis)
    entries_axis(axes.yaxis)
    figure.canvas.draw()
    label_ends(axes, ends, colours, 2.2)
    active = table.groupby("experts")["active"].mean()
    caption = (
        f"{n:,} random points of dimension {m} with random labels, {int(table['repeat'].nunique())} "
        f"mixtures of each number of experts, recall {words.percent(table['recall'].min(), 0)} in all of "
        f"them. Fewest parameters are at work with {int(active.idxmin())} experts, {active.min():,.0f}, "
        f"while a dense model needs about {n:,}; the dotted line is for cells of equal size, whose least is "
        f"at {best:.0f}."
    )
    return Drawing(figure, table, caption)
