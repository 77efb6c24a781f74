"""Figure `influence_correlation`: whether scores rank alike and name the same hardest examples."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.layout import annotate_cells, bare, text_width
from study.plotting.style import INK, MATRIX_COLOURS, PAGE, Drawing, present, share_colours, styled

_SHARE = 0.1  # of the examples, that count as the hardest: the nearest that the table holds
_CELL, _LEAST = 0.42, 2.2  # a cell measures at most, and all together at least, in inches
_BARS = 2.0  # inches for the scales


@styled
def draw_influence_correlation(
    correlation: pd.DataFrame,
    overlap: pd.DataFrame,
    models: Sequence[str],
    columns: Sequence[str],
    dataset: str,
) -> Drawing:
    """One square matrix: below the diagonal Spearman correlations, above it overlaps of the hardest examples.

    Scores are turned so that high means hard, and those that agree most with the others come first.

    Args:
        correlation: `model, kind, score_a, score_b, estimate, low, high, n`; `mean_mean` is shown.
        overlap: `model, share, score_a, score_b, jaccard, by_chance, examples`, each pair once.
        models: all of the study's, in order; means over them are shown.
        columns: score columns to show.
        dataset: its name.
    """
    shown = present(correlation, models)
    pairs = _correlations(correlation, shown, columns)
    known = [column for column in columns if (pairs["score_a"] == column).any()]
    missing = [words.score_label(column) for column in columns if column not in known]
    said = (
        f" Not shown: {', '.join(missing)} (the same for all examples, or not recorded)." if missing else ""
    )
    if len(known) < 2:
        return nothing_to_draw(dataset, said)
    names = _order(pairs, known)
    common = _overlaps(overlap, shown, names)
    points = _points(pairs, common, names)
    labels = [words.marked_label(name) for name in names]
    label = max(map(text_width, labels))
    side = min(PAGE - label - _BARS, max(_LEAST, _CELL * len(names)))
    figure = Figure(figsize=(label + side + _BARS, side + label + 0.3), layout="constrained")
    axes = figure.subplots()
    images = _draw_cells(axes, points, names)
    axes.set_yticks(range(len(names)), labels)
    axes.set_xticks(range(len(names)), labels, rotation=90)
    _scales(figure, axes, images, common)
    caption = _caption(points, common, names, shown, dataset)
    return Drawing(figure, points, f"{caption}{said}{words.coarse_note(names)}")


def _draw_cells(axes: Axes, points: pd.DataFrame, names: Sequence[str]) -> list[AxesImage]:
    """The two triangles, each in its own colours and with its numbers."""
    looks = {
        "correlation": {"cmap": MATRIX_COLOURS, "vmin": -1, "vmax": 1},
        "overlap": {"cmap": share_colours(), "vmin": 0, "vmax": 1},
    }
    axes.set_facecolor("#eeeeee")  # not defined
    bare(axes)
    images = []
    for panel, look in looks.items():
        square = _square(points, panel, names)
        images.append(axes.imshow(square, **look))
        annotate_cells(axes, square, dark=0.72)
    return images


def _scales(figure: Figure, axes: Axes, images: Sequence[AxesImage], common: pd.DataFrame) -> None:
    """A bar of colours a triangle; on that of overlaps a line at what chance gives."""
    texts = ["below: Spearman correlation"]
    if len(common):
        share, chance = words.percent(common["share"].iloc[0], 0), common["by_chance"].mean()
        texts.append(
            f"above: overlap of the hardest {share}\n(Jaccard; line: by chance, {words.number(chance)})"
        )
    for image, text in reversed(list(zip(images, texts, strict=False))):
        bar = figure.colorbar(image, ax=axes, shrink=0.95, aspect=28, pad=0.02)
        bar.set_label(text)
        bar.outline.set_visible(False)
        if image is images[1]:
            bar.ax.axhline(chance, color=INK, linewidth=0.9)


def _correlations(correlation: pd.DataFrame, shown: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Mean over models of each pair of different scores, both ways, turned so that high means hard."""
    rows = correlation[
        (correlation["kind"] == "mean_mean")
        & correlation["model"].isin(shown)
        & correlation["score_a"].isin(columns)
        & correlation["score_b"].isin(columns)
        & (correlation["score_a"] != correlation["score_b"])
    ]
    sign = rows["score_a"].map(words.hard_sign) * rows["score_b"].map(words.hard_sign)
    ends = np.sort(rows[["low", "high"]].mul(sign, axis=0).to_numpy(dtype=float), axis=1)
    turned = rows.assign(estimate=sign * rows["estimate"], low=ends[:, 0], high=ends[:, 1])
    return mean_over_models(turned, ["score_a", "score_b"])


