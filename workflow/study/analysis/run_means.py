"""Ranks of means over chosen runs, and which runs have a ranking at all."""

from collections.abc import Mapping

import numpy as np

from study.analysis.ranks import average_ranks
from study.errors import StudyError

_BLOCK = 1 << 22  # values of means that are ranked at a time: 32 MiB, whatever N and the number of means
_SPLIT = 2.0**12 + 1  # Veltkamp's constant: keeps 41 of 53 bits


def ranked_runs(name: str, matrix: np.ndarray) -> np.ndarray:
    """The runs of a score that rank the examples, as float64 (R', N).

    A run in which every example has the same score orders nothing; it is left out, and tables count what is
    left as `n`.

    Args:
        name: the score, for the message.
        matrix: (R, N) finite values, or (N,) for one run.

    Raises:
        StudyError: a value is NaN or infinite, or the matrix is not two-dimensional.
    """
    values = finite_matrix(name, matrix)
    return values[has_ranking(values)]


def has_ranking(values: np.ndarray) -> np.ndarray:
    """(R,) whether the run's scores differ at all."""
    return np.array([row.size > 0 and row.min() < row.max() for row in values], dtype=bool)


def why_unranked(runs: int) -> str:
    """Why nothing can be said of a score that so many (0 or 1) runs rank; empty from two runs on."""
    if runs >= 2:
        return ""
    return "only one run tells the examples apart" if runs else "every run gives all examples the same score"


def finite_matrix(name: str, matrix: np.ndarray) -> np.ndarray:
    """A score as a float64 (R, N) matrix; raises `StudyError` where a value is missing or infinite."""
    values = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    bad = sum(int(np.count_nonzero(~np.isfinite(row))) for row in values) if values.ndim == 2 else -1
    if bad:
        raise StudyError(
            f"the score {name!r} cannot be ranked: "
            + (f"{bad} values are missing or infinite" if bad > 0 else f"its shape is {values.shape}"),
            where="a matrix of runs × examples",
            expected="a finite value for every run and every example",
            do="leave out the runs that diverged, or this score",
        )
    return values


def same_shape(scores: Mapping[str, np.ndarray]) -> tuple[int, int]:
    """(R, N) of scores that stand beside each other; scores of one row (taken over all runs) fit any R.

    Raises:
        StudyError: numbers of runs or examples differ.
    """
    shapes = {name: np.atleast_2d(matrix).shape for name, matrix in scores.items()}
    runs = max((shape[0] for shape in shapes.values()), default=0)
    examples = next(iter(shapes.values()), (0, 0))[1]
    for name, shape in shapes.items():
        if shape[0] not in (1, runs) or shape[1] != examples:
            raise StudyError(
                f"the score {name!r} has {shape[0]} runs of {shape[1]} examples",
                where="scores that are compared with each other",
                expected=f"{runs} runs (or one row over all runs) of {examples} examples",
                do="give every score of the model the same runs and examples",
            )
    return runs, examples


def mean_ranks(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Ranks 1…N of the examples by their mean over each set of runs.

    Means of coarse scores tie exactly, but their floating-point sums differ in the last bits by the order of
    the runs, which would break ties at random. What is ranked is the sum (exact for whole numbers), rounded
    to 41 bits (relative 5e-13).

    Args:
        values: (R, N) scores.
        chosen: (M, R) booleans, which runs each mean is over; at least one in every row.

    Returns:
        (M, N) float64 average ranks. Memory beside it stays below about 100 MiB.
    """
    values = np.asarray(values, dtype=np.float64)
    weights = chosen.astype(np.float64)
    ranks = np.empty((len(weights), values.shape[1]))
    rows = max(1, _BLOCK // max(1, values.shape[1]))
    for start in range(0, len(weights), rows):
        block = slice(start, start + rows)
        ranks[block] = average_ranks(rounded(weights[block] @ values))
    return ranks


def correlate_ranks(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman correlation of rows that are ranks already.

    Args:
        a: (A, N) ranks 1…N with average ties, float32 (exact up to N = 8 million) or float64.
        b: (B, N) the same.

    Returns:
        (A, B) float64 in [-1, 1]; NaN where a row gives all examples the same rank.
    """
    a, b = _centred(a), _centred(b)
    return normalised(a @ b.T, np.outer(_squares(a), _squares(b)))


def correlate_rank_rows(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(A,) as `correlate_ranks`, row r of a with row r of b."""
    a, b = _centred(a), _centred(b)
    return normalised(np.einsum("rn,rn->r", a, b), _squares(a) * _squares(b))


def normalised(products: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """products / √squares within [-1, 1], NaN where squares are 0."""
    result = np.divide(products, np.sqrt(squares), out=np.full(products.shape, np.nan), where=squares > 0)
    return np.clip(result, -1, 1, out=result)


def _centred(ranks: np.ndarray) -> np.ndarray:
    return ranks.astype(np.float64) - (ranks.shape[1] + 1) / 2


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.einsum("rn,rn->r", rows, rows)


def rounded(values: np.ndarray) -> np.ndarray:
    """Values rounded to 41 significant bits (Veltkamp 1968; Dekker 1971's splitting)."""
    spread = values * _SPLIT
    return spread - (spread - values)


def all_but(runs: int, *left_out: np.ndarray) -> np.ndarray:
    """(M, R) sets of all runs but those named: `left_out` are index arrays of length M."""
    chosen = np.ones((len(left_out[0]), runs), dtype=bool)
    for index in left_out:
        chosen[np.arange(len(chosen)), index] = False
    return chosen
