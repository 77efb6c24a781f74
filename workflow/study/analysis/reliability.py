"""Closed forms of what averaging over runs does, where runs are one signal and independent noise."""

import numpy as np


def spearman_brown(reliability: float | np.ndarray, runs: float | np.ndarray) -> float | np.ndarray:
    """Correlation of two disjoint n-run means, from that of two runs: n·r / (1 + (n-1)·r).

    Source: Spearman 1910 and Brown 1910 (British Journal of Psychology 3).
    """
    return runs * reliability / (1 + (runs - 1) * reliability)


def runs_for(reliability: float | np.ndarray, target: float | np.ndarray) -> np.ndarray:
    """Runs after which two means correlate at `target`: target (1-r) / (r (1-target)); inf unless r > 0."""
    reliability = np.asarray(reliability, dtype=float)
    needed = np.where(np.isnan(reliability), np.nan, np.inf)
    odds = target / (1 - target)
    return np.divide(odds * (1 - reliability), reliability, out=needed, where=reliability > 0)


def gaussian_rank_error(correlation: float | np.ndarray) -> float | np.ndarray:
    """E|U - V| of a Gaussian copula of (Pearson) correlation ρ: 1/2 - asin((1+ρ)/2)/π.

    E|U - V| = 1 - 2 P(X < Z, Y < Z) with an independent standard normal Z; the orthant probability of
    (X - Z, Y - Z), correlated at (1+ρ)/2, is 1/4 + asin((1+ρ)/2)/2π (Sheppard 1899).
    """
    return 0.5 - np.arcsin(np.clip((1 + correlation) / 2, -1, 1)) / np.pi
