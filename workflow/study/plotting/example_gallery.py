"""Figure `example_gallery`: the hardest, easiest, most and least sensitive examples as pictures."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.data.dataset import Dataset
from study.plotting import words
from study.plotting.layout import bare, model_key, text_width
from study.plotting.style import (
    INK,
    PAGE,
    SMALL,
    Drawing,
    model_colours,
    model_markers,
    present,
    styled,
)

_SIDE, _STRIP, _LINE = 0.6, 0.2, 0.13  # inches: smallest picture, ranks below it, a line of text
_TITLES = {
    "hardest": "hardest",
    "easiest": "easiest",
    "most": "most sensitive to the model",
    "least": "least sensitive to the model",
}


@styled
def draw_example_gallery(
    dataset: Dataset,
    scores: pd.DataFrame,
    sensitive: pd.DataFrame | None,
    models: Sequence[str],
    columns: Sequence[str],
    count: int,
) -> Drawing:
    """Two or four groups of training examples; below each picture its label, and its rank with every model.

    Args:
        dataset: with images, (N, 1 or 3, H, W) uint8.
        scores: the models' scores.parquet one below the other, with a column `model`.
        sensitive: `kind` (most, least), `place`, `example` (row of scores.parquet), `equivalent_everywhere`;
            None where there is one model alone.
        models: in the study's order.
        columns: the first one says which examples are hard.
        count: pictures in a group.
    """
    shown = present(scores, models)
    ranks = _ranks(scores, shown, columns[0])
    groups = _groups(ranks, sensitive, count)
    examples = _examples(dataset, ranks.index)
    written = [examples["written"].iloc[place] for places in groups.values() for place in places]
    cell = max(_SIDE, max(text_width(line) for text in written for line in text.split("\n")) + 0.08)
    across = min(count, int((PAGE - 0.1) / cell))
    cell = min((PAGE - 0.1) / across, 0.95)
    rows = {kind: _row_height(examples["written"].iloc[places], cell) for kind, places in groups.items()}
    heights = [rows[kind] * -(-len(places) // across) for kind, places in groups.items()]
    figure = Figure(figsize=(PAGE, sum(heights) + 0.22 * len(groups) + 0.4), layout="constrained")
    grid = figure.subplots(len(groups), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for axes, (kind, places) in zip(grid, groups.items(), strict=True):
        _draw_group(
            axes, dataset.train.inputs, examples, ranks.iloc[places], models, across, cell, rows[kind]
        )
        axes.set_title(_TITLES[kind])
    model_key(figure, shown, models)
    points = _points(examples, ranks, groups)
    return Drawing(figure, points, _caption(dataset, examples, ranks, groups, columns[0], sensitive))


def _ranks(scores: pd.DataFrame, shown: Sequence[str], column: str) -> pd.DataFrame:
    """Ranks by the mean score as shares of N, 1 = hardest; a row per example_id, a column per model."""
    by_model = {}
    for model in shown:
        of_model = scores[scores["model"] == model].set_index("example_id")[f"{column}_mean"]
        hard = words.hard_sign(column) * of_model.astype(float)
        by_model[model] = (hard.rank() - 0.5) / len(hard)
    return pd.DataFrame(by_model)


def _groups(ranks: pd.DataFrame, sensitive: pd.DataFrame | None, count: int) -> dict[str, list[int]]:
    """Rows of the examples in each group."""
    order = np.argsort(-ranks.mean(axis=1).to_numpy(), kind="stable")
    groups = {"hardest": order[:count].tolist(), "easiest": order[::-1][:count].tolist()}
    for kind in ("most", "least") if sensitive is not None else ():
        rows = sensitive[sensitive["kind"] == kind].sort_values("place").head(count)
        if len(rows):
            groups[kind] = rows["example"].astype(int).tolist()
    return groups


def _examples(dataset: Dataset, ids: pd.Index) -> pd.DataFrame:
    """Of each example its row in the data set, class as trained on and as given, and the text below it."""
    rows = pd.Index(dataset.train.ids).get_indexer(ids)
    classes = np.array(dataset.classes, dtype=object)
    label, given = classes[dataset.train.labels[rows]], classes[dataset.train.true_labels[rows]]
    written = np.where(label == given, label, label + "\nwas " + given)
    return pd.DataFrame({"row": rows, "label": label, "true_label": given, "written": written}, index=ids)


def _row_height(written: pd.Series, cell: float) -> float:
    """Inches for a line of pictures with their ranks and labels."""
    return cell + _STRIP + _LINE * (1 + written.str.count("\n").max())


def _draw_group(
    axes: Axes,
    inputs: np.ndarray,
    examples: pd.DataFrame,
    ranks: pd.DataFrame,
    models: Sequence[str],
    across: int,
    cell: float,
    row: float,
) -> None:
    """Pictures in lines of `across`, in inches from the top left corner; y grows downwards."""
    colours, markers = model_colours(models), model_markers(models)
    side, brightest = cell - 0.08, int(inputs.max())
    lines, places = np.divmod(np.arange(len(ranks)), across)
    lefts, tops = places * cell, lines * row
    for name, left, top in zip(ranks.index, lefts, tops, strict=True):
        picture = inputs[examples.loc[name, "row"]].transpose(1, 2, 0)
        axes.imshow(
            picture if picture.shape[2] == 3 else picture[:, :, 0],
            cmap="gray",
            vmin=0,
            vmax=brightest,
            extent=(left, left + side, top + side, top),
            interpolation="nearest",
        )
        level = top + side + _STRIP / 2
        axes.plot([left, left + side], [level, level], color="#bdbdbd", linewidth=0.6, zorder=1)
        axes.text(
            left + side / 2,
            top + side + _STRIP,
            examples.loc[name, "written"],
            ha="center",
            va="top",
            fontsize=SMALL,
            linespacing=1.1,
            color=INK,
        )
    for model, rank in ranks.items():
        axes.plot(
            lefts + side * rank.to_numpy(),
            tops + side + _STRIP / 2,
            markers[model],
            color=colours[model],
            markersize=3.2,
            alpha=0.85,
            clip_on=False,
        )
    axes.set_xlim(-0.02, across * cell)
    axes.set_ylim(row * (-(-len(ranks) // across)), 0)
    axes.set_aspect("equal", anchor="W")
    axes.set_xticks([])
    axes.set_yticks([])
    bare(axes)


def _points(examples: pd.DataFrame, ranks: pd.DataFrame, groups: dict[str, list[int]]) -> pd.DataFrame:
    parts = []
    for kind, places in groups.items():
        here = ranks.iloc[places].rename_axis("example_id").reset_index()
        here.insert(0, "place", np.arange(1, len(places) + 1))
        long = here.melt(["place", "example_id"], var_name="model", value_name="rank")
        parts.append(long.sort_values("place", kind="stable").assign(group=kind))
    points = pd.concat(parts, ignore_index=True).join(examples[["label", "true_label"]], on="example_id")
    return points[["group", "place", "example_id", "label", "true_label", "model", "rank"]]


def _caption(
    dataset: Dataset,
    examples: pd.DataFrame,
    ranks: pd.DataFrame,
    groups: dict[str, list[int]],
    column: str,
    sensitive: pd.DataFrame | None,
) -> str:
    flipped = examples["label"] != examples["true_label"]
    spread = {kind: np.ptp(ranks.iloc[places].to_numpy(), axis=1) for kind, places in groups.items()}
    text = (
        f"{dataset.name}: {len(ranks):,} training examples, ranked by {words.score_label(column)}, mean over "
        f"runs, with {words.count_of(ranks.shape[1], 'model')}."
    )
    if flipped.any():
        found = int(flipped.iloc[groups["hardest"]].sum())
        text += (
            f" {found} of the {len(groups['hardest'])} hardest carry a label that was changed, as do "
            f"{words.percent(flipped.mean())} of all examples."
        )
    if {"most", "least"} <= set(groups):
        text += (
            f" The ranks that models give to one of the most sensitive examples shown span "
            f"{words.percent(np.median(spread['most']), 0)} of the ranking (median), to one of the least "
            f"sensitive {words.percent(np.median(spread['least']), 0)}."
        )
        everywhere = sensitive.loc[sensitive["kind"] == "least"].nsmallest(len(groups["least"]), "place")
        equivalent = int(everywhere["equivalent_everywhere"].sum())
        at_ends = int((abs(ranks.iloc[groups["least"]].mean(axis=1) - 0.5) > 0.4).sum())
        text += (
            f" Of the {len(groups['least'])} least sensitive {equivalent} are shown to be equivalent in "
            f"every pair of models, and {at_ends} stand in the hardest or easiest tenth, where ranks have "
            f"least room to differ."
        )
    return text
