"""Figure `embedding_map`: what encoders make of texts, before and after the hardest are removed.

A map is the plane of the two principal axes of a model's training texts, in any unit. The map after removal
is turned and mirrored as a whole, which changes no distance in it, so that test texts lie where they lay
before as far as that goes: the axes of two models have no order or direction in common.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from study.analysis.intervals import paired_interval
from study.files import read_parquet
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.panels import legend
from study.plotting.layout import text_width
from study.plotting.style import INK, PAGE, SMALL, Drawing, model_colours, present, styled

BEFORE, AFTER = "all", "without hardest"  # what a model was trained on
_PANELS = (("train", BEFORE), ("test", BEFORE), ("test", AFTER))
_WIDTH = 2.25  # of a panel in inches, or a little more
_SHAPES = (0.6, 1.0)  # heights of panels as shares of their width: as flat as the maps are
_LONGEST = 18  # letters of a class's name
_HIDDEN = 3.0  # inches that a label moves away rather than hide all points
_CELL = 0.05  # inches, of the grid on which hidden points are counted
_ANGLES = 2 * np.pi * np.arange(16) / 16
_MOVES = np.concatenate(  # of a label away from its centre, in inches, the shortest first
    [radius * np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1) for radius in np.arange(0, 0.8, 0.04)]
)
_COLUMNS = ["trained_on", "split", "label", "hard", "right", "x", "y"]


class _Frame(NamedTuple):
    """What a panel shows: its lower left corner and its size (2,), in units of the map."""

    low: np.ndarray
    size: np.ndarray

    def inches(self, places: np.ndarray) -> np.ndarray:
        """(…, 2) from the panel's corner."""
        return (places - self.low) * _WIDTH / self.size[0]

    def place(self, inches: np.ndarray) -> np.ndarray:
        """The inverse of `inches`."""
        return self.low + inches * self.size[0] / _WIDTH


def read_maps(files: Sequence[str]) -> pd.DataFrame:
    """The models' maps, one below the other.

    Args:
        files: `…/<model>/analysis/embedding_map.parquet`.

    Returns:
        `model, trained_on, split, label, hard, right, x, y`.

    Raises:
        StudyError: a file is missing, damaged, or lacks a column.
    """
    frames = [read_parquet(file, _COLUMNS) for file in files]
    for file, frame in zip(files, frames, strict=True):
        frame.insert(0, "model", Path(file).parents[1].name)
    return pd.concat(frames, ignore_index=True)


@styled
def draw_embedding_map(
    maps: pd.DataFrame, names: Mapping[int, str], models: Sequence[str], score: str, dataset: str
) -> Drawing:
    """A row of panels a model: training texts, test texts, and test texts of the model without the hardest.

    Args:
        maps: as `read_maps` gives.
        names: of the classes, by label.
        models: all of the study's, in order.
        score: by which texts are hard.
        dataset: its name.
    """
    placed = np.isfinite(maps[["x", "y"]]).all(axis=1).groupby(maps["model"]).all()
    shown = [model for model in present(maps, models) if placed[model]]
    lost = [model for model in present(maps, models) if not placed[model]]
    missing = f" Not shown: {', '.join(lost)} (no numbers)." if lost else ""
    if not shown:
        return nothing_to_draw(dataset, missing)
    points = pd.concat([_drawn(maps[maps["model"] == model]) for model in shown], ignore_index=True)
    points["class_name"] = [names.get(label, str(label)) for label in points["label"]]
    colours = _colours(points[points["model"] == shown[0]])
    frames, shape = _frames(points)
    height = len(shown) * (_WIDTH * shape + 0.55) + 0.27
    figure = Figure(figsize=(PAGE, height), layout="constrained")
    unnamed = 0
    for row, model in zip(figure.subplots(len(shown), 3, squeeze=False), shown, strict=True):
        own = points[points["model"] == model]
        for axes, (split, trained_on) in zip(row, _PANELS, strict=True):
            here = own[(own["split"] == split) & (own["trained_on"] == trained_on)]
            frame = frames[(model, trained_on)]
            _draw(axes, here, colours, frame)
            unnamed = max(unnamed, _label_centres(axes, here, colours, frame))
            axes.set_title(_title(here, split, trained_on))
        row[0].set_title(f"{model}\n{row[0].get_title(loc='left')}")
    _key(figure, points)
    return Drawing(figure, points, _caption(maps, shown, score, dataset, len(colours), unnamed) + missing)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _drawn(own: pd.DataFrame) -> pd.DataFrame:
    """The points of one model's three panels, the last of them turned."""
    parts = {panel: own[(own["split"] == panel[0]) & (own["trained_on"] == panel[1])] for panel in _PANELS}
    before, after = (parts[panel][["x", "y"]].to_numpy() for panel in _PANELS[1:])
    turned = after @ rotation(after, before)
    parts[_PANELS[2]] = parts[_PANELS[2]].assign(x=turned[:, 0], y=turned[:, 1])
    return pd.concat(parts.values(), ignore_index=True)


