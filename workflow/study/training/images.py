"""Labelled images as the loop and the recorders use them."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from study.config.training import TrainingSettings
from study.data.dataset import Split
from study.seeds import generator
from study.training.augment import Moves, moved, pad, unpadded
from study.training.contracts import Batch, RunKey

_EVALUATED_PIXELS = 2**17  # of an evaluation batch on a CPU: larger ones leave the cache
_EVALUATED_IMAGES = 512
_COUNTED_IMAGES = 1024


class Normalisation:
    """(x - mean) / std per channel, with the mean and std of the training split's pixels.

    A channel without any variation is only centred.
    """

    def __init__(self, inputs: np.ndarray, device: torch.device) -> None:
        counts = np.zeros((inputs.shape[1], 256), np.int64)
        for start in range(0, len(inputs), _COUNTED_IMAGES):  # bincount copies to 8 bytes a pixel
            for channel, pixels in enumerate(inputs[start : start + _COUNTED_IMAGES].swapaxes(0, 1)):
                counts[channel] += np.bincount(pixels.ravel(), minlength=256)
        share = counts / counts.sum(axis=1, keepdims=True)
        values = np.arange(256)
        mean = share @ values
        std = np.sqrt((share * (values - mean[:, None]) ** 2).sum(axis=1))
        std[std == 0] = 1
        self._mean, self._scale = (
            torch.tensor(x, dtype=torch.float32, device=device).view(1, -1, 1, 1) for x in (mean, 1 / std)
        )

    def __call__(self, images: Tensor) -> Tensor:
        """(B, C, H, W) uint8 -> float32, channels last in memory: the faster layout for convolutions."""
        return ((images.float() - self._mean) * self._scale).contiguous(memory_format=torch.channels_last)


class Images:
    """A split without augmentation, in its own order: what evaluations see."""

    def __init__(self, split: Split, normalise: Normalisation, device: torch.device) -> None:
        self._use(torch.from_numpy(split.inputs).to(device), split, normalise)

    def _use(self, images: Tensor, split: Split, normalise: Normalisation) -> None:
        self._images, self._normalise = images, normalise
        self.labels = split.labels  # (N,) int64
        self.targets = torch.from_numpy(split.labels).to(images.device)  # the same on the device

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an image."""
        return tuple(self._images.shape[1:])

    def evaluation_batches(self) -> Iterator[tuple[slice, Tensor, Tensor]]:
        """Positions, normalised images and labels, batch by batch."""
        size = evaluation_batch_size(self.shape, self._images.device.type)
        for start in range(0, len(self), size):
            window = slice(start, min(start + size, len(self)))
            yield window, self._normalise(self._images[window]), self.targets[window]


class TrainingImages(Images):
    """The training split as a task of the loop: shuffled, augmented minibatches and their cross-entropy.

    Args:
        split: the training split.
        classes: number of classes.
        settings: batch size and augmentation.
        run: what order and augmentation are derived from.
        device: where the images are kept.
    """

    def __init__(
        self,
        split: Split,
        classes: int,
        settings: TrainingSettings,
        run: RunKey,
        normalise: Normalisation,
        device: torch.device,
    ) -> None:
        self._shift, self._flip, self._run, self._size = (
            settings.shift,
            settings.flip,
            run,
            settings.batch_size,
        )
        self._padded = pad(torch.from_numpy(split.inputs).to(device), settings.shift)
        self._use(unpadded(self._padded, settings.shift), split, normalise)
        self.presented = len(split.labels)  # examples of an epoch
        self.steps = -(-self.presented // settings.batch_size)
        self.chance_loss = float(np.log(classes))

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The minibatches of an epoch; each example comes once, and the last batch may be smaller."""
        order, device = self._order(generator(*self._run, "order", epoch)), self._padded.device
        n = len(order)
        on_device = torch.from_numpy(order).to(device)
        moves = Moves.draw(n, self._shift, self._flip, generator(*self._run, "augmentation", epoch), device)
        for start in range(0, n, self._size):
            window = slice(start, start + self._size)
            chosen = on_device[window]
            images = moved(self._padded, self._shift, chosen, moves, window)
            yield Batch(order[window], self._normalise(images), self.targets[chosen])

    def _order(self, rng: np.random.Generator) -> np.ndarray:
        """Positions of an epoch's examples in the order in which they come."""
        return rng.permutation(len(self))

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """Mean cross-entropy of a minibatch, in nats, from its logits (B, C)."""
        return functional.cross_entropy(output, batch.labels)

    def right(self, output: Tensor, batch: Batch) -> Tensor:
        """(B,) bool: the largest logit is the label's."""
        return output.argmax(1) == batch.labels


def evaluation_batch_size(shape: tuple[int, int, int], device: str) -> int:
    """Images of an evaluation batch: 512 where they are small, fewer on a CPU where they are large."""
    if device != "cpu":
        return _EVALUATED_IMAGES
    return max(16, min(_EVALUATED_IMAGES, _EVALUATED_PIXELS // (shape[1] * shape[2])))
