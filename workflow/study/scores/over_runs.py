"""Scores of an example over the runs of a model, (R, N) -> (N,) (Kwok et al. 2024, arXiv 2401.01867)."""

import numpy as np


def agreement(correct: np.ndarray) -> np.ndarray:
    """Share of runs that are right, from (R, N) zeros and ones."""
    return correct.mean(axis=0)


def ddd(correct: np.ndarray) -> np.ndarray:
    """+1 where all runs are right, −1 where all are wrong, else 0, from (R, N) zeros and ones."""
    return np.where(correct.all(axis=0), 1.0, np.where(correct.any(axis=0), 0.0, -1.0))


def consensus(predicted: np.ndarray, classes: int) -> np.ndarray:
    """(N,) the class that most of R runs predict; of equally frequent ones the smallest.

    Args:
        predicted: (R, N) classes.
        classes: how many there are.
    """
    return np.array([(predicted == k).sum(0) for k in range(classes)]).argmax(0)
