"""Figure `threshold_defect_grid`: gains with other thresholds and detectors of defects, in one language.

Panels are matrices, thresholds by recalls. Above, changes of error rates; below, the pools behind them.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from study.plotting.influence.panels import legend, lowest_of_columns, wrapped
from study.plotting.layout import bare, text_width
from study.plotting.selection.arms import REFERENCES, label
from study.plotting.selection.settings_caption import caption
from study.plotting.selection.told import metric_label
from study.plotting.style import GREY, INK, LIGHT, MATRIX_COLOURS, PAGE, SMALL, Drawing, styled
from study.selection.pool import STEPS

CHANGED = ("dcer", "semer")
POOL_TITLES = {
    "right_all": "weak labels in the pool that are right, %",
    "utterances": "utterances in the pool",
}
TOO_SMALL = "the pool is too small in some repeat"
_EMPTY = "the pool is empty in some repeat"
_WORDS = {TOO_SMALL: "too small", _EMPTY: "empty"}  # in a cell
_REMARK = "bold: 0 is outside the 95 % interval (brackets); ±: half a 95 % interval"
_PLACE = ["threshold", "recall"]
_ENDS = ["estimate", "low", "high"]
_TURNED = ListedColormap(colormaps[MATRIX_COLOURS](np.linspace(0.22, 0.78, 256)))  # black is read on all
_PALE = ListedColormap(colormaps["Greys"](np.linspace(0.05, 0.4, 256)))
_WIDEST = 25.0  # percent: larger changes are as dark as this one
_ROW, _AROUND = 0.33, 0.42  # inches: a row of a matrix; above and below a matrix
_BESIDE = 0.62  # inches beside the matrices of a row: thresholds, and the gap to the next
_ROOM = 0.06  # inches beside a cell's text
_HATCHED = {"facecolor": "none", "edgecolor": LIGHT, "hatch": "////", "linewidth": 0}
_PARTED = {"facecolor": "none", "edgecolor": "white", "linewidth": 1}
_FRAMED = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.5}


@styled
def draw_threshold_defect_grid(
    grid: pd.DataFrame, pools: pd.DataFrame, own: Sequence[float], size: float, dataset: str
) -> Drawing:
    """A matrix for each error rate and strategy, and two of the pools.

    Args:
        grid: as grid.csv of the chapter.
        pools: as grid_pools.csv of the chapter.
        own: the study's own share of gold, threshold and recall; matrices are of that share.
        size: utterances that are added for each gold one.
        dataset: its name.
    """
    grid, pools = (table[np.isclose(table["gold"], own[0])] for table in (grid, pools))
    changes = grid[(grid["statistic"] == "change") & (grid["view"] == "overall")]
    changes = changes[~changes["strategy"].isin(REFERENCES) & changes["metric"].isin(CHANGED)]
    points = _placed(pd.concat([*_changes(changes, pools), *_pools(pools)], ignore_index=True), own)
    figure = _figure(points)
    legend(figure, _handles(points), _REMARK)
    kept = ["metric", "strategy", *_PLACE, "own", *_ENDS, "n", "differs", "reason", "x", "y"]
    return Drawing(figure, points[kept], caption(points, changes, pools, own, size, dataset))


def _changes(changes: pd.DataFrame, pools: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows of one panel each, for every setting tried; of error rates that are known in some setting."""
    settings, found = pools[_PLACE].drop_duplicates(), []
    for metric, strategy in product(CHANGED, dict.fromkeys(changes["strategy"])):
        rows = changes[(changes["metric"] == metric) & (changes["strategy"] == strategy)]
        if rows["estimate"].notna().any():
            about = {"metric": metric, "strategy": strategy}
            part = settings.merge(rows.drop(columns=list(about)).assign(known=True), how="left", on=_PLACE)
            reason = part["reason"].astype(object).where(part["reason"].notna(), "")  # all empty: numbers
            reason = reason.where(part["known"].notna(), TOO_SMALL)
            found.append(part.assign(**about, reason=reason, differs=part["low"].gt(0) | part["high"].lt(0)))
    return found


