"""Names and numbers as people read them: score labels, intervals, plain text as reStructuredText."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from study.scores.registry import SCORES

_ACRONYMS = {"aum": "AUM", "el2n": "EL2N", "grand": "GraNd", "pvi": "PVI", "tracin": "TracIn", "vog": "VoG"}
_READINGS = ("mean", "early", "last")


def score_label(column: str) -> str:
    """A score column for an axis: `grand_last_layer_early` is `GraNd last layer (early)`."""
    score = SCORES[column].score if column in SCORES else column
    reading = column.removeprefix(score).strip("_")
    words = [_ACRONYMS.get(word, word) for word in score.split("_")]
    name = " ".join(words)
    return f"{name} ({reading})" if reading in _READINGS else name


def score_unit(column: str) -> str:
    """The unit of a score column; empty for a score that a user brought."""
    return SCORES[column].unit if column in SCORES else ""


def coarse(column: str) -> bool:
    """Whether a score's ranks are made of ties, so that its rank errors say little about runs."""
    return column in SCORES and SCORES[column].coarse


def marked_label(column: str) -> str:
    """The score's label, with † where the score is coarse."""
    return f"{score_label(column)} †" if coarse(column) else score_label(column)


def coarse_key(columns: Iterable[str]) -> str:
    """What † means, for a figure that shows a coarse score; empty for any other."""
    return "† coarse score: ties decide its ranks" if any(map(coarse, columns)) else ""


def coarse_note(columns: Iterable[str]) -> str:
    """A caption's last sentence, on the coarse scores among those shown; empty without any."""
    names = [score_label(column) for column in columns if coarse(column)]
    if not names:
        return ""
    if len(names) == 1:
        return f" {names[0]} (†) is coarse: ties decide its ranks, and what is said of scores leaves it out."
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f" {listed} (†) are coarse: ties decide their ranks, and what is said of scores leaves them out."


def headline(columns: Iterable[str]) -> list[str]:
    """The scores that medians, counts and extremes of a caption are over: those that are not coarse."""
    return [column for column in columns if not coarse(column)]


def hard_sign(column: str) -> int:
    """1 where high values mean hard, -1 where low ones do; a user's own score counts as high = hard."""
    return -1 if column in SCORES and SCORES[column].hard == "low" else 1


def number(value: float) -> str:
    """Two digits that matter, without exponents for ordinary sizes: 0.93, 0.042, 12, 1,437."""
    if not np.isfinite(value):
        return "unbounded" if value > 0 else "undefined"
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}".replace("-", "−")
    if abs(value) >= 10:
        return f"{value:.1f}".replace("-", "−")
    digits = 2 if abs(value) >= 0.1 else 3
    return f"{value:.{digits}f}".replace("-", "−")


def interval(row: pd.Series) -> str:
    """`estimate [low, high]`, or the estimate alone with the reason."""
    if np.isfinite(row["low"]) and not np.isnan(row["high"]):
        high = "∞" if np.isinf(row["high"]) else number(row["high"])
        return f"{number(row['estimate'])} [{number(row['low'])}, {high}]"
    return f"{number(row['estimate'])} {_no_interval(row)}"


def _no_interval(row: pd.Series) -> str:
    if row.get("n", 0) >= 3:
        return "(no interval without some runs)"
    return "(too few runs for an interval)"


def percent(share: float, digits: int = 1) -> str:
    """0.042 as `4.2 %`; what rounds to nothing and is not nothing keeps two digits more."""
    return f"{_percentage(share, digits)} %"


def percent_interval(row: pd.Series, digits: int = 1) -> str:
    """`17.9 % [15.8, 20.0]`, or the estimate alone with the reason."""
    if np.isfinite(row["low"]) and np.isfinite(row["high"]):
        ends = ", ".join(_percentage(row[end], digits) for end in ("low", "high"))
        return f"{percent(row['estimate'], digits)} [{ends}]"
    return f"{percent(row['estimate'], digits)} {_no_interval(row)}"


def _percentage(share: float, digits: int) -> str:
    text = f"{100 * share:.{digits}f}"
    if share != 0 and float(text) == 0:
        text = f"{100 * share:.{digits + 2}f}"
    if share != 0 and float(text) == 0:
        text = f"{'under ' if share > 0 else 'above -'}{10.0 ** -(digits + 2):g}"
    return text.replace("-", "−")


def count_of(number_of: int, thing: str) -> str:
    """`1 model`, `8 models`."""
    return f"{number_of:,} {thing}" + ("" if number_of == 1 else "s")


def span(values: Iterable[float], unit: str = "") -> str:
    """`12 runs` or `10 to 12 runs`: the range of whole numbers."""
    values = [int(value) for value in values]
    low, high = min(values), max(values)
    return f"{low:,}{unit}" if low == high else f"{low:,} to {high:,}{unit}"


def as_rst(text: str) -> str:
    """Plain text as reStructuredText: nothing in it (resnet8_, *, |x|) is taken for markup."""
    return re.sub(r"([\\*_`|])", r"\\\1", text)
