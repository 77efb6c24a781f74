"""What a run records of each example while it trains."""

import math
import time
from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from study.config.difficulty import RecordingSettings
from study.scores.forgetting import EpochForgetting, PresentationForgetting
from study.scores.gradient import per_example_gradient_norms
from study.scores.pointwise import accuracy, loss, pointwise_scores
from study.scores.trajectory import TrajectoryScores
from study.scores.vog import VogAccumulator, input_gradients
from study.training.contracts import Epoch, Observer, RunKey
from study.training.faults import diverged
from study.training.images import Images

HISTORY = (
    "epoch",
    "lr",  # of the epoch's last update
    "train_loss_running",  # in training mode, augmented, while the model changes
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
)


def early_epoch(epochs: int, fraction: float) -> int:
    """The early checkpoint: a fraction of training, rounded up to an epoch."""
    return math.ceil(round(epochs * fraction, 9))  # 0.07 * 100 is 7.000000000000001


def vog_epochs(epochs: int, checkpoints: int | None) -> tuple[int, ...]:
    """The epochs at which VoG takes gradients: evenly spaced, the last one among them."""
    return tuple(-(-epochs * k // checkpoints) for k in range(1, checkpoints + 1)) if checkpoints else ()


def evaluate(model: nn.Module, images: Images) -> np.ndarray:
    """Logits (N, C) float32 in evaluation mode, without augmentation."""
    model.eval()
    with torch.inference_mode():
        logits = [model(inputs) for _, inputs, _ in images.evaluation_batches()]
    return torch.cat(logits).cpu().numpy()


class Recorder(Observer):
    """Every score of a run.

    One forward pass over the training set after each epoch serves all pointwise scores, epoch forgetting and
    the trajectory; at VoG's epochs the same pass also gives the input gradients. Memory does not grow with
    the number of epochs, except for the trajectory and the history.

    Args:
        train, test: the splits, without augmentation.
        run: named in error messages.
        epochs: T.
        recording: what to record, and when.
        trajectory: whether loss, confidence and correctness of every epoch are kept.
    """

    def __init__(
        self,
        train: Images,
        test: Images,
        run: RunKey,
        epochs: int,
        recording: RecordingSettings,
        trajectory: bool,
    ) -> None:
        self._train, self._test, self._run = train, test, run
        self._vog_epochs = vog_epochs(epochs, recording.vog_checkpoints)
        self._presented: list[tuple[np.ndarray, Tensor]] = []
        early, n = early_epoch(epochs, recording.early), len(train)
        self._pointwise = TrajectoryScores(n, epochs, early)
        self._learning = EpochForgetting(n, epochs)
        self._presentations = PresentationForgetting(n, epochs)
        self._history = History()
        self._parts = [self._pointwise, self._learning, self._presentations, self._history]
        self._vog = self._norms = self._trajectory = None
        if recording.vog_checkpoints:
            self._vog = VogAccumulator(n, train.shape[1:], train.labels)
            self._parts.append(self._vog)
        if recording.gradient_norms:
            self._norms = GradientNorms(n, {"early": early, "last": epochs})
            self._parts.append(self._norms)
        if trajectory:
            self._trajectory = Trajectory(n, epochs)
            self._parts.append(self._trajectory)

    def on_batch(self, indices: np.ndarray, logits: Tensor, labels: Tensor) -> None:
        # Kept on the device until the epoch ends, so that a GPU need not wait in each step.
        self._presented.append((indices, logits.argmax(1) == labels))

    def on_epoch(self, epoch: Epoch, model: nn.Module) -> None:
        indices, correct = zip(*self._presented, strict=True)
        self._presentations.update(np.concatenate(indices), torch.cat(correct).cpu().numpy())
        self._presented.clear()

        model.eval()
        logits = self._evaluate_training_set(epoch, model)
        test_logits = evaluate(model, self._test)
        if not (np.isfinite(logits).all() and np.isfinite(test_logits).all()):
            raise diverged("the model's outputs are not finite", self._run, epoch.number, epoch.lr)
        scores = pointwise_scores(logits, self._train.labels)
        self._pointwise.update(scores)
        self._learning.update(scores["accuracy"])
        if self._trajectory:
            self._trajectory.update(scores)
        if self._norms:
            self._norms.update(epoch.number, model, self._train)
        self._history.update(epoch, scores, test_logits, self._test.labels)

    def _evaluate_training_set(self, epoch: Epoch, model: nn.Module) -> np.ndarray:
        """Logits (N, C), and at VoG's epochs also what VoG needs."""
        if epoch.number not in self._vog_epochs:
            return evaluate(model, self._train)
        logits = []
        self._vog.begin_checkpoint()
        for window, inputs, labels in self._train.evaluation_batches():
            outputs, of_logit, of_loss = input_gradients(model, inputs, labels)
            self._vog.update(window, outputs, labels, of_logit, of_loss)
            logits.append(outputs)
        return torch.cat(logits).cpu().numpy()

    def columns(self) -> dict[str, np.ndarray]:
        """All columns of examples.parquet, (N,) each, once training is complete."""
        sources = (self._pointwise, self._presentations, self._learning, self._norms, self._vog)
        return {name: values for part in sources if part for name, values in part.columns().items()}

    def history(self) -> pd.DataFrame:
        """A row per epoch, with the columns `HISTORY`."""
        return self._history.frame()

    def trajectory(self) -> pd.DataFrame:
        """A row per epoch (from 1) and `example` (its row in examples.parquet): loss, confidence, correct."""
        return self._trajectory.frame()

    def state(self) -> dict[str, np.ndarray]:
        return {f"{i}.{name}": a for i, part in enumerate(self._parts) for name, a in part.state().items()}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        for i, part in enumerate(self._parts):
            part.load_state({k.removeprefix(f"{i}."): a for k, a in state.items() if k.startswith(f"{i}.")})


class History:
    """One row per epoch."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []

    def update(
        self, epoch: Epoch, scores: Mapping[str, np.ndarray], test_logits: np.ndarray, test_labels: np.ndarray
    ) -> None:
        """Take in an epoch: pointwise scores of the training set, and logits of the test set."""
        train = (scores["loss"].mean(), scores["accuracy"].mean())
        test = (loss(test_logits, test_labels).mean(), accuracy(test_logits, test_labels).mean())
        self._rows.append((epoch.number, epoch.lr, epoch.loss, *train, *test))

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self._rows, columns=list(HISTORY)).astype({"epoch": np.int64})

    def state(self) -> dict[str, np.ndarray]:
        return {"rows": np.array(self._rows, dtype=np.float64)}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._rows = [tuple(row) for row in state["rows"].tolist()]


class Trajectory:
    """Loss, confidence and correctness of every example after every epoch."""

    def __init__(self, n_examples: int, epochs: int) -> None:
        self._done = 0
        self._arrays = {
            "loss": np.zeros((epochs, n_examples), np.float32),
            "confidence": np.zeros((epochs, n_examples), np.float32),
            "correct": np.zeros((epochs, n_examples), bool),
        }

    def update(self, scores: Mapping[str, np.ndarray]) -> None:
        """Take in the pointwise scores of the next epoch."""
        for name, array in self._arrays.items():
            array[self._done] = scores["accuracy" if name == "correct" else name]
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


class GradientNorms:
    """GraNd (Paul et al. 2021, arXiv 2107.07075, Sec. 2) and its last-layer form at named epochs.

    Args:
        n_examples: N.
        when: the epoch of each reading, such as {"early": 3, "last": 24}.
    """

    def __init__(self, n_examples: int, when: Mapping[str, int]) -> None:
        self._when = dict(when)
        self._arrays = {
            f"{score}_{reading}": np.zeros(n_examples)
            for score in ("grand", "grand_last_layer")
            for reading in when
        }

    def update(self, epoch: int, model: nn.Module, images: Images) -> None:
        """Measure the norms if it is time to; the model is in evaluation mode."""
        readings = [reading for reading, at in self._when.items() if at == epoch]
        if not readings:
            return
        for window, inputs, labels in images.evaluation_batches():
            total, head = per_example_gradient_norms(model, inputs, labels)
            for reading in readings:
                self._arrays[f"grand_{reading}"][window] = total.cpu().numpy()
                self._arrays[f"grand_last_layer_{reading}"][window] = head.cpu().numpy()

    def columns(self) -> dict[str, np.ndarray]:
        return dict(self._arrays)

    def state(self) -> dict[str, np.ndarray]:
        return dict(self._arrays)

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        for name, array in self._arrays.items():
            array[...] = state[name]


class Clock(Observer):
    """Seconds of training and recording, over all sittings of the run."""

    def __init__(self) -> None:
        self._before, self._start = 0.0, time.perf_counter()

    def seconds(self) -> float:
        return self._before + time.perf_counter() - self._start

    def state(self) -> dict[str, np.ndarray]:
        return {"seconds": np.array(self.seconds())}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._before, self._start = float(state["seconds"]), time.perf_counter()
