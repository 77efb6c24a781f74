"""What differs between two versions of a csv table."""

from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from study.differences.found import Difference, Number, Word
from study.differences.rows import FLAG, REAL, WHOLE, WORDS, Name, Rows, match, naming
from study.differences.units import of_both, yardstick
from study.files import read_csv

_NAMED = 3  # rows that are on one side alone, of which so many are named


def compare_csv(path_a: Path, path_b: Path, found: Difference) -> None:
    """Add what differs between two csv files: numbers and words, rows and columns that one side alone has.

    Raises:
        DamagedFile: one of them is no table.
    """
    a, b = read_csv(path_a), read_csv(path_b)
    common = [name for name in a.columns if name in b.columns]
    found.missing += only_columns(list(a.columns), list(b.columns))
    if not common:
        return
    kinds = {name: _kind(a[name], b[name]) for name in common}
    sides = {name: _alike(a[name], b[name], kinds[name]) for name in common}
    rows = match(common, kinds, sides.__getitem__)
    name = naming(rows, sides.__getitem__)
    tell_rows(rows, name, found)
    for column in common:
        if column in rows.keys:
            continue
        if kinds[column] in (WHOLE, REAL):
            found.numbers += _numbers(column, common, sides, rows, name)
        else:
            found.words += _words(column, sides[column], rows, name)


def only_columns(a: list[str], b: list[str]) -> list[str]:
    """Sentences on the columns that one table alone has."""
    sides = ("first", a, b), ("second", b, a)
    return [
        f"only the {side} has the column {x}" for side, own, other in sides for x in own if x not in other
    ]


def tell_rows(rows: Rows, name: Name, found: Difference) -> None:
    """Add which rows one side alone has, and how rows were matched where that is not plain."""
    for side, word, only in ((0, "first", rows.only_a), (1, "second", rows.only_b)):
        if len(only):
            named = "; ".join(name(side, position) for position in only[:_NAMED])
            more = f"; and {len(only) - _NAMED:,} more" if len(only) > _NAMED else ""
            found.missing.append(f"only the {word} has the row{'s' * (len(only) > 1)} {named}{more}")
    if rows.by_order:
        keys = ", ".join(rows.keys)
        which = f"rows with the same {keys}" if keys else "rows, which no column tells apart,"
        found.notes.append(f"{which} are matched by their order")
    if rows.moved:
        found.notes.append("the rows stand in another order")


def _kind(a: pd.Series, b: pd.Series) -> str:
    """What both sides hold; whole numbers may have gaps."""
    flags = [is_bool_dtype(side) for side in (a, b)]
    if all(flags):
        return FLAG
    if any(flags) or not (is_numeric_dtype(a) and is_numeric_dtype(b)):
        return WORDS
    return WHOLE if _is_whole(a) and _is_whole(b) else REAL


def _is_whole(side: pd.Series) -> bool:
    values = side.to_numpy(dtype=float)
    values = values[~np.isnan(values)]
    return bool(np.all(np.isfinite(values) & (values == np.round(values))))


def _alike(a: pd.Series, b: pd.Series, kind: str) -> tuple[pd.Series, pd.Series]:
    """Both sides as float64, or as text in which empty stands for missing."""
    if kind in (WHOLE, REAL):
        return a.astype(float), b.astype(float)
    return tuple(side.astype(object).where(side.notna(), "").astype(str) for side in (a, b))


def _numbers(column: str, columns: list[str], sides: dict, rows: Rows, name: Name) -> list[Number]:
    """The numbers of a column that moved."""
    a, b = (side.to_numpy()[at] for side, at in zip(sides[column], (rows.a, rows.b), strict=True))
    moved = np.flatnonzero((a != b) & ~(np.isnan(a) & np.isnan(b)))
    errors = np.full(len(a), np.nan)
    stick = yardstick(column, columns)
    if stick and all(is_numeric_dtype(sides[part][0]) for part in stick.columns):
        errors = of_both(stick, sides.__getitem__, (rows.a, rows.b))
    return [Number(name(0, rows.a[i]), column, float(a[i]), float(b[i]), float(errors[i])) for i in moved]


def _words(column: str, sides: tuple[pd.Series, pd.Series], rows: Rows, name: Name) -> list[Word]:
    """The fields of a column that are others."""
    a, b = (side.to_numpy()[at] for side, at in zip(sides, (rows.a, rows.b), strict=True))
    return [Word(name(0, rows.a[i]), column, a[i], b[i]) for i in np.flatnonzero(a != b)]
