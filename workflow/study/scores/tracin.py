"""TracIn: an example's influence on itself (Pruthi et al. 2020, arXiv 2002.08484, TracInCP and Sec. 4.1)."""

import numpy as np

from study.scores.accumulator import Accumulator


class SelfInfluence(Accumulator):
    """Σ over checkpoints of η ‖∇_θ loss‖²: by how much steps on an example would lower its own loss, in nats.

    Args:
        n_examples: N.
    """

    def __init__(self, n_examples: int) -> None:
        super().__init__(total=np.zeros(n_examples))

    def update(self, rate: float, norms: np.ndarray) -> None:
        """Take in a checkpoint.

        Args:
            rate: the learning rate η of its last update.
            norms: (N,) norm of the gradient of each example's own loss over all parameters.
        """
        self._arrays["total"] += rate * np.square(norms)

    def columns(self) -> dict[str, np.ndarray]:
        """`tracin_self`, (N,) float64."""
        return {"tracin_self": self._arrays["total"].copy()}
