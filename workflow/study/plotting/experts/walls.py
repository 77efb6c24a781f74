"""Figure `width_wall`: how wide a model of depth 1 must be to learn length-2 paths."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from study.analysis.intervals import paired_interval
from study.analysis.walls import SOLVED
from study.plotting import words
from study.plotting.experts.parts import entries_axis
from study.plotting.style import GREY, INK, PAGE, SMALL, Drawing, series_colours, styled
from study.theory.bounds import index_bits, minimum_width, solving_width

_SURE = 0.99
_PRECISION = 32  # bits of the numbers that models are trained with


@styled
def draw_width_wall(runs: pd.DataFrame) -> Drawing:
    """A panel for each number of vertices, accuracy against width; and one for how models start.

    Args:
        runs: `vertices, experts, width, initial, seed, train_accuracy, test_accuracy, test_questions`.
    """
    learned = runs[runs["initial"] == "learned"]
    swept = [n for n, part in learned.groupby("vertices") if part["width"].nunique() > 1]
    points = _points(runs)
    by_width = points["vertices"].isin(swept) & (points["initial"] == "learned")
    points = points[by_width | (points["measure"] == "test_accuracy")]
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    panels = figure.subplots(1, len(swept) + 1, sharey=True)
    experts = sorted(learned["experts"].unique())
    colours = dict(zip(experts, series_colours(len(experts)), strict=True))
    for axes, vertices in zip(panels, swept, strict=False):
        _by_width(axes, points[(points["vertices"] == vertices)], colours, vertices)
    _by_start(panels[-1], points[points["experts"] == 1], colours[1])
    panels[0].set_ylabel("right answers (share)")
    panels[0].set_ylim(0.45, 1.02)
    _key(figure, colours)
    return Drawing(figure, points, _caption(runs, points, swept))


def _points(runs: pd.DataFrame) -> pd.DataFrame:
    rows, keys = [], ["vertices", "experts", "initial", "width"]
    for values, part in runs.groupby(keys, sort=True):
        for measure in ("test_accuracy", "train_accuracy"):
            found = paired_interval(part[measure].to_numpy())
            ends = {name: getattr(found, name) for name in ("estimate", "low", "high", "n")}
            rows.append(dict(zip(keys, values, strict=True)) | {"measure": measure} | ends)
    return pd.DataFrame(rows)


def _by_width(axes: Axes, points: pd.DataFrame, colours: dict, vertices: int) -> None:
    axes.set_xscale("log", base=2)
    own = points[points["initial"] == "learned"]
    for place, (experts, colour) in enumerate(colours.items()):
        for measure, style in (("test_accuracy", "-"), ("train_accuracy", ":")):
            line = own[(own["experts"] == experts) & (own["measure"] == measure)]
            x = line["width"] * 1.03 ** (place - (len(colours) - 1) / 2)
            axes.plot(x, line["estimate"], style, marker="o" if style == "-" else "", color=colour)
            if style == "-":
                axes.vlines(x, line["low"], line["high"], color=colour, linewidth=0.8)
    axes.axhline(SOLVED, color=GREY, linewidth=0.6, linestyle=":")
    tokens = vertices * (vertices - 1)
    marks = {
        f"bound, {_PRECISION} bits": minimum_width(vertices, 1, _PRECISION),
        f"bound, {index_bits(tokens)} bits": minimum_width(vertices, 1, index_bits(tokens)),
        "|V|": solving_width(vertices),
    }
    for width in set(marks.values()) - {1}:  # a bound of 1 rules nothing out
        text = ", ".join(name for name, value in marks.items() if value == width)
        axes.axvline(width, color=GREY, linewidth=0.6)
        axes.text(width, 0.46, f" {text}", fontsize=SMALL, color=GREY, rotation=90, ha="right", va="bottom")
    axes.set_title(f"{vertices} vertices")
    axes.set_xlabel("width")
    entries_axis(axes.xaxis)


def _by_start(axes: Axes, points: pd.DataFrame, colour: object) -> None:
    """Dense models as wide as there are vertices, from learned and from one-hot embeddings."""
    wide = points[(points["width"] == points["vertices"]) & (points["measure"] == "test_accuracy")]
    for initial, marker, shift in (("learned", "o", -0.15), ("one_hot", "D", 0.15)):
        line = wide[wide["initial"] == initial]
        face = colour if initial == "learned" else "white"
        axes.plot(
            line["vertices"] + shift, line["estimate"], marker, color=colour, markerfacecolor=face, zorder=3
        )
        axes.vlines(line["vertices"] + shift, line["low"], line["high"], color=colour, linewidth=0.8)
    axes.set_xticks(sorted(set(wide["vertices"])))
    axes.set_title("dense, width |V|")
    axes.set_xlabel("vertices")
    axes.axhline(SOLVED, color=GREY, linewidth=0.6, linestyle=":")


def _key(figure: Figure, colours: dict) -> None:
    handles = [
        Line2D([], [], marker="o", color=colour, label=words.count_of(int(n), "expert"))
        for n, colour in colours.items()
    ]
    handles += [
        Line2D([], [], color=INK, linestyle=":", label="questions trained on"),
        Line2D([], [], color=INK, marker="D", markerfacecolor="white", linestyle="", label="starts one-hot"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _caption(runs: pd.DataFrame, points: pd.DataFrame, swept: list[int]) -> str:
    shown = points[points["measure"] == "test_accuracy"]
    learned = shown[shown["initial"] == "learned"]
    parts = []
    for vertices in swept:
        here = learned[learned["vertices"] == vertices]
        for experts, line in here.groupby("experts"):
            values = ", ".join(
                f"{words.percent(row['estimate'])} at {row['width']}" for _, row in line.iterrows()
            )
            parts.append(f"{vertices} vertices, {words.count_of(int(experts), 'expert')}: {values}")
    one_hot = shown[shown["initial"] == "one_hot"]
    started = ", ".join(
        f"{words.percent(row['estimate'])} ({row['vertices']} vertices)" for _, row in one_hot.iterrows()
    )
    end = f" From one-hot embeddings: {started}." if started else ""
    tested = words.span(runs["test_questions"], " questions")
    widest = learned.loc[learned.groupby(["vertices", "experts"])["width"].idxmax()]
    solved = widest[widest["vertices"].isin(swept) & (widest["estimate"] >= _SURE)]
    kinds = int(widest["vertices"].isin(swept).sum())
    least = {n: minimum_width(n, 1, _PRECISION) for n in swept}
    ruled = [f"{n} vertices: below {width}" for n, width in least.items() if width > 1]
    bound = (
        f"At {_PRECISION} bits the theorem rules out widths ({', '.join(ruled)})"
        if ruled
        else (f"At {_PRECISION} bits the theorem rules out no width here")
    )
    seeds = words.span(points["n"], " seeds")
    return (
        f"{bound}: where models fail, training is the limit. The widest models are right on at least 99 % "
        f"for {len(solved)} of {kinds} pairs of vertices and experts. Right answers to {tested} that no "
        f"model was trained on, mean over {seeds} with 95 % interval; half of the answers are yes. "
        f"{'; '.join(parts)}.{end}"
    )