def _pools(pools: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows of the two panels of pools: what is left after the last step."""
    left, found = pools[pools["step"] == STEPS[-1]], []
    for metric, scale in zip(POOL_TITLES, (100, 1), strict=True):
        rows = left[left["metric"] == metric]
        numbers = scale * rows[_ENDS]
        reason = np.where(numbers["estimate"].isna(), _EMPTY, "")
        found.append(rows.assign(**numbers, strategy="", reason=reason, differs=False))
    return found


def _placed(points: pd.DataFrame, own: Sequence[float]) -> pd.DataFrame:
    """`x, y`, and whether the setting is the study's own."""
    x, y = (points[key].map(sorted(points[key].unique()).index) for key in ("recall", "threshold"))
    is_own = np.isclose(points[_PLACE], own[1:]).all(axis=1)
    return points.assign(x=x, y=y, own=is_own)


def _figure(points: pd.DataFrame) -> Figure:
    panels = [rows for _, rows in points.groupby(["metric", "strategy"], sort=False)]
    names = [[f"{value:g}" for value in sorted(points[key].unique())] for key in ("recall", "threshold")]
    columns, digits = _fitting(points, len(names[0]))
    rows = -(-len(panels) // columns)
    height = rows * (_ROW * len(names[1]) + _AROUND) + 0.7
    figure = Figure(figsize=(PAGE, height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    bottom = lowest_of_columns(len(panels), columns)
    for place, (axes, panel) in enumerate(zip(grid, panels, strict=False)):
        _draw(axes, panel, points, digits)
        axes.set_title(wrapped(_title(panel.iloc[0]), PAGE / columns - _BESIDE))
        axes.set_xticks(range(len(names[0])), names[0] if place in bottom else [])
        axes.set_yticks(range(len(names[1])), names[1] if place % columns == 0 else [])
        if place % columns == 0:
            axes.set_ylabel("threshold τ")
        if place in bottom:
            axes.set_xlabel("recall r of the detector of defects")
    for axes in grid[len(panels) :]:
        axes.remove()
    return figure


def _fitting(points: pd.DataFrame, recalls: int) -> tuple[int, int]:
    """Panels beside each other, and decimals, with which every cell's text fits."""
    for digits in (1, 0):
        texts = [line for _, row in points.iterrows() for line in _text(row, digits).splitlines()]
        if max(map(text_width, texts)) + _ROOM <= (PAGE / 2 - _BESIDE) / recalls:
            return 2, digits
    return 1, 1


def _title(row: pd.Series) -> str:
    if row["metric"] in POOL_TITLES:
        return POOL_TITLES[row["metric"]]
    return f"{metric_label(row['metric'])}, {label(row['strategy'])}: change, %"


def _draw(axes: Axes, panel: pd.DataFrame, points: pd.DataFrame, digits: int) -> None:
    """A matrix with its numbers; where there is none, a hatched cell that says why."""
    matrix = np.full((points["y"].max() + 1, points["x"].max() + 1), np.nan)
    matrix[panel["y"], panel["x"]] = panel["estimate"]
    axes.imshow(matrix, origin="lower", aspect="auto", **_shades(panel, points))
    bare(axes)
    for _, row in panel.iterrows():
        cell, known = ((row["x"] - 0.5, row["y"] - 0.5), 1, 1), np.isfinite(row["estimate"])
        if not known:
            axes.add_patch(Rectangle(*cell, **_HATCHED))
        axes.add_patch(Rectangle(*cell, **_PARTED))
        if row["own"]:
            axes.add_patch(Rectangle(*cell, **_FRAMED, clip_on=False, zorder=3))
        axes.text(
            row["x"], row["y"], _text(row, digits), ha="center", va="center", fontsize=SMALL,
            color=INK if known else GREY, weight="bold" if row["differs"] else "normal",
            bbox=None if known else {"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip


def _shades(panel: pd.DataFrame, points: pd.DataFrame) -> dict[str, object]:
    """Of changes: around 0, alike in all panels. Of pools: from the least to the most in the panel."""
    if panel["metric"].iloc[0] in POOL_TITLES:
        values = panel["estimate"].dropna()
        return {"cmap": _PALE, "vmin": values.min(), "vmax": values.max()}
    return {"cmap": _TURNED, "vmin": -_limit(points), "vmax": _limit(points)}


def _text(row: pd.Series, digits: int) -> str:
    """What stands in a cell: the estimate, and below it its interval; changes have `digits` decimals."""
    if not np.isfinite(row["estimate"]):
        return _WORDS.get(row["reason"], "undefined")
    has_interval = np.isfinite(row["low"])
    if row["metric"] in POOL_TITLES:
        form = ".1f" if row["metric"] == "right_all" else ",.0f"
        half = f"± {row['high'] - row['estimate']:{form}}" if has_interval else "no interval"
        return f"{row['estimate']:{form}}\n{half}"
    sign = "+" if row["estimate"] > 0 else ""
    ends = ", ".join(_number(row[end], digits) for end in ("low", "high"))
    return f"{sign}{_number(row['estimate'], digits)}\n{f'[{ends}]' if has_interval else 'no interval'}"


def _number(value: float, digits: int) -> str:
    """One decimal, or none; more where nothing would be left, none of what is large or whole."""
    if abs(value) >= 99.5 or float(value).is_integer():
        return f"{value:,.0f}".replace("-", "−")
    enough = next((d for d in (digits, 1, 2) if float(f"{value:.{d}f}") != 0), 3)
    return f"{value:.{enough}f}".replace("-", "−")


def _handles(points: pd.DataFrame) -> list[Artist]:
    """The key, with what only some figures have."""
    handles = []
    if points["metric"].isin(CHANGED).any():
        limit = _limit(points)
        darkest = f"darkest: {_number(limit, 1)} %{' and more' if limit == _WIDEST else ''}"
        handles.append(Patch(facecolor=_TURNED(255), label=f"more errors than with random ({darkest})"))
        handles.append(Patch(facecolor=_TURNED(0), label="fewer errors"))
    if points["own"].any():
        handles.append(Patch(**_FRAMED, label="the study's own setting"))
    if points["estimate"].isna().any():
        handles.append(Patch(**_HATCHED, label="no estimate"))
    return handles


def _limit(points: pd.DataFrame) -> float:
    """The change, in percent, from which on cells are as dark as they get."""
    return min(_WIDEST, points.loc[points["metric"].isin(CHANGED), "estimate"].abs().max()) or 1.0
