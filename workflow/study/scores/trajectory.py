"""Pointwise scores over training: mean, early and last value of each, and the spread of confidence."""

from collections.abc import Mapping

import numpy as np

from study.scores.accumulator import Accumulator
from study.scores.pointwise import FUNCTIONS


class TrajectoryScores(Accumulator):
    """Every pointwise score's `_mean` over epochs 1…T, `_early` and `_last` values, and `variability`.

    `variability` is the population standard deviation (ddof 0) of p_y over epochs 1…T
    (Swayamdipta et al. 2020, Sec. 2.1), by Welford's recurrence. Memory is a few arrays per score,
    whatever the number of epochs.

    Args:
        n_examples: N.
        epochs: T; epoch e means after e epochs of training, so epoch 0 is never fed.
        early_epoch: the epoch, 1…T, of the `_early` columns.
    """

    def __init__(self, n_examples: int, epochs: int, early_epoch: int) -> None:
        if not 1 <= early_epoch <= epochs:
            raise ValueError(f"early epoch {early_epoch} is not one of 1…{epochs}")
        self._epochs, self._early_epoch = epochs, early_epoch
        self._names = tuple(FUNCTIONS)
        per_example = [f"{name}_{when}" for name in self._names for when in ("sum", "early", "last")]
        per_example += ["welford_mean", "welford_squares"]
        super().__init__(epoch=np.zeros((), np.int64), **{name: np.zeros(n_examples) for name in per_example})

    def update(self, scores: Mapping[str, np.ndarray]) -> None:
        """Take in the next epoch: `scores` as `pointwise_scores` gives them, (N,) each."""
        a = self._arrays
        if a["epoch"] == self._epochs:
            raise ValueError(f"all {self._epochs} epochs have been seen")
        a["epoch"] += 1
        for name in self._names:
            # Sums, not running means: equal numbers of correct epochs must stay equal, whatever their order.
            a[f"{name}_sum"] += scores[name]
            a[f"{name}_last"][...] = scores[name]
            if a["epoch"] == self._early_epoch:
                a[f"{name}_early"][...] = scores[name]
        deviation = scores["confidence"] - a["welford_mean"]
        a["welford_mean"] += deviation / a["epoch"]
        a["welford_squares"] += deviation * (scores["confidence"] - a["welford_mean"])

    def columns(self) -> dict[str, np.ndarray]:
        """(N,) float64 columns; only after all T epochs, so that no mean is of a part of them."""
        a = self._arrays
        if a["epoch"] != self._epochs:
            raise ValueError(f"{a['epoch']} of {self._epochs} epochs have been seen")
        result = {}
        for name in self._names:
            result[f"{name}_mean"] = a[f"{name}_sum"] / self._epochs
            result[f"{name}_early"] = a[f"{name}_early"].copy()
            result[f"{name}_last"] = a[f"{name}_last"].copy()
        result["variability"] = np.sqrt(a["welford_squares"] / self._epochs)
        return result
