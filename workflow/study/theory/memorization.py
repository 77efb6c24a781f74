"""Theorem 3.6 of Mixture of Parrots, built: a mixture of experts that memorises any labels of any points.

A top-1 router of K random unit vectors sends each point to one expert. An expert projects its n_k points on a
random direction, which keeps them apart with probability 1, and passes a piecewise linear function of that
one number through all of them: n_k hinges with n_k weights. Numbers stored: K * m for the router, m + 2 * n_k
for an expert; 2 n + 2 K m in total, of which K m + m + 2 max(n_k) are at work for a point. That is least near
K = sqrt(2 n / m), where n_k = n / K (the paper chooses sqrt(n / m), the same up to a constant), while a dense
model needs about n numbers, all of them at work. Arithmetic: float64; labels are read by their sign.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

_SUMMED_UP_TO = 5000  # hinges: beyond, rounding in the sum of ReLUs reaches the labels


@dataclass(frozen=True)
class Expert:
    """A projection and a function of one variable through its points, hinges in rising order.

    direction: (m,); hinges: (n_k,); weights: (n_k,) change of slope at each hinge; heights: (n_k,) the
    function at the right end of each piece; ends: (n_k,) where that is.
    """

    direction: np.ndarray
    hinges: np.ndarray
    weights: np.ndarray
    ends: np.ndarray
    heights: np.ndarray

    @property
    def parameters(self) -> int:
        """m + 2 n_k: the direction, the hinges, the weights. Ends and heights follow from these."""
        return self.direction.size + self.hinges.size + self.weights.size

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """(points, m) -> (points,): sum_i weight_i * ReLU(projection - hinge_i).

        With more than 5,000 hinges the same function is evaluated piece by piece, since the sum of so many
        large slopes of both signs loses the labels to rounding.
        """
        if not len(self.hinges):
            return np.zeros(len(points))
        projected = points @ self.direction
        if len(self.hinges) > _SUMMED_UP_TO:
            return np.interp(projected, self.ends, self.heights)
        return np.maximum(projected[:, None] - self.hinges, 0) @ self.weights


def fit_expert(points: np.ndarray, labels: np.ndarray, direction: np.ndarray) -> Expert:
    """The expert through its points: (n_k, m) and (n_k,) labels of -1 and 1.

    Raises ValueError where two points with opposite labels fall on one number.
    """
    projected = points @ direction
    order = np.argsort(projected, kind="stable")
    ends, heights = projected[order], labels[order].astype(float)
    apart = np.diff(ends) > 0
    if (~apart & (np.diff(heights) != 0)).any():
        raise ValueError("two points with opposite labels have the same projection: draw another direction")
    keep = np.concatenate([[True], apart])[: len(ends)]
    ends, heights = ends[keep], heights[keep]
    hinges = np.concatenate([ends[:1] - 1, ends[:-1]])
    slopes = np.diff(heights, prepend=0) / np.diff(ends, prepend=hinges[:1])
    return Expert(direction, hinges, np.diff(slopes, prepend=0), ends, heights)


@dataclass(frozen=True)
class Memory:
    """The whole mixture. router: (K, m) unit vectors."""

    router: np.ndarray
    experts: list[Expert]

    def route(self, points: np.ndarray) -> np.ndarray:
        """The expert of each point, the one with the largest inner product: (points, m) -> (points,) int."""
        return (points @ self.router.T).argmax(axis=1)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """(points, m) -> (points,), of which the sign is the label."""
        chosen, answers = self.route(points), np.empty(len(points))
        for k, expert in enumerate(self.experts):
            mine = chosen == k
            answers[mine] = expert(points[mine])
        return answers

    @property
    def total_parameters(self) -> int:
        """Numbers stored: router and all experts."""
        return self.router.size + sum(expert.parameters for expert in self.experts)

    @property
    def active_parameters(self) -> int:
        """Numbers at work for the point that needs the most: router and the largest expert."""
        return self.router.size + max(expert.parameters for expert in self.experts)


def memorise(points: np.ndarray, labels: np.ndarray, experts: int, rng: np.random.Generator) -> Memory:
    """A mixture of K experts that gives every point, (n, m), its label, (n,) of -1 and 1.

    An expert whose cell of the router is empty has no hinges and answers 0.
    """
    router = _unit_vectors(experts, points.shape[1], rng)
    directions = _unit_vectors(experts, points.shape[1], rng)
    chosen = (points @ router.T).argmax(axis=1)
    fitted = [
        fit_expert(points[chosen == k], labels[chosen == k], direction)
        for k, direction in enumerate(directions)
    ]
    return Memory(router, fitted)


def best_experts(points: int, width: int) -> float:
    """The number of experts at which the fewest parameters are at work, for even cells: sqrt(2 n / m)."""
    return sqrt(2 * points / width)


def _unit_vectors(count: int, width: int, rng: np.random.Generator) -> np.ndarray:
    vectors = rng.standard_normal((count, width))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
