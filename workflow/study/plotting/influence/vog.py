"""Figures `vog_by_class` and `vog_by_domain`: VoG by class, normalised in two ways, and what is kept."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from scipy.ndimage import gaussian_filter1d

from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.normalised import (
    COLUMNS,
    OVERALL,
    WITHIN,
    kept_of_classes,
    known_vog,
    left_of,
    named_classes,
    said_normalised,
    z_scores,
)
from study.plotting.layout import model_key, stripe_rows
from study.plotting.style import GREY, INK, PAGE, Drawing, model_colours, model_markers, styled

_PRUNED = 0.5
_LINEAR = 0.5  # the axis of z-scores is linear near 0 and logarithmic beyond: VoG has a long tail
_TICKS = (-100, -30, -10, -3, -1, 0, 1, 3, 10, 30, 100)
_CELLS = 240  # of the grid on which densities are estimated
_QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
_TITLES = {OVERALL: "normalised over all examples", WITHIN: "normalised within each {kind}"}
_HEIGHTS = {"class": 0.42, "domain": 0.175}  # of a row, in inches


@styled
def draw_vog_by_class(
    rankings: pd.DataFrame, names: Mapping[int, str], models: Sequence[str], dataset: str
) -> Drawing:
    """A row of panels a model: densities by class under either normalisation, and shares kept of each class.

    Args:
        rankings: `model, example_id, label, vog_embedding, vog_embedding_class`.
        names: of the classes, by label.
        models: all of the study's, in order.
        dataset: its name.
    """
    return _draw(rankings, names, models, dataset, "class", _density, _draw_densities)


@styled
def draw_vog_by_domain(
    rankings: pd.DataFrame, names: Mapping[int, str], models: Sequence[str], dataset: str
) -> Drawing:
    """As `draw_vog_by_class`, for many classes of unequal size: percentiles of each, the largest first."""
    return _draw(rankings, names, models, dataset, "domain", _percentiles, _draw_percentiles)


def _draw(
    rankings: pd.DataFrame,
    names: Mapping[int, str],
    models: Sequence[str],
    dataset: str,
    kind: str,
    summed: Callable[[np.ndarray], pd.DataFrame],
    draw: Callable[[Axes, pd.DataFrame, Sequence[str], str], None],
) -> Drawing:
    known = known_vog(rankings, models)
    if not known:
        return nothing_to_draw(dataset, " Not shown: VoG (no encoder tells examples apart by it).")
    classes = {model: named_classes(rows, names, by_size=kind == "domain") for model, rows in known.items()}
    spreads = {model: _spreads(rows, classes[model], summed) for model, rows in known.items()}
    kept = {model: _kept(rows, classes[model]) for model, rows in known.items()}
    heights = [_HEIGHTS[kind] * len(classes[model]) + 0.8 for model in known]
    figure = Figure(figsize=(PAGE, sum(heights) + 0.65), layout="constrained")
    parts = figure.subfigures(len(known), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, model in zip(parts, known, strict=True):
        panels = part.subplots(1, 3, width_ratios=[1, 1, 0.8])
        rows = [f"{entry.class_name} ({entry.examples:,})" for entry in classes[model].itertuples()]
        colour = model_colours(models)[model]
        for axes, column in zip(panels, COLUMNS, strict=False):
            found = spreads[model]
            draw(axes, found[found["normalised"] == column], classes[model]["class_name"].tolist(), colour)
            axes.set_title(_TITLES[column].format(kind=kind))
        _z_axes(panels[:2], spreads[model])
        _draw_kept(panels[2], kept[model], classes[model]["class_name"].tolist(), model, models)
        panels[2].set_title(f"kept of each {kind}")
        panels[0].set_yticks(range(len(rows)), rows)
        for axes in panels[1:]:
            axes.set_yticks([])
    model_key(figure, list(known), models, _remark(kind))
    points = [table.assign(model=model) for found in (spreads, kept) for model, table in found.items()]
    points = pd.concat(points, ignore_index=True)
    return Drawing(figure, points, _caption(known, classes, kept, kind, dataset))


def _remark(kind: str) -> str:
    spread = "Thin: 5 to 95 % of the examples; thick: their middle half; tick: median. "
    return (
        f"{spread if kind == 'domain' else ''}Right of the vertical line is what stays when the easier half "
        f"goes.\nKept by VoG normalised over all examples (open) or within each {kind} (filled); grey bar: "
        "by chance (95 % of draws)"
    )


def _spreads(
    rows: pd.DataFrame, classes: pd.DataFrame, summed: Callable[[np.ndarray], pd.DataFrame]
) -> pd.DataFrame:
    """What is drawn of the z-scores of each class, and the cut: the least z-score that is left."""
    frames, labels = [], rows["label"].to_numpy()
    for column in COLUMNS:
        z = z_scores(rows, column)
        cut = np.sort(z)[len(z) - left_of(len(z), _PRUNED)]
        frames += [
            summed(z[labels == entry.label]).assign(
                normalised=column, class_name=entry.class_name, examples=entry.examples, cut=cut
            )
            for entry in classes.itertuples()
        ]
    return pd.concat(frames, ignore_index=True)


def _kept(rows: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    return kept_of_classes(rows, classes, np.array([left_of(len(rows), _PRUNED)]))


def _density(z: np.ndarray) -> pd.DataFrame:
    """`z, density` by a Gaussian kernel (Silverman 1986, eq. 3.31) on the drawn axis, per unit of it."""
    places = np.arcsinh(z / _LINEAR)
    spread = min(places.std(), np.subtract(*np.percentile(places, [75, 25])) / 1.34) or places.std()
    width = max(0.9 * spread * len(z) ** -0.2, 0.02)
    low, high = places.min() - 4 * width, places.max() + 4 * width
    counts, edges = np.histogram(places, bins=_CELLS, range=(low, high))
    cell = edges[1] - edges[0]
    smooth = gaussian_filter1d(counts / (len(z) * cell), width / cell, mode="constant")
    return pd.DataFrame({"z": _LINEAR * np.sinh((edges[:-1] + edges[1:]) / 2), "density": smooth})


def _percentiles(z: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame([dict(zip(_QUANTILES, np.quantile(z, list(_QUANTILES.values())), strict=True))])


def _draw_densities(axes: Axes, points: pd.DataFrame, classes: Sequence[str], colour: str) -> None:
    """A curve a class on its own ground line; what is left by the cut is dark."""
    stripe_rows(axes, len(classes))
    axes.set_ylim(len(classes) - 0.5, -0.6)
    scale, cut = 0.9 / points["density"].max(), points["cut"].iloc[0]
    for row, name in enumerate(classes):
        curve = points[points["class_name"] == name]
        ground, top = row + 0.4, row + 0.4 - scale * curve["density"]
        for right, alpha in ((False, 0.2), (True, 0.65)):
            inside = (curve["z"] >= cut) == right
            axes.fill_between(curve["z"], ground, top, where=inside, color=colour, alpha=alpha, linewidth=0)
        axes.plot(curve["z"], top, color=colour, linewidth=0.8)
    axes.axvline(cut, color=INK, linewidth=0.7)


def _draw_percentiles(axes: Axes, points: pd.DataFrame, classes: Sequence[str], colour: str) -> None:
    stripe_rows(axes, len(classes))
    y = points["class_name"].map(list(classes).index)
    axes.hlines(y, points["p05"], points["p95"], color=colour, linewidth=0.8)
    axes.hlines(y, points["p25"], points["p75"], color=colour, linewidth=4, alpha=0.45)
    axes.plot(points["median"], y, "|", color=colour, markersize=6, markeredgewidth=1.4)
    axes.axvline(points["cut"].iloc[0], color=INK, linewidth=0.7)


def _z_axes(panels: Sequence[Axes], spreads: pd.DataFrame) -> None:
    """The same axis under both normalisations, so that their spreads compare."""
    ends = spreads["z"] if "z" in spreads else spreads[["p05", "p95"]].stack()
    low, high = (np.arcsinh(end / _LINEAR) for end in (ends.min(), ends.max()))
    margin = 0.03 * (high - low)
    for axes in panels:
        axes.set_xscale("asinh", linear_width=_LINEAR)
        axes.set_xlim(*(_LINEAR * np.sinh(end) for end in (low - margin, high + margin)))
        axes.xaxis.set_major_locator(FixedLocator(_TICKS))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
        axes.set_xlabel("VoG (std), easy → hard")


def _draw_kept(
    axes: Axes, kept: pd.DataFrame, classes: Sequence[str], model: str, models: Sequence[str]
) -> None:
    colour, marker = model_colours(models)[model], model_markers(models)[model]
    stripe_rows(axes, len(classes))
    y = kept["class_name"].map(list(classes).index)
    chance = kept["normalised"] == OVERALL  # the same under both
    axes.barh(
        y[chance],
        100 * (kept["random_high"] - kept["random_low"])[chance],
        left=100 * kept["random_low"][chance],
        height=0.7,
        color="#c4c4c4",
    )
    for column, face, size in ((OVERALL, "white", 5.0), (WITHIN, colour, 3.0)):  # both seen where they meet
        here = kept["normalised"] == column
        x = 100 * kept["kept"][here]
        axes.plot(x, y[here], marker, color=colour, markerfacecolor=face, markersize=size, zorder=3)
    axes.axvline(100 * kept["kept_of_all"].iloc[0], color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    axes.set_xlim(-3, 103)
    axes.set_xlabel("examples kept, %")


def _caption(
    known: Mapping[str, pd.DataFrame],
    classes: Mapping[str, pd.DataFrame],
    kept: Mapping[str, pd.DataFrame],
    kind: str,
    dataset: str,
) -> str:
    n, first = len(next(iter(known.values()))), next(iter(classes.values()))
    sizes = words.span([first["examples"].min(), first["examples"].max()], f" examples of a {kind}")
    parts = [f"{dataset}: {n:,} training examples, {sizes}; the harder half by VoG is kept."]
    parts += [f"With {model} it keeps, {said_normalised(table, kind)}." for model, table in kept.items()]
    return " ".join(parts)
