"""What a source gives, and how examples are drawn from it in equal class shares."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from study.data.dataset import content_hashes
from study.errors import StudyError


@dataclass(frozen=True)
class Part:
    """One split of a source, before anything is drawn from it."""

    labels: np.ndarray
    """(N,) int64."""
    inputs: Callable[[np.ndarray], np.ndarray]
    """Makes the inputs of the rows that are asked for: images (n, C, H, W), or packed texts (n, W), uint8."""
    where: Callable[[int], str]
    """Names a row in an error message: its file, and its position there."""
    facts: dict[str, np.ndarray] = field(default_factory=dict)
    """(N,) arrays by name."""


@dataclass(frozen=True)
class Source:
    """What every kind of source gives."""

    train: Part
    test: Part | None
    """None: some of the training examples are held out for testing."""
    classes: tuple[str, ...]
    description: str
    """Where the data came from, for the data card."""
    hashes: Callable[[np.ndarray], np.ndarray] = content_hashes
    """Hash of each of some inputs, (n,) str."""


def class_quotas(sizes: np.ndarray, count: int) -> np.ndarray:
    """How many of `count` examples each class gets, in proportion to its size.

    The exact shares are rounded down, and the examples that are then missing go to the classes with the
    largest remainders (the lower class first among equals).

    Args:
        sizes: (C,) examples of each class.
        count: at most their sum.

    Returns:
        (C,) int64, `count` in all.
    """
    shares = sizes * count
    quotas = shares // sizes.sum()
    quotas[np.argsort(-(shares % sizes.sum()), kind="stable")[: count - quotas.sum()]] += 1
    return quotas


def stratified(labels: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw `count` rows so that each class keeps its share, to within one example.

    Args:
        labels: (N,) integers.
        count: number of rows to draw, at most N.
        rng: the stream that chooses among the examples of a class.

    Returns:
        (count,) int64 rows in ascending order.
    """
    values, sizes = np.unique(labels, return_counts=True)
    quotas = class_quotas(sizes, count)
    drawn = [
        rng.choice(np.flatnonzero(labels == value), size=quota, replace=False)
        for value, quota in zip(values, quotas, strict=True)
    ]
    return np.sort(np.concatenate(drawn)).astype(np.int64)


def held_out(labels: np.ndarray, fraction: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on and rows to test on, both ascending; the test share is rounded up."""
    count = math.ceil(round(len(labels) * fraction, 6))
    test = stratified(labels, count, rng)
    return np.setdiff1d(np.arange(len(labels)), test), test


def subsample(
    rows: np.ndarray, labels: np.ndarray, count: int | None, rng: np.random.Generator, key: str, where: str
) -> np.ndarray:
    """`count` of the rows in equal class shares, or all of them if `count` is None.

    Args:
        rows: (n,) rows of the source that may be drawn.
        labels: (N,) labels of the source.
        count: how many to keep.
        rng: the stream that draws.
        key: the setting that asks for `count`, for the error message.
        where: the split, for the error message.

    Raises:
        StudyError: there are fewer rows than asked for.
    """
    if count is None or count == len(rows):
        return rows
    if count > len(rows):
        raise StudyError(
            f"{key} asks for {count:,} examples, and there are {len(rows):,}",
            where=where,
            expected=f"{key} of at most {len(rows)}, or null for all",
            do=f"lower {key} in the data set's settings",
        )
    return rows[stratified(labels[rows], count, rng)]