def rotation(moved: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """(2, 2) orthogonal R for which moved @ R is nearest to `fixed` in squares, (N, 2) each.

    Source: Schönemann 1966, *A generalized solution of the orthogonal Procrustes problem* (Psychometrika 31).
    """
    left, _, right = np.linalg.svd(moved.T @ fixed)
    return left @ right


def _colours(points: pd.DataFrame) -> dict[str, str]:
    """The colour of each class by its direction from the middle: colours that repeat are far apart."""
    centres = _centres(points[(points["split"] == "test") & (points["trained_on"] == BEFORE)])
    angles = np.arctan2(centres["y"] - centres["y"].mean(), centres["x"] - centres["x"].mean())
    ordered = angles.sort_values(kind="stable").index.tolist()
    return model_colours([*ordered, *sorted(set(points["class_name"]) - set(ordered))])


def _centres(points: pd.DataFrame) -> pd.DataFrame:
    """Medians `x, y` of each class, the largest class first."""
    grouped = points.groupby("class_name")
    sizes = grouped.size().sort_values(ascending=False, kind="stable")
    return grouped[["x", "y"]].median().loc[sizes.index]


def _frames(points: pd.DataFrame) -> tuple[dict[tuple[str, str], _Frame], float]:
    """By model and what it was trained on, frames of one shape around all points; and height by width."""
    ends = points.groupby(["model", "trained_on"])[["x", "y"]].agg(["min", "max"])
    lows, highs = (ends.xs(end, axis=1, level=1).to_numpy() for end in ("min", "max"))
    extents = np.maximum(highs - lows, 1e-9)
    shape = float(np.clip((extents[:, 1] / extents[:, 0]).max(), *_SHAPES))
    widths = 1.08 * np.maximum(extents[:, 0], extents[:, 1] / shape)
    sizes = widths[:, None] * [1, shape]
    corners = (lows + highs - sizes) / 2
    return {key: _Frame(*both) for key, *both in zip(ends.index, corners, sizes, strict=True)}, shape


def _draw(axes: Axes, points: pd.DataFrame, colours: Mapping[str, str], frame: _Frame) -> None:
    """Dots, crosses for wrong texts, rings around hard ones; in the pdf they are a picture."""
    size = float(np.clip(3000 / len(points), 1.5, 8))
    right = points["right"].astype(bool)
    for rows, style in (
        (points[right], {"marker": "o", "s": size, "alpha": 0.55, "linewidths": 0}),
        (points[~right], {"marker": "x", "s": size + 5, "linewidths": 0.7}),
    ):
        axes.scatter(
            rows["x"], rows["y"], c=rows["class_name"].map(colours).tolist(), rasterized=True, **style
        )
    hard = points[points["hard"].astype(bool)]
    axes.scatter(
        hard["x"], hard["y"], s=size + 9, facecolors="none", edgecolors=INK, linewidths=0.5, rasterized=True
    )
    (left, bottom), (right_end, top) = frame.low, frame.low + frame.size
    axes.set_xlim(left, right_end)
    axes.set_ylim(bottom, top)
    axes.set_box_aspect(frame.size[1] / frame.size[0])
    axes.set_anchor("S")  # what is left of a row's height is above, for the title
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)


def _label_centres(axes: Axes, points: pd.DataFrame, colours: Mapping[str, str], frame: _Frame) -> int:
    """Names classes near their centres, joined by a line; gives how many there is no room for."""
    boxes: list[np.ndarray] = []
    centres, height = _centres(points), 1.3 * SMALL / 72
    panel, dots = frame.inches(frame.low + frame.size), frame.inches(points[["x", "y"]].to_numpy())
    for name, centre in centres.iterrows():
        at = frame.inches(centre.to_numpy())
        shown = _short(str(name))
        half = np.array([text_width(shown) + 0.06, height]) / 2
        place = _free_place(at, half, boxes, panel, dots)
        if place is None:
            continue
        boxes.append(np.concatenate([place - half, place + half]))
        ends = frame.place(np.stack([at, place]))
        dark = tuple(0.65 * part for part in to_rgb(colours[str(name)]))
        if np.abs(place - at).max() > height / 2:
            axes.plot(*ends.T, color=dark, linewidth=0.6)
        axes.text(
            *ends[1], shown, color=dark, fontsize=SMALL, ha="center", va="center", zorder=5,
            path_effects=[withStroke(linewidth=1.8, foreground="white")],
        )  # fmt: skip
    return len(centres) - len(boxes)


