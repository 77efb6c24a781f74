"""Ranks, rank correlation and normal scores of (R, N) matrices: R rows (runs, scores, …) over N examples.

Everything goes row by row and NaN is refused: a missing value has no rank. Infinite values rank as the
largest or smallest. Ties get average ranks.
"""

import numpy as np
from scipy.special import ndtri

from study.errors import StudyError

# Rows are ranked in blocks of about this many values, so that the sort's index arrays stay a few MiB beside
# matrices of hundreds, and many short rows still share one call.
_BLOCK = 1 << 18
_LONG = 1 << 13  # from about so many values in a row on, sorting digits is faster than comparing
_DIGITS = {  # integers of the same width, and where the sign stands
    np.dtype(np.float64): (np.int64, np.uint64, 63),
    np.dtype(np.float32): (np.int32, np.uint32, 31),
}


def average_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks 1…N within each row, ties averaged.

    Args:
        values: (R, N) or (N,) numbers or booleans.

    Returns:
        float64 of the same shape. Ranks are multiples of 1/2, hence exact.

    Raises:
        StudyError: a value is NaN.
    """
    values = np.asarray(values)
    matrix = np.atleast_2d(values)
    _refuse_nan(matrix)
    ranks = np.empty(matrix.shape)
    rows = max(1, _BLOCK // max(1, matrix.shape[1]))
    for start in range(0, len(matrix), rows):
        block = slice(start, start + rows)
        _rank_block(matrix[block], ranks[block])
    return ranks.reshape(values.shape)


def spearman_matrix(a: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    """Spearman correlation of every row of `a` with every row of `b` (of `a` itself if not given).

    One rank transform and one matrix product. Centred ranks are multiples of 1/2, so for N < 300,000 the
    product's sums are exact in float64: the result does not depend on threads or summation order, equal
    rankings give exactly 1 and reversed ones exactly -1.

    Args:
        a: (Ra, N), or (N,) for one row.
        b: (Rb, N), or (N,) for one row.

    Returns:
        (Ra, Rb) float64 in [-1, 1]. A constant row orders nothing: its correlations, that with itself
        included, are NaN.

    Raises:
        StudyError: a value is NaN.
        ValueError: the rows of `a` and `b` differ in length.
    """
    ranks_a = _centred_ranks(a)
    ranks_b = ranks_a if b is None else _centred_ranks(b)
    _check_lengths(ranks_a, ranks_b)
    return _normalised(ranks_a @ ranks_b.T, np.outer(_squares(ranks_a), _squares(ranks_b)))


def spearman_rows(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman correlation of row r of `a` with row r of `b`, for each r.

    Args:
        a: (R, N), or (N,) for one row.
        b: the same shape, or one row to correlate with all.

    Returns:
        (R,) float64; NaN where either row is constant.

    Raises:
        StudyError: a value is NaN.
        ValueError: the shapes do not fit.
    """
    ranks_a, ranks_b = _centred_ranks(a), _centred_ranks(b)
    _check_lengths(ranks_a, ranks_b)
    products = np.einsum("rn,rn->r", *np.broadcast_arrays(ranks_a, ranks_b))
    return _normalised(products, _squares(ranks_a) * _squares(ranks_b))


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Quantile-normal transform within each row: Φ⁻¹((rank - 3/8) / (N + 1/4)), with average ranks for ties.

    Source: Blom 1958, *Statistical Estimates and Transformed Beta-Variables*. Finite also for the extremes;
    a constant row becomes zeros; a row's scores sum to zero unless ties are uneven.

    Args:
        values: (R, N) or (N,).

    Returns:
        float64 of the same shape, in units of standard deviations of a standard normal.

    Raises:
        StudyError: a value is NaN.
    """
    ranks = average_ranks(values)
    n = ranks.shape[-1]
    ranks -= 0.375
    ranks /= n + 0.25
    return ndtri(ranks, out=ranks)


def _rank_block(values: np.ndarray, ranks: np.ndarray) -> None:
    """Average ranks of each row of `values` into `ranks`; scipy's rankdata takes three times as long."""
    if values.dtype in _DIGITS and values.shape[1] >= _LONG:
        for row, places in zip(values, ranks, strict=True):
            _rank_row(row, places)
        return
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    place = np.arange(1.0, values.shape[1] + 1)
    follows_equal = ordered[:, 1:] == ordered[:, :-1]
    if follows_equal.any():
        # Within a group of equals every place becomes the mean of the group's first and last place.
        first, last = np.tile(place, (len(values), 1)), np.tile(place, (len(values), 1))
        first[:, 1:][follows_equal] = 0
        last[:, :-1][follows_equal] = np.inf
        first = np.maximum.accumulate(first, axis=1)
        last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
        place = (first + last) / 2
    np.put_along_axis(ranks, order, np.broadcast_to(place, order.shape), axis=1)


