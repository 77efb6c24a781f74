"""Labels that are wrong on purpose."""

import numpy as np


def redraw_labels(labels: np.ndarray, fraction: float, classes: int, rng: np.random.Generator) -> np.ndarray:
    """Draw an exact share of the labels anew, uniformly among all classes: one in `classes` of them stays.

    Args:
        labels: (N,) integers in [0, classes).
        fraction: share of the labels that is drawn anew, in [0, 1].
        classes: number of classes.
        rng: the stream that chooses the examples and their new classes.

    Returns:
        (N,) int64.
    """
    noisy = labels.astype(np.int64, copy=True)
    chosen = rng.choice(len(labels), size=round(len(labels) * fraction), replace=False)
    noisy[chosen] = rng.integers(classes, size=len(chosen))
    return noisy


def flip_labels(labels: np.ndarray, fraction: float, classes: int, rng: np.random.Generator) -> np.ndarray:
    """Move an exact share of the labels to another class, uniformly among the others.

    Args:
        labels: (N,) integers in [0, classes).
        fraction: share of the labels to move, in [0, 1].
        classes: number of classes, at least 2.
        rng: the stream that chooses the examples and their new classes.

    Returns:
        (N,) int64, of which exactly `round(N * fraction)` differ from `labels`.
    """
    noisy = labels.astype(np.int64, copy=True)
    flipped = rng.choice(len(labels), size=round(len(labels) * fraction), replace=False)
    # A step of 1 ... classes-1 around the circle of classes reaches each other class with equal chance.
    steps = rng.integers(1, classes, size=len(flipped))
    noisy[flipped] = (noisy[flipped] + steps) % classes
    return noisy
