"""What a run keeps of every epoch: its history, and the trajectories of its examples."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from study.training.evaluation import Evaluation
from study.training.parts import Part

HISTORY = (
    "epoch",
    "lr",  # of the epoch's last update
    "train_loss_running",  # in training mode, augmented, while the model changes
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
)


class History(Part):
    """One row per epoch, with the columns `HISTORY`."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []

    def on_evaluation(self, evaluation: Evaluation) -> None:
        epoch, scores = evaluation.epoch, evaluation.scores
        train = (scores["loss"].mean(), scores["accuracy"].mean())
        test = (evaluation.test_scores["loss"].mean(), evaluation.test_scores["accuracy"].mean())
        self._rows.append((epoch.number, epoch.lr, epoch.loss, *train, *test))

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self._rows, columns=list(HISTORY)).astype({"epoch": np.int64})

    def state(self) -> dict[str, np.ndarray]:
        return {"rows": np.array(self._rows, dtype=np.float64)}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._rows = [tuple(row) for row in state["rows"].tolist()]


class Trajectory(Part):
    """Loss, confidence and correctness of every example after every epoch."""

    def __init__(self, n_examples: int, epochs: int) -> None:
        self._done = 0
        self._arrays = {
            "loss": np.zeros((epochs, n_examples), np.float32),
            "confidence": np.zeros((epochs, n_examples), np.float32),
            "correct": np.zeros((epochs, n_examples), bool),
        }

    def on_evaluation(self, evaluation: Evaluation) -> None:
        for name, array in self._arrays.items():
            array[self._done] = evaluation.scores["accuracy" if name == "correct" else name]
        self._done += 1

    def frame(self) -> pd.DataFrame:
        epochs, n = self._arrays["loss"].shape
        rows = {
            "epoch": np.repeat(np.arange(1, epochs + 1, dtype=np.int16), n),
            "example": np.tile(np.arange(n, dtype=np.int32), epochs),
        }
        return pd.DataFrame(rows | {name: array.reshape(-1) for name, array in self._arrays.items()})

    def state(self) -> dict[str, np.ndarray]:
        return {name: array[: self._done] for name, array in self._arrays.items()}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._done = len(state["loss"])
        for name, array in self._arrays.items():
            array[: self._done] = state[name]
