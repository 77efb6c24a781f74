"""Figure `score_densities`: where the scores of right and of wrong weak labels lie."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.outlines import draw_outline
from study.plotting.influence.panels import legend, panel_width, wrapped
from study.plotting.selection import pools as shared
from study.plotting.selection.arms import high_score_label, score_label
from study.plotting.style import Drawing, styled

_BINS = 30
_HEIGHT = 1.7  # of a panel with its title and labels, in inches
_INNER = 1.1  # of what is within its axes, about


@styled
def draw_score_densities(
    pools: pd.DataFrame, agreement: pd.DataFrame, datasets: Sequence[str], scores: Sequence[str]
) -> Drawing:
    """A panel a language and score: shares of right and of wrong weak labels in bins, of all repeats' pools.

    Args:
        pools: `dataset, repeat, right_all` and the scores.
        agreement: `dataset, score, metric, estimate, low, high, n`, as score_agreement.csv of the chapter.
        datasets: one a language, in order.
        scores: the two.
    """
    shown = [name for name in datasets if name in set(pools["dataset"])]
    missing = shared.without_any(pools, datasets)
    if not shown:
        return nothing_to_draw("the scores of the pools", missing)
    points = pd.concat([_bins(pools, shown, score) for score in scores], ignore_index=True)
    found = shared.estimates(agreement, "auroc", 0)
    figure, pairs = shared.two_panels_each(len(shown), _HEIGHT)
    width = panel_width(min(len(shown), 3) if len(shown) > 1 else 2)
    for dataset, pair in zip(shown, pairs, strict=True):
        for axes, score in zip(pair, scores, strict=True):
            rows = found[(found["dataset"] == dataset) & (found["score"] == score)]
            of_score = points[points["score"] == score]
            _draw(axes, of_score[of_score["dataset"] == dataset], of_score, f"AUROC {shared.told(rows)}")
            axes.set_title(wrapped(f"{dataset}: {score_label(score)}", width))
            axes.set_xlabel(wrapped(shared.unit(score), width))
            axes.set_ylabel("weak labels, %")
    handles = [
        Line2D([], [], color=colour, label=f"{label}s")
        for right, (colour, label) in shared.LOOKS.items()
        if (points["right"] == right).any()
    ]
    repeats = words.span(agreement["n"], " repeats")
    legend(figure, handles, f"AUROC for wrong weak labels: mean and 95 % interval over {repeats}")
    return Drawing(figure, points, _caption(pools, found, shown, scores) + missing)


def _bins(pools: pd.DataFrame, shown: Sequence[str], score: str) -> pd.DataFrame:
    """`score, dataset, right, low_edge, high_edge, share, labels`; all groups share the bins."""
    values = pools[score]
    edges = np.linspace(values.min(), values.max() + (values.min() == values.max()), _BINS + 1)
    frames = []
    for dataset in shown:
        for right in shared.LOOKS:
            own = values[(pools["dataset"] == dataset) & (pools["right_all"] == right)]
            if own.empty:
                continue
            share = np.histogram(own, bins=edges)[0] / len(own)
            bins = {"low_edge": edges[:-1], "high_edge": edges[1:], "share": share, "labels": len(own)}
            frames.append(pd.DataFrame({"score": score, "dataset": dataset, "right": right, **bins}))
    return pd.concat(frames, ignore_index=True)


def _draw(axes: Axes, own: pd.DataFrame, of_score: pd.DataFrame, text: str) -> None:
    """Outlines, filled lightly; axes are those of all languages' panels of the score."""
    for right, (colour, _) in shared.LOOKS.items():
        rows = own[own["right"] == right]
        if len(rows):
            draw_outline(axes, rows, colour, filled=True)
    axes.set_xlim(of_score["low_edge"].min(), of_score["high_edge"].max())
    axes.locator_params(nbins=4)
    shared.write_above(axes, text, 0.0, 105 * of_score["share"].max(), _INNER)


def _caption(pools: pd.DataFrame, found: pd.DataFrame, shown: Sequence[str], scores: Sequence[str]) -> str:
    told = []
    for name in shown:
        own = found[found["dataset"] == name]
        rates = [f"{high_score_label(score)} {shared.told(own[own['score'] == score])}" for score in scores]
        told.append(f"{name} ({shared.counted(pools[pools['dataset'] == name])}): {', '.join(rates)}.")
    ends = found[found["dataset"].isin(shown) & found["score"].isin(scores)].dropna(subset="estimate")
    above, below = int((ends["low"] > 0.5).sum()), int((ends["high"] < 0.5).sum())
    repeats, tested = words.span(found["n"], " repeats"), words.count_of(len(ends), "interval")
    return (
        "The chance that a wrong weak label has a higher score than a right one of the same pool (AUROC), "
        f"mean over {repeats} with 95 % intervals; in brackets, what is drawn: the labels of all repeats' "
        f"pools. {' '.join(told)} Of {tested} {above} lie above 0.5, where high scores take more wrong "
        f"labels than chance does, and {below} below."
    )
