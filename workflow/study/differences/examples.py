"""What differs between two versions of a parquet table, which has a row per example: columns, not numbers."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from study.analysis.ranks import spearman_rows
from study.differences.found import DEVIATIONS, ERRORS, Difference, Number, Values, Word
from study.differences.rows import FLAG, REAL, WHOLE, WORDS, match, naming
from study.differences.tables import only_columns, tell_rows
from study.differences.units import of_both, yardstick
from study.files import read_parquet


def compare_parquet(path_a: Path, path_b: Path, found: Difference) -> None:
    """Add what differs between two parquet files, of which few columns at a time are in memory.

    Raises:
        DamagedFile: one of them is not as it was written.
    """
    Tables(path_a, path_b).compare(found)


class Tables:
    """Two parquet files with columns of the same names."""

    def __init__(self, path_a: Path, path_b: Path) -> None:
        self.paths = path_a, path_b
        for path in self.paths:
            read_parquet(path, [])  # refuses what is no such file
        self.schemas = tuple(pq.read_schema(path) for path in self.paths)
        self.columns = [name for name in self.schemas[0].names if name in self.schemas[1].names]
        self.kinds = {name: self._kind(name) for name in self.columns}
        self.column = lru_cache(maxsize=8)(self._column)  # a key, and what a standard error is made of

    def compare(self, found: Difference) -> None:
        """Add what differs between them."""
        found.missing += only_columns(self.schemas[0].names, self.schemas[1].names)
        if not self.columns:
            return
        self.rows = match(self.columns, self.kinds, self.column)
        self.name = naming(self.rows, self.column)
        tell_rows(self.rows, self.name, found)
        for column in self.columns:
            if column not in self.rows.keys:
                self._compare_column(column, found)

    def _kind(self, name: str) -> str:
        types = [schema.field(name).type for schema in self.schemas]
        if all(map(pa.types.is_boolean, types)):
            return FLAG
        if all(map(pa.types.is_integer, types)):
            return WHOLE
        numbers = all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in types)
        return REAL if numbers else WORDS

    def _column(self, name: str) -> tuple[pd.Series, pd.Series]:
        """A column of both: numbers, as float64 if they are real or some are missing; all else as text."""
        sides = tuple(read_parquet(path, [name])[name] for path in self.paths)
        if self.kinds[name] in (WHOLE, REAL):
            return tuple(side.astype(float) if side.dtype != np.int64 else side for side in sides)
        return tuple(side.astype(object).where(side.notna(), "").map(_as_text) for side in sides)

    def _compare_column(self, column: str, found: Difference) -> None:
        sides = self.column(column)
        a, b = (side.to_numpy()[at] for side, at in zip(sides, (self.rows.a, self.rows.b), strict=True))
        if self.kinds[column] in (WORDS, FLAG):
            other = np.flatnonzero(a != b)
            if len(other):
                first = self.name(0, self.rows.a[other[0]])
                more = f"{first} and {len(other) - 1:,} more of {len(a):,} rows" if len(other) > 1 else first
                found.words.append(Word(more, column, a[other[0]], b[other[0]]))
            return
        a, b = a.astype(float), b.astype(float)
        units, unit = self._units(column, a, b)
        values = moved_values(column, a, b, units, unit, lambda at: self.name(0, self.rows.a[at]))
        if values:
            found.values.append(values._replace(correlation=_correlation(a, b)))

    def _units(self, column: str, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, str]:
        """What a difference is measured in, (M,) or (1,), and its name."""
        stick = yardstick(column, self.columns)
        if stick and all(self.kinds[part] in (WHOLE, REAL) for part in stick.columns):
            return of_both(stick, self.column, (self.rows.a, self.rows.b)), ERRORS
        spread = [np.std(side[np.isfinite(side)], ddof=1) for side in (a, b) if np.isfinite(side).sum() > 1]
        largest = max(spread, default=0.0)
        return np.array([largest if largest > 0 else np.nan]), DEVIATIONS


def moved_values(
    column: str, a: np.ndarray, b: np.ndarray, units: np.ndarray, unit: str, name: Callable[[int], str]
) -> Values | None:
    """How far the values of a column or an array moved; None if none did.

    Args:
        a, b: (M,) float64, NaN where missing.
        units: what differences are measured in, (M,) or (1,); NaN: nothing.
        unit: its name.
        name: names the row at a position.
    """
    moved = np.flatnonzero((a != b) & ~(np.isnan(a) & np.isnan(b)))
    if not len(moved):
        return None
    sizes = np.abs(b[moved] - a[moved])
    units = np.broadcast_to(units, a.shape)[moved]
    both = np.isfinite(sizes)
    scaled = (sizes / units)[both & np.isfinite(units)]
    first = int(np.nanargmax(np.where(both, sizes / units if len(scaled) else sizes, -1.0)))
    most, error = moved[first], units[first] if unit == ERRORS else np.nan
    return Values(
        moved=len(moved),
        values=len(a),
        lost=int((~both).sum()),
        largest=float(sizes[both].max(initial=0.0)) if both.any() else np.nan,
        median=float(np.median(sizes[both])) if both.any() else np.nan,
        unit=unit if len(scaled) else "",
        in_units=(float(scaled.max()), float(np.median(scaled))) if len(scaled) else (np.nan, np.nan),
        without_unit=int((both & ~np.isfinite(units)).sum()),
        most=Number(name(most), column, float(a[most]), float(b[most]), float(error)),
    )


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's, over the rows that both sides have a value of; NaN where one side ranks nothing."""
    known = ~(np.isnan(a) | np.isnan(b))
    return float(spearman_rows(a[known], b[known])[0]) if known.sum() > 1 else np.nan


def _as_text(value: object) -> str:
    return str(value.tolist() if isinstance(value, np.ndarray) else value)
