"""Forgetting: how often an example that was right becomes wrong.

Source: Toneva et al. 2019 (arXiv 1812.05159), Sec. 3. An example that was never right has nothing
to forget: it counts as T + 1 events, more than any other can have in T epochs, so that it does not look easy.
"""

import numpy as np

from study.scores.accumulator import Accumulator


class PresentationForgetting(Accumulator):
    """Forgetting events between an example's successive presentations in its own minibatches.

    Args:
        n_examples: N.
        epochs: T, the number of times that each example is presented.
    """

    def __init__(self, n_examples: int, epochs: int) -> None:
        self._epochs = epochs
        super().__init__(
            correct=np.zeros(n_examples, bool),  # at the last presentation so far; wrong before the first
            learned=np.zeros(n_examples, bool),  # correct at any presentation so far
            events=np.zeros(n_examples, np.int64),
        )

    def update(self, indices: np.ndarray, correct: np.ndarray) -> None:
        """Take in one minibatch, as predicted before the update that it causes.

        Args:
            indices: (B,) positions of the examples in the training set, none twice.
            correct: (B,) booleans.
        """
        if len(np.unique(indices)) != len(indices):
            raise ValueError("an example is twice in one minibatch: its two presentations have no order")
        a, correct = self._arrays, np.asarray(correct, bool)
        a["events"][indices] += a["correct"][indices] & ~correct
        a["learned"][indices] |= correct
        a["correct"][indices] = correct

    def columns(self) -> dict[str, np.ndarray]:
        """`forgetting` (N,) int64 events, T + 1 where never learned; `never_learned` (N,) bool."""
        a = self._arrays
        return {
            "forgetting": np.where(a["learned"], a["events"], self._epochs + 1),
            "never_learned": ~a["learned"],
        }


class EpochForgetting(Accumulator):
    """Forgetting and learning as seen by the evaluations after epochs 1…T.

    Args:
        n_examples: N.
        epochs: T.
    """

    def __init__(self, n_examples: int, epochs: int) -> None:
        self._epochs = epochs
        super().__init__(
            epoch=np.zeros((), np.int64),
            events=np.zeros(n_examples, np.int64),
            first=np.zeros(n_examples, np.int64),  # first correct epoch; 0 before there was one
            since=np.zeros(n_examples, np.int64),  # start of the streak of correct epochs; 0 while wrong
        )

    def update(self, correct: np.ndarray) -> None:
        """Take in the evaluation after the next epoch: (N,), true or 1 where the prediction is the label."""
        a, correct = self._arrays, np.asarray(correct, bool)
        if a["epoch"] == self._epochs:
            raise ValueError(f"all {self._epochs} epochs have been seen")
        a["epoch"] += 1
        a["events"] += (a["since"] > 0) & ~correct
        a["first"][correct & (a["first"] == 0)] = a["epoch"]
        a["since"][correct & (a["since"] == 0)] = a["epoch"]
        a["since"][~correct] = 0

    def columns(self) -> dict[str, np.ndarray]:
        """(N,) int64 columns; only after all T epochs.

        `forgetting_epoch`: correct → wrong transitions, T + 1 where never learned.
        `first_learned`: first correct epoch, counted from 1; T + 1 if there is none.
        `consistently_learned`: first epoch from which all are correct; T + 1 where the last one is wrong.
        `unforgettable`: 1 where learned and never forgotten, else 0.
        """
        a, never = self._arrays, self._epochs + 1
        if a["epoch"] != self._epochs:
            raise ValueError(f"{a['epoch']} of {self._epochs} epochs have been seen")
        learned = a["first"] > 0
        return {
            "forgetting_epoch": np.where(learned, a["events"], never),
            "first_learned": np.where(learned, a["first"], never),
            "consistently_learned": np.where(a["since"] > 0, a["since"], never),
            "unforgettable": (learned & (a["events"] == 0)).astype(np.int64),
        }
