"""Variant runs of models of images: on subsets, and on windows of a ranking."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from study.config.runs import RunSettings
from study.data.dataset import Dataset
from study.training.contracts import Task, key_of
from study.training.evaluation import Evaluation
from study.training.image_runs import prepare_model
from study.training.images import Images, Normalisation, TrainingImages
from study.training.subsets import chosen, taken
from study.training.variants import Watcher


class RepeatedImages(TrainingImages):
    """A part of the training set, in epochs of a fixed number of full minibatches.

    An epoch's examples are one permutation of the part after the other, cut where the last minibatch is full:
    so parts of any size train for equally many steps on minibatches of one size. Near the seam of two
    permutations an example may come twice in a minibatch, each time under an augmentation of its own.

    Args:
        steps: minibatches of an epoch; the others as in `TrainingImages`.
    """

    def __init__(self, *of_part, steps: int) -> None:
        super().__init__(*of_part)
        self.steps, self.presented = steps, steps * self._size

    def _order(self, rng: np.random.Generator) -> np.ndarray:
        passes = -(-self.presented // len(self))
        return np.concatenate([rng.permutation(len(self)) for _ in range(passes)])[: self.presented]


class ImageGround:
    """What variant runs share: pixels are normalised as in a run on the whole training set."""

    def __init__(self, data: Dataset, device: torch.device) -> None:
        self._data, self._device = data, device
        self._normalise = Normalisation(data.train.inputs, device)
        self._evaluated = tuple(Images(split, self._normalise, device) for split in (data.train, data.test))

    def part(self, run: RunSettings, root: Path) -> np.ndarray:
        """Positions of the examples that a run trains on; see `chosen`."""
        return chosen(run, self._data.train, root)

    def model(self, run: RunSettings) -> nn.Module:
        """The run's model, freshly initialised on the device."""
        return prepare_model(run, self._data, self._device)

    def task(self, run: RunSettings, part: np.ndarray) -> Task:
        """What it trains on; parts of a ranking for as many steps as the whole training set."""
        data = self._data
        of_part = (taken(data.train, part), len(data.classes), run.training, key_of(run))
        if run.variant.family == "subsets":
            return TrainingImages(*of_part, self._normalise, self._device)
        steps = -(-len(data.train.labels) // run.training.batch_size)
        return RepeatedImages(*of_part, self._normalise, self._device, steps=steps)

    def evaluated(self, run: RunSettings) -> tuple[Images, Images]:
        """The whole training set and the test set."""
        return self._evaluated

    def watcher(self, run: RunSettings, task: Task) -> Watcher:
        """No one watches."""
        return Watcher()

    def columns(self, run: RunSettings, evaluation: Evaluation) -> dict[str, np.ndarray]:
        """There are no more columns."""
        return {}


def ground(run: RunSettings, data: Dataset, device: torch.device, root: Path) -> ImageGround:
    """What the variant runs of a model on a data set share."""
    return ImageGround(data, device)
