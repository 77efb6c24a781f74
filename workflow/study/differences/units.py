"""Standard errors of the numbers in a table, by the names of its columns.

The names that the study's tables use: `estimate`, `low`, `high`; the same behind a name of their own
(`ci_low`; `gain`, `gain_low`, `gain_high`); a mean with the standard deviation and number of what it is over
(`loss_mean`, `loss_std`, `loss_n`, also with dots); and `<name>_se`. Without an `estimate`, `low` and `high`
are of the column to their left.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

_OWN = ("estimate", "low", "high", "detectable", "mean", "std", "se")  # in the unit of the estimate
_NORMAL = 1.96


class Yardstick(NamedTuple):
    """The columns from which a standard error follows: an interval, a deviation, or the error itself.

    `n` may be "": then an interval is a normal one.
    """

    low: str = ""
    high: str = ""
    std: str = ""
    error: str = ""
    n: str = ""

    @property
    def columns(self) -> list[str]:
        return [name for name in self if name]


def yardstick(column: str, columns: Sequence[str]) -> Yardstick | None:
    """Which of a table's columns hold the standard error of one of them; None if none do."""
    if column in _OWN:
        return _of_stem("", columns) or _of_stem("ci_", columns)
    for separator in "_.":
        found = _of_stem(column + separator, columns)
        stem, between, ending = column.rpartition(separator)
        if not found and between and ending in _OWN:
            found = _of_stem(stem + separator, columns)
        if found:
            return found
    if "estimate" not in columns and "low" in columns[1:] and columns[columns.index("low") - 1] == column:
        return _of_stem("", columns)
    return None


def _of_stem(stem: str, columns: Sequence[str]) -> Yardstick | None:
    n = next((name for name in (f"{stem}n", "n") if name in columns), "")
    if f"{stem}low" in columns and f"{stem}high" in columns:
        return Yardstick(low=f"{stem}low", high=f"{stem}high", n=n)
    if f"{stem}std" in columns and f"{stem}n" in columns:
        return Yardstick(std=f"{stem}std", n=n)
    return Yardstick(error=f"{stem}se") if f"{stem}se" in columns else None


def standard_errors(stick: Yardstick, read: Callable[[str], np.ndarray]) -> np.ndarray:
    """The standard error of each row.

    That of a 95 % interval is its width over two 97.5 % quantiles: of t with n - 1 degrees of freedom where
    the table has n, else 1.96. That of a mean is the standard deviation over √n.

    Args:
        stick: from `yardstick`.
        read: gives a column as (N,) float64.

    Returns:
        (N,) float64, in the unit of the estimate; NaN where the row has none, or one of 0, which measures
        nothing.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if stick.error:
            found = read(stick.error)
        elif stick.std:
            found = read(stick.std) / np.sqrt(read(stick.n))
        else:
            width = read(stick.high) - read(stick.low)
            freedom = read(stick.n) - 1 if stick.n else np.full(width.shape, np.nan)
            found = width / (2 * np.where(freedom >= 1, stdtrit(freedom, 0.975), _NORMAL))
        return np.where(np.isfinite(found) & (found > 0), found, np.nan)


def of_both(
    stick: Yardstick, read: Callable[[str], tuple[pd.Series, pd.Series]], rows: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """The standard error of each row that two tables have: the larger of both sides, or the only one.

    The root of their sum of squares would be the error of a difference of independent numbers. Two results
    of one study are not: they share data, seeds and mostly code, so that differences are smaller than that.
    The larger one says how far a number moved beside what either side claims to know of it.

    Args:
        stick: from `yardstick`.
        read: gives a column of both tables.
        rows: positions of the rows in either, (M,) each.

    Returns:
        (M,) float64, NaN where neither side has one.
    """
    a, b = (
        standard_errors(stick, lambda name, side=side: np.asarray(read(name)[side], dtype=float))[at]
        for side, at in enumerate(rows)
    )
    return np.fmax(a, b)
