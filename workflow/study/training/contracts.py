"""What the training loop, its tasks and its observers agree on."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from torch import Tensor, nn

from study.config.runs import RunSettings


class RunKey(NamedTuple):
    """What all random streams of a run are derived from, beside their purpose and the epoch."""

    study_seed: int
    seed: int
    model: str  # its name; of variant runs with their family's behind a slash


def key_of(run: RunSettings) -> RunKey:
    """The key of a run's streams. Variants of one family share them: they are compared in pairs, by seed.

    They do not share those of the model's ordinary runs, which rank the examples that variants train on.
    """
    family = f"/{run.variant.family}" if run.variant else ""
    return RunKey(run.study_seed, run.seed, f"{run.model_name}{family}")


class Batch(NamedTuple):
    """One minibatch, of B examples."""

    indices: np.ndarray  # (B,) positions of the examples in the training set
    inputs: Any  # what the model takes: of images (B, C, H, W); of running text parts, each a Batch
    labels: Any  # what its task compares outputs with: of images (B,) int64; of running text in its parts


class Epoch(NamedTuple):
    """An epoch that has just ended."""

    number: int  # from 1
    lr: float  # of its last update
    loss: float  # mean over its examples, in training mode, each before the update that it caused


class Task(Protocol):
    """What the loop asks of data."""

    steps: int  # minibatches of an epoch
    chance_loss: float  # loss of a uniform guess, in nats

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The minibatches of an epoch, from 1: the same ones whenever it is asked."""

    def loss(self, output: Any, batch: Batch) -> Tensor:
        """Mean loss of what the model made of a minibatch, a scalar."""

    def right(self, output: Any, batch: Batch) -> Tensor:
        """(B,) bool, the examples that it got right."""


class Observer:
    """Watches a training and leaves it as it is. Its state is saved with the training's own."""

    def on_batch(self, indices: np.ndarray, right: Tensor | None) -> None:
        """A minibatch's examples, and which were right in training mode, before the update they cause.

        `right` is None where the examples are rows of running text.
        """

    def on_update(self, step: int, model: nn.Module) -> None:
        """After the update number `step` of the whole training, from 1; the model stays in training mode."""

    def on_epoch(self, epoch: Epoch, model: nn.Module) -> None:
        """After the last update of an epoch; the model may be left in evaluation mode."""

    def state(self) -> dict[str, np.ndarray]:
        """Everything that it needs to go on later."""
        return {}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a `state()`."""