def _free_place(
    at: np.ndarray, half: np.ndarray, boxes: Sequence[np.ndarray], panel: np.ndarray, dots: np.ndarray
) -> np.ndarray | None:
    """Where a box touches no other and leaves not the panel, near `at` and hiding few dots; in inches."""
    places = at + _MOVES
    free = ((places >= half) & (places + half <= panel)).all(axis=1)
    for box in boxes:
        free &= ((places + half <= box[:2]) | (places - half >= box[2:])).any(axis=1)
    places = places[free]
    if not len(places):
        return None
    cost = np.linalg.norm(places - at, axis=1) + _HIDDEN * _hidden(places, half, panel, dots)
    return places[cost.argmin()]


def _hidden(places: np.ndarray, half: np.ndarray, panel: np.ndarray, dots: np.ndarray) -> np.ndarray:
    """(P,) shares of the dots beneath a box at each place, by the cells that it covers."""
    cells = np.ceil(panel / _CELL).astype(int)
    counts, _, _ = np.histogram2d(*dots.T, bins=cells, range=np.stack([np.zeros(2), cells * _CELL], axis=1))
    below = np.pad(counts.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    (x0, y0), (x1, y1) = (np.rint((places + end) / _CELL).astype(int).T for end in (-half, half))
    return (below[x1, y1] - below[x0, y1] - below[x1, y0] + below[x0, y0]) / len(dots)


def _title(points: pd.DataFrame, split: str, trained_on: str) -> str:
    when = "after removal" if trained_on == AFTER else "before removal"
    what = "training texts" if split == "train" else f"test texts, {when}"
    return f"{what}\n{words.percent(points['right'].mean())} of {len(points):,} right"


def _key(figure: Figure, points: pd.DataFrame) -> None:
    share = points.loc[points["split"] == "train", "hard"].mean()
    looks = {
        "text, in the colour of its class": {"marker": "o", "markersize": 2},
        "classified wrongly": {"marker": "x", "markersize": 3.5},
        f"hardest {words.percent(share, 0)} of training texts": {
            "marker": "o",
            "markersize": 5,
            "markerfacecolor": "none",
            "markeredgewidth": 0.6,
        },
    }
    handles = [Line2D([], [], linestyle="", color=INK, label=label, **look) for label, look in looks.items()]
    legend(figure, handles)


def _caption(
    maps: pd.DataFrame, shown: Sequence[str], score: str, dataset: str, classes: int, unnamed: int
) -> str:
    right = {key: rows.reset_index(drop=True) for key, rows in maps.groupby(["model", "split", "trained_on"])}
    train, test = (right[(shown[0], split, BEFORE)] for split in ("train", "test"))
    parts = [
        f"{dataset}: {classes} classes, {len(train):,} training and {len(test):,} test texts. Removed are "
        f"the {int(train['hard'].sum()):,} training texts that are hardest by {words.score_label(score)}."
    ]
    parts += [_of_model(right, model) for model in shown]
    if unnamed:
        parts.append(f"For the names of {unnamed} classes there is no room.")
    return " ".join(parts)


def _of_model(rows: Mapping[tuple[str, str, str], pd.DataFrame], model: str) -> str:
    before, after = (
        rows[(model, "test", trained_on)]["right"].astype(float) for trained_on in (BEFORE, AFTER)
    )
    hard = rows[(model, "train", BEFORE)]["hard"].astype(bool)
    found = paired_interval(100 * (after - before).to_numpy())
    ends = f"{words.number(found.estimate)} points [{words.number(found.low)}, {words.number(found.high)}]"
    of_hard = [rows[(model, "train", trained_on)].loc[hard, "right"].mean() for trained_on in (BEFORE, AFTER)]
    return (
        f"{model}: {words.percent(before.mean())} of the test texts right before and "
        f"{words.percent(after.mean())} after ({ends}, over texts, one run each): "
        f"{int((after > before).sum()):,} became right and {int((after < before).sum()):,} wrong. Of the "
        f"hardest, {words.percent(of_hard[0])} were right before and {words.percent(of_hard[1])} after."
    )
