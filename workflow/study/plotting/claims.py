"""Figure `claims`: what this study says of each claim, as a forest plot."""

from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.analysis.claims import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_RUN,
    SUPPORTED,
    VERDICTS,
    VERIFIED,
    Threshold,
)
from study.plotting import words
from study.plotting.style import GREY, INK, PAGE, SMALL, Drawing, styled

_COLOURS = {SUPPORTED: "#0072B2", VERIFIED: "#0072B2", CONTRADICTED: "#D55E00", INCONCLUSIVE: GREY}
_MARKERS = {SUPPORTED: "o", VERIFIED: "o", CONTRADICTED: "X", INCONCLUSIVE: "D"}
_ASSERTED = "#e6eff6"  # behind the values that the claim asserts
# Inches: a line of text; between claims, and between those that were not run; between scores of one claim.
_LINE, _GAP, _NARROW, _STEP = 0.125, 0.12, 0.03, 0.045
_TEXT, _PLOT, _RIGHT = 0.38, 2.8, 4.9  # inches: where texts, intervals and verdicts begin
_LETTERS, _FEWER, _WIDE = 42, 38, 96  # in a line of text: left and right of intervals, and without any
_PLACES = {"x": "estimate", "x_low": "ci_low", "x_high": "ci_high", "x_reference": "reference"}
_POINTS = ["id", "statistic", "dataset", "score", "verdict", "threshold", *_PLACES.values()]