def _order(pairs: pd.DataFrame, known: Sequence[str]) -> list[str]:
    agreement = pairs.groupby("score_a")["estimate"].mean()[list(known)]
    return agreement.sort_values(ascending=False, kind="stable").index.tolist()


def _overlaps(overlap: pd.DataFrame, shown: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """Mean over models of each pair, at one share; `model` counts the models."""
    rows = overlap[
        overlap["model"].isin(shown) & overlap["score_a"].isin(names) & overlap["score_b"].isin(names)
    ].dropna(subset="jaccard")
    if rows.empty:
        return rows
    shares = rows["share"].unique()
    rows = rows[rows["share"] == shares[np.abs(shares - _SHARE).argmin()]]
    return rows.groupby(["share", "score_a", "score_b"], sort=False, as_index=False).agg(
        {"jaccard": "mean", "by_chance": "mean", "examples": "min", "model": "nunique"}
    )


def _points(pairs: pd.DataFrame, common: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """One row a cell; of either panel score_a is the row and score_b the column."""
    place = {name: at for at, name in enumerate(names)}
    a, b = pairs["score_a"].map(place), pairs["score_b"].map(place)
    below = pairs[a > b].assign(panel="correlation")
    swap = common["score_a"].map(place) > common["score_b"].map(place)
    above = common.rename(columns={"jaccard": "estimate", "model": "models"}).assign(panel="overlap")
    above.loc[swap, ["score_a", "score_b"]] = common.loc[swap, ["score_b", "score_a"]].to_numpy()
    return pd.concat([below, above], ignore_index=True)


def _square(points: pd.DataFrame, panel: str, names: Sequence[str]) -> np.ndarray:
    of_panel = points[points["panel"] == panel].pivot(index="score_a", columns="score_b", values="estimate")
    return of_panel.reindex(index=names, columns=names).to_numpy(dtype=float)


def _caption(
    points: pd.DataFrame, common: pd.DataFrame, names: Sequence[str], shown: Sequence[str], dataset: str
) -> str:
    counts = f"{words.count_of(len(names), 'score')}, {words.count_of(len(shown), 'encoder')}"
    below = points[points["panel"] == "correlation"]
    parts = [f"{dataset}: {counts}, {words.span(below['n'], ' runs')} each."]
    sure = words.headline(names)
    below = below[below["score_a"].isin(sure) & below["score_b"].isin(sure)]
    if len(below):
        low, high = below.loc[below["estimate"].idxmin()], below.loc[below["estimate"].idxmax()]
        said = f"{_pair(high)}, {words.interval(high)}"
        if len(below) > 1:
            said += f"; least {_pair(low)}, {words.interval(low)}; the median is "
            said += words.number(below["estimate"].median())
        parts.append(f"Averaged over runs, most alike rank {said}.")
    if len(common):
        most = common.loc[common["jaccard"].idxmax()]
        parts.append(
            f"Of the hardest {words.percent(most['share'], 0)} of {int(most['examples']):,} examples two "
            f"scores share {words.number(common['jaccard'].median())} in the median (Jaccard), at most "
            f"{words.number(most['jaccard'])} ({_pair(most)}); by chance it would be "
            f"{words.number(common['by_chance'].mean())}, and "
            f"{int((common['jaccard'] > common['by_chance']).sum())} of {len(common)} pairs are above."
        )
    return " ".join(parts)


def _pair(row: pd.Series) -> str:
    return f"{words.score_label(row['score_a'])} and {words.score_label(row['score_b'])}"
