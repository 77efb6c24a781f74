"""Labelled texts as the loop and the recorders use them: rows of word pieces of like lengths in a batch."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from study.config.training import TrainingSettings
from study.models.encoder import Tokens
from study.models.tokenizer import Pieces
from study.seeds import generator
from study.training.contracts import Batch, RunKey

EVALUATED_PIECES = 2**13  # of an evaluation batch, padding included
_POOLED = 32  # batches whose examples are sorted by length together


class Texts:
    """The N texts of a split, in its own order: what evaluations see.

    Args:
        pieces: their word pieces.
        labels: (N,) int64.
        padding: the piece that stands for nothing.
        device: where batches are put.
    """

    def __init__(self, pieces: Pieces, labels: np.ndarray, padding: int, device: torch.device) -> None:
        self.pieces, self.labels, self.device, self._padding = pieces, labels, device, padding
        self.targets = torch.from_numpy(labels).to(device)

    def __len__(self) -> int:
        return len(self.labels)

    def some(self, rows: np.ndarray) -> "Texts":
        """Some of the texts, in the order of their positions."""
        return Texts(self.pieces.some(rows), self.labels[rows], self._padding, self.device)

    def tokens(self, rows: np.ndarray) -> Tokens:
        """Some rows, padded to the longest of them."""
        starts, lengths = self.pieces.starts[rows], self.pieces.lengths[rows]
        place = np.arange(int(lengths.max()))
        real = place < lengths[:, None]
        index = np.where(real, starts[:, None] + place, 0)
        ids = np.where(real, self.pieces.ids[index], self._padding)
        types = np.where(real, self.pieces.types[index], 0)
        return Tokens(
            *(torch.from_numpy(part.astype(np.int64)).to(self.device) for part in (ids, types, real))
        )

    def evaluation_batches(self, most: int = EVALUATED_PIECES) -> Iterator[tuple[np.ndarray, Tokens, Tensor]]:
        """Positions, tokens and labels, batch by batch, from the shortest texts to the longest."""
        order = np.argsort(self.pieces.lengths, kind="stable")
        for rows in batches_within(order, self.pieces.lengths, most):
            yield rows, self.tokens(rows), self.targets[torch.from_numpy(rows).to(self.device)]


class TrainingTexts(Texts):
    """A training split, or a part of it, as a task of the loop.

    A batch holds texts of like lengths, so that little of it is padding: the examples of 32 batches, drawn
    at random, are sorted by length and cut into batches, which come in random order.

    Args:
        rows: (n,) positions of the examples to train on; None: all.
        classes: C.
        settings: batch size.
        run: what the order is derived from.
        The others as of `Texts`.
    """

    def __init__(
        self,
        pieces: Pieces,
        labels: np.ndarray,
        padding: int,
        device: torch.device,
        rows: np.ndarray | None,
        classes: int,
        settings: TrainingSettings,
        run: RunKey,
    ) -> None:
        super().__init__(pieces, labels, padding, device)
        self._rows = np.arange(len(labels)) if rows is None else rows
        self._size, self._run = settings.batch_size, run
        self.presented = len(self._rows)
        self.steps = -(-self.presented // self._size)
        self.chance_loss = float(np.log(classes))

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The minibatches of an epoch; each example comes once, and one batch may be smaller."""
        rng = generator(*self._run, "order", epoch)
        for rows in self._order(rng):
            yield Batch(rows, self.tokens(rows), self.targets[torch.from_numpy(rows).to(self.device)])

    def _order(self, rng: np.random.Generator) -> Sequence[np.ndarray]:
        order, lengths, pool = rng.permutation(self._rows), self.pieces.lengths, self._size * _POOLED
        found = []
        for start in range(0, len(order), pool):
            pooled = order[start : start + pool]
            pooled = pooled[np.argsort(lengths[pooled], kind="stable")]
            found += [pooled[first : first + self._size] for first in range(0, len(pooled), self._size)]
        return [found[place] for place in rng.permutation(len(found))]

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """Mean cross-entropy of a minibatch, in nats, from its logits (B, C)."""
        return functional.cross_entropy(output, batch.labels)

    def right(self, output: Tensor, batch: Batch) -> Tensor:
        """(B,) bool: the largest logit is the label's."""
        return output.argmax(1) == batch.labels


def batches_within(order: np.ndarray, lengths: np.ndarray, most: int) -> Iterator[np.ndarray]:
    """Cut rows, from short ones to long ones, into batches of at most `most` pieces, or of one row."""
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end + 1 - start) * int(lengths[order[end]]) <= most:
            end += 1
        yield order[start:end]
        start = end