def _rank_row(row: np.ndarray, ranks: np.ndarray) -> None:
    """As `_rank_block` for one long row of floats, in less than half the time."""
    row = row + 0.0  # -0 and 0 are equal, and so must their bits be
    order = _radix_order(row)
    ordered = row[order]
    place = np.arange(1.0, len(row) + 1)
    starts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    if len(starts) < len(row) - 1:
        starts = np.concatenate([[0], starts])
        sizes = np.diff(starts, append=len(row))
        place = np.repeat(starts + (sizes + 1) / 2, sizes)
    ranks[order] = place


def _radix_order(row: np.ndarray) -> np.ndarray:
    """The order that sorts floats, by the 16-bit digits of their bits, the last digit first.

    numpy sorts 16-bit integers in linear time. Bits of floats rise with the value once negative ones are
    turned over and positive ones get the top bit (Herf 2001, *Radix tricks*).
    """
    signed, unsigned, sign = _DIGITS[row.dtype]
    turned = (row.view(signed) >> sign).view(unsigned)  # all bits set where negative
    keys = row.view(unsigned) ^ (turned | unsigned(1 << sign))
    keys -= keys.min()
    used = int(np.bitwise_or.reduce(keys))  # leading and trailing zeros that all keys share need no sorting
    first = (used & -used).bit_length() - 1 if used else 0
    order = np.arange(len(row))
    for digit in range(first, used.bit_length(), 16):
        values = (keys >> unsigned(digit)).astype(np.uint16)
        order = order[np.argsort(values[order], kind="stable")]
    return order


def _centred_ranks(values: np.ndarray) -> np.ndarray:
    ranks = np.atleast_2d(average_ranks(values))
    ranks -= (ranks.shape[1] + 1) / 2
    return ranks


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.einsum("rn,rn->r", rows, rows)


def _normalised(products: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """products / √squares, NaN where a row was constant; √(s·s) is exactly s, hence exact ones."""
    result = np.full(products.shape, np.nan)
    np.divide(products, np.sqrt(squares), out=result, where=squares > 0)
    return np.clip(result, -1, 1, out=result)


def _check_lengths(a: np.ndarray, b: np.ndarray) -> None:
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"rows of {a.shape[1]} and of {b.shape[1]} examples cannot be correlated")


def _refuse_nan(matrix: np.ndarray) -> None:
    if matrix.dtype.kind != "f":
        return
    counts = np.array([np.isnan(row).sum() for row in matrix])
    if counts.any():
        row = int(np.flatnonzero(counts)[0])
        column = int(np.flatnonzero(np.isnan(matrix[row]))[0])
        raise StudyError(
            f"{counts.sum()} missing values (NaN) cannot be ranked",
            where=f"first at row {row}, example {column} of a {matrix.shape[0]} × {matrix.shape[1]} matrix",
            expected="a value for every run and example",
            do="leave out the runs or the score with missing values",
        )