@styled
def draw_claims(claims: pd.DataFrame) -> Drawing:
    """A row for every claim, statistic and data set; within it an interval for every score.

    Each row has a scale of its own, in the unit of its statistic; what the claim asserts is shaded, and where
    it begins stands below. Scores stand in order of their estimates. Claims that were not run stand last.

    Args:
        claims: of results/claims.csv.
    """
    made = claims["verdict"] != NOT_RUN
    keys = ["id", "claim", "statistic", "dataset"]
    groups = [_Group(rows) for _, rows in claims[made].groupby(keys, sort=False, dropna=False)]
    missing = [(row.id, wrap(row.claim, _WIDE)) for row in claims[~made].itertuples()]
    tops = np.cumsum([0.3, *(group.height for group in groups)])
    height = tops[-1] + sum(_LINE * len(lines) + _NARROW for _, lines in missing)
    figure = Figure(figsize=(PAGE, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, PAGE)
    axes.set_ylim(height, 0)
    axes.axis("off")
    for x, heading in ((0.08, "claim and statistic"), (_PLOT, "estimates"), (_RIGHT, "verdict")):
        axes.text(x, 0.14, heading, fontweight="bold", va="center")
    points = [group.draw(axes, top) for group, top in zip(groups, tops[:-1], strict=True)]
    top = tops[-1]
    for name, lines in missing:
        _write(axes, 0.08, top, [name], GREY, bold=True)
        _write(axes, _TEXT, top, lines, GREY)
        _write(axes, PAGE - 0.55, top, [NOT_RUN], GREY)
        top += _LINE * len(lines) + _NARROW
    unmade = claims.loc[~made, _POINTS]
    return Drawing(figure, pd.concat([*points, unmade], ignore_index=True), _caption(claims))


class _Group:
    """One claim on one data set: its texts, and an interval for each score."""

    def __init__(self, rows: pd.DataFrame) -> None:
        first = rows.iloc[0]
        self.rows, self.name = rows.sort_values("estimate", kind="stable"), first["id"]
        self.title = wrap(first["claim"], _LETTERS)
        self.about = wrap(f"{first['statistic']} ({first['dataset']})", _LETTERS)
        self.verdicts = _verdicts(rows["verdict"])
        self.found = [line for text in self._found() for line in wrap(text, _FEWER)]
        lines = max(len(self.title) + len(self.about), len(self.verdicts) + len(self.found))
        self.bottom = max((lines - 1) * _LINE, _STEP * (len(rows) + 1))  # of the intervals
        self.height = self.bottom + _LINE + _GAP

    def _found(self) -> list[str]:
        """Estimates in words, and the note on them."""
        known = self.rows.dropna(subset=["estimate"])
        notes = self.rows["note"].dropna()
        if len(self.rows) == 1 and len(known):
            row = known.iloc[0].rename({"ci_low": "low", "ci_high": "high"})
            return [words.interval(row), *notes]
        ends = [known.iloc[0], known.iloc[-1]] if len(known) else []
        said = [f"{words.number(end['estimate'])} ({words.score_label(end['score'])})" for end in ends]
        return [*([" to ".join(said)] if said else []), *notes.mode().head(1)]

    def draw(self, axes: Axes, top: float) -> pd.DataFrame:
        """Draws the row from `top` (inches) downwards; its points."""
        _write(axes, 0.08, top, [self.name], INK, bold=True)
        below = _write(axes, _TEXT, top, self.title, INK)
        _write(axes, _TEXT, below, self.about, GREY)
        below = top
        for verdict, text in self.verdicts.items():
            below = _write(axes, _RIGHT, below, [text], _COLOURS[verdict], bold=True)
        _write(axes, _RIGHT, below, self.found, INK)
        points = self.rows[_POINTS]
        if points["estimate"].isna().all():
            return points
        return self._draw_intervals(axes, top, points)

    def _draw_intervals(self, axes: Axes, top: float, points: pd.DataFrame) -> pd.DataFrame:
        asserted = Threshold.parse(self.rows["threshold"].iloc[0])
        left, right = _PLOT, _RIGHT - 0.2
        low, high = _limits(points, asserted)
        bottom = top + self.bottom

        def place(values):
            return left + (np.asarray(values, dtype=float) - low) / (high - low) * (right - left)

        axes.fill_between(place(np.clip(asserted, low, high)), top, bottom, color=_ASSERTED, linewidth=0)
        for end in asserted.ends:
            axes.plot([place(end)] * 2, [top, bottom], color=GREY, linewidth=0.7)
            written = f"{end:g}".replace("-", "−")
            axes.text(place(end), bottom, written, color=GREY, ha="center", va="top", fontsize=SMALL)
        heights = top + (bottom - top) * (np.arange(len(points)) + 0.5) / len(points)
        points = points.assign(**{x: place(points[name]) for x, name in _PLACES.items()}, y=heights)
        size = 4.5 if len(points) == 1 else 2.4
        style = {"markersize": size, "markeredgewidth": 0}
        for row in points.dropna(subset=["x"]).itertuples():
            colour = _COLOURS[row.verdict]
            axes.plot([row.x_reference], [row.y], "|", color=INK, markersize=3, markeredgewidth=0.6)
            axes.plot([row.x_low, row.x_high], [row.y, row.y], color=colour, linewidth=size / 3.5)
            axes.plot([row.x], [row.y], _MARKERS[row.verdict], color=colour, **style)
        return points


def _write(axes: Axes, x: float, top: float, lines: list[str], colour: str, bold: bool = False) -> float:
    """Writes lines from `top` (inches) downwards; where the next one would stand."""
    weight = "bold" if bold else "normal"
    for place, line in enumerate(lines):
        y = top + place * _LINE
        axes.text(x, y, line, color=colour, va="top", fontsize=SMALL, fontweight=weight, parse_math=False)
    return top + len(lines) * _LINE


def _limits(rows: pd.DataFrame, asserted: Threshold) -> tuple[float, float]:
    """Both ends of a row's scale: all intervals and thresholds, with room around."""
    shown = [*rows[list(_PLACES.values())].to_numpy(dtype=float).ravel(), *asserted.ends]
    low, high = np.nanmin(shown), np.nanmax(shown)
    room = 0.12 * (high - low or 1.0)
    return low - room, high + room


def _verdicts(verdicts: pd.Series) -> dict[str, str]:
    """The verdicts that there are, each in words: `supported`, or `22 of 30 scores contradicted`."""
    if len(verdicts) == 1:
        return {verdicts.iloc[0]: verdicts.iloc[0]}
    counts = verdicts.value_counts()
    if len(counts) == 1:
        return {verdict: f"all {count} scores {verdict}" for verdict, count in counts.items()}
    present = [verdict for verdict in VERDICTS if verdict in counts]
    return {verdict: f"{counts[verdict]} of {len(verdicts)} scores {verdict}" for verdict in present}


def _caption(claims: pd.DataFrame) -> str:
    made = claims[claims["verdict"] != NOT_RUN]
    missing = [name for name in claims["id"].unique() if name not in set(made["id"])]
    said = [
        f"{name} on {dataset} ({claim}): {', '.join(_verdicts(rows['verdict']).values())}"
        for (name, claim, _, dataset), rows in made.groupby(
            ["id", "claim", "statistic", "dataset"], sort=False
        )
    ]
    listed = f" {'; '.join(said)}." if said else ""
    absent = f" Not run: {', '.join(missing)}." if missing else ""
    return (
        f"{made['id'].nunique()} of {claims['id'].nunique()} claims were put to the test, with "
        f"{words.count_of(len(made), 'estimate')}.{listed}{absent}"
    )
