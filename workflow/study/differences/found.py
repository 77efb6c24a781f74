"""What a comparison of two results folders found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

ERRORS, DEVIATIONS = "standard errors", "standard deviations"
COLUMNS = ["file", "row", "column", "a", "b", "difference", "standard_errors"]


class Number(NamedTuple):
    """A number that moved, in the unit of its column; NaN: missing on that side.

    `standard_error` is NaN where the row has none. `relative` is the change as a share of the old value.
    """

    row: str
    column: str
    a: float
    b: float
    standard_error: float = np.nan

    @property
    def difference(self) -> float:
        return self.b - self.a

    @property
    def standard_errors(self) -> float:
        return self.difference / self.standard_error if np.isfinite(self.difference) else np.nan

    @property
    def relative(self) -> float:
        return self.difference / abs(self.a) if self.a and np.isfinite(self.difference) else np.nan


class Word(NamedTuple):
    """A field of text, or a flag, that is another; empty: missing on that side."""

    row: str
    column: str
    a: str
    b: str


class Values(NamedTuple):
    """A column of a table of examples, or an array, of which values moved.

    `moved` of `values` differ, `lost` of them are missing on one side; `largest` and `median` are of the
    absolute differences of the others, and `in_units` the same two in `unit`: "standard errors" of each
    value, else "standard deviations" of the column over its rows. `without_unit`: how many that moved have
    none. `most` is the value that moved most. `correlation` is Spearman's between both sides, over examples.
    """

    moved: int
    values: int
    lost: int
    largest: float
    median: float
    unit: str
    in_units: tuple[float, float]
    without_unit: int
    most: Number
    correlation: float = np.nan

    @property
    def column(self) -> str:
        return self.most.column


@dataclass
class Difference:
    """What differs in a file that both folders hold.

    `unread` says why it cannot be compared, `missing` what only one side has, `notes` what is good to know.
    `drawn`: a picture, or a page in words, of numbers that stand in tables too.
    """

    name: str
    numbers: list[Number] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    opened: bool = False
    drawn: bool = False

    def beyond(self, tolerance: float) -> bool:
        """Whether something moved by more than so many standard errors, or moved and has none."""
        if self.unread or self.missing or self.words or tolerance == 0:
            return True
        if not self.opened:
            return not self.drawn
        return any(not abs(number.standard_errors) <= tolerance for number in self.numbers) or any(
            values.lost or values.without_unit or values.unit != ERRORS or values.in_units[0] > tolerance
            for values in self.values
        )


@dataclass
class Comparison:
    """Two results folders: how many `files` they hold together, files of one alone, and what differs."""

    a: str
    b: str
    files: int
    only_a: dict[str, int]
    only_b: dict[str, int]
    differences: list[Difference]

    @property
    def same(self) -> bool:
        return not (self.only_a or self.only_b or self.differences)

    def beyond(self, tolerance: float) -> list[str]:
        """The files, and folders of one side alone, that differ by more than so many standard errors.

        With a tolerance of 0 that is every file with other bytes. With one above, a file counts if a number
        in it moved by more, or if something moved that has no standard error; pictures and pages do not
        count, since what they show stands in tables.
        """
        return [*self.only_a, *self.only_b, *(d.name for d in self.differences if d.beyond(tolerance))]

    def table(self) -> pd.DataFrame:
        """A row for every number that moved; of examples' columns and arrays the one that moved most.

        Columns: `file, row, column, a, b, difference` (b - a), `standard_errors` (of the difference, with
        its sign; NaN where there are none).
        """
        return pd.DataFrame(self._rows(), columns=COLUMNS)

    def _rows(self) -> Iterator[tuple]:
        for found in self.differences:
            for number in (*found.numbers, *(values.most for values in found.values)):
                where = (found.name, number.row, number.column)
                yield (*where, number.a, number.b, number.difference, number.standard_errors)
