"""Figure `entropy_el2n`: two scores of the pool against each other, given by scorers and by the teacher."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.panels import legend, panel_width, wrapped
from study.plotting.selection import pools as shared
from study.plotting.selection.arms import score_label
from study.plotting.style import Drawing, styled
from study.selection.uncertainty import OF_ONE, OF_TEACHER

_BY = {"scorer": (OF_ONE, "by one scorer"), "teacher": (OF_TEACHER, "by the teacher")}
_MARKERS = {True: "o", False: "x"}
_HEIGHT = 2.0  # of a panel with its title and labels, in inches
_INNER = 1.5  # of what is within its axes, about


@styled
def draw_entropy_el2n(
    pools: pd.DataFrame, agreement: pd.DataFrame, datasets: Sequence[str], scores: Sequence[str]
) -> Drawing:
    """Two panels a language, with the same axes in all: a dot for each utterance of the first repeat's pool.

    Args:
        pools: `dataset, repeat, right_all`, and the scores of one scorer (`scorer_…`) and of the teacher
            (`teacher_…`).
        agreement: `dataset, metric, estimate, low, high, n`, as score_agreement.csv of the chapter.
        datasets: one a language, in order.
        scores: the two, horizontal first.
    """
    points = _points(pools, datasets, scores)
    missing = shared.without_any(pools, datasets)
    if points.empty:
        return nothing_to_draw("the scores of the pool", missing)
    shown = [name for name in datasets if name in set(points["dataset"])]
    found = {
        by: shared.estimates(agreement, f"spearman_{by}", -1).set_index("dataset", drop=False) for by in _BY
    }
    figure, pairs = shared.two_panels_each(len(shown), _HEIGHT)
    width = panel_width(min(len(shown), 3) if len(shown) > 1 else 2)
    for dataset, pair in zip(shown, pairs, strict=True):
        for axes, (by, (_, named)) in zip(pair, _BY.items(), strict=True):
            own = points[(points["dataset"] == dataset) & (points["by"] == by)]
            rows = found[by][found[by]["dataset"] == dataset]
            _draw(axes, own, points, f"Spearman {shared.told(rows)}")
            axes.set_title(wrapped(f"{dataset}: {named}", width))
            axes.set_xlabel(wrapped(_label(scores[0]), width))
            axes.set_ylabel(wrapped(_label(scores[1]), _INNER))
    handles = [
        Line2D([], [], linestyle="", marker=_MARKERS[right], color=colour, label=label)
        for right, (colour, label) in shared.LOOKS.items()
        if (points["right"] == right).any()
    ]
    repeats = words.span(agreement["n"], " repeats")
    legend(figure, handles, f"the first repeat's pool; Spearman: mean and 95 % interval over {repeats}")
    return Drawing(figure, points, _caption(pools, agreement, shown, scores) + missing)


def _points(pools: pd.DataFrame, datasets: Sequence[str], scores: Sequence[str]) -> pd.DataFrame:
    """`dataset, by (scorer, teacher), x, y, right`, a row per dot."""
    parts = [
        own.rename(columns={f"{prefix}{scores[0]}": "x", f"{prefix}{scores[1]}": "y", "right_all": "right"})
        .assign(by=by)
        .loc[:, ["dataset", "by", "x", "y", "right"]]
        for name in datasets
        for own in [pools[pools["dataset"] == name]]
        for by, (prefix, _) in _BY.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _label(score: str) -> str:
    return f"{score_label(score)}, {shared.unit(score)}"


def _draw(axes: Axes, own: pd.DataFrame, points: pd.DataFrame, text: str) -> None:
    """Dots and crosses, those there are more of below; in the pdf they are a picture."""
    size = min(8.0, max(1.5, 2500 / len(own)))
    for right in sorted(_MARKERS, key=lambda right: -(own["right"] == right).sum()):
        rows = own[own["right"] == right]
        look = {"alpha": 0.5, "linewidths": 0.0} if right else {"alpha": 0.7, "linewidths": 0.6}
        axes.scatter(
            rows["x"], rows["y"], c=shared.LOOKS[right][0], marker=_MARKERS[right], s=size, rasterized=True,
            **look,
        )  # fmt: skip
    (left, right_end), (low, high) = (_ends(points[axis]) for axis in ("x", "y"))
    axes.set_xlim(left, right_end)
    axes.locator_params(nbins=4)
    shared.write_above(axes, text, low, high, _INNER)


def _ends(values: pd.Series) -> tuple[float, float]:
    """Of an axis, with a little room."""
    room = 0.04 * max(values.max() - values.min(), 1e-6)
    return values.min() - room, values.max() + room


def _caption(
    pools: pd.DataFrame, agreement: pd.DataFrame, shown: Sequence[str], scores: Sequence[str]
) -> str:
    told = []
    for name in shown:
        own = agreement[agreement["dataset"] == name]
        scorer, teacher, difference, mean = (
            shared.told(shared.estimates(own, f"spearman_{what}", least))
            for what, least in (("scorer", -1), ("teacher", -1), ("difference", -2), ("scorers", -1))
        )
        drawn = shared.counted(pools[pools["dataset"] == name])
        told.append(
            f"{name} ({drawn}): {scorer} by one scorer, {teacher} by the teacher, difference {difference}; "
            f"{mean} by means over all scorers."
        )
    return (
        f"Spearman's correlation of {score_label(scores[0])} and {score_label(scores[1])} in the pool, mean "
        f"over {words.span(agreement['n'], ' repeats')} with 95 % intervals; in brackets, what is drawn: the "
        f"first repeat's pool. {' '.join(told)}"
    )
