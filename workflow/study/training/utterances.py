"""Utterances as the loop uses them: their intents and the slots of their words."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from study.config.training import TrainingSettings
from study.models.interpreter import Interpretation, Words
from study.training.contracts import Batch, RunKey
from study.training.spoken import Spoken
from study.training.texts import Texts, TrainingTexts


class Meant(NamedTuple):
    """What a batch of utterances means."""

    intents: Tensor  # (B,) int64
    tags: Tensor | None  # (M,) int64
    rows: Tensor  # (M,) int64, whose words they are
    domains: Tensor  # (B,) int64


class Utterances:
    """Utterances in the form that an interpreter takes."""

    def __init__(self, spoken: Spoken, padding: int, device: torch.device) -> None:
        self.spoken, self.device = spoken, device
        self.texts = Texts(spoken.pieces, spoken.intents, padding, device)

    def batch(self, rows: np.ndarray) -> tuple[Words, Meant]:
        """Some utterances."""
        starts = [self.spoken.starts[row] for row in rows]
        owners = self._put(np.repeat(np.arange(len(rows)), [len(each) for each in starts]))
        words = Words(self.texts.tokens(rows), owners, self._put(np.concatenate(starts)))
        tags = self.spoken.tags
        known = None if tags is None else self._put(np.concatenate([tags[row] for row in rows]))
        intents, domains = self._put(self.spoken.intents[rows]), self._put(self.spoken.domains[rows])
        return words, Meant(intents, known, owners, domains)

    def _put(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array.astype(np.int64)).to(self.device)


class TrainingUtterances(TrainingTexts):
    """Utterances, or some of them, as a task of the loop: batches as of `TrainingTexts`.

    Args:
        utterances: all of them.
        rows: (n,) positions of those to train on.
        intents: how many different ones there are.
        settings, run: as of `TrainingTexts`.
    """

    def __init__(
        self,
        utterances: Utterances,
        padding: int,
        rows: np.ndarray,
        intents: int,
        settings: TrainingSettings,
        run: RunKey,
    ) -> None:
        spoken = utterances.spoken
        super().__init__(
            spoken.pieces, spoken.intents, padding, utterances.device, rows, intents, settings, run
        )
        self._utterances = utterances

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The minibatches of an epoch; each utterance comes once."""
        for batch in super().batches(epoch):
            yield Batch(batch.indices, *self._utterances.batch(batch.indices))

    def loss(self, output: Interpretation, batch: Batch) -> Tensor:
        """Cross-entropy of intents, plus those of words' tags and of domains, each a mean, in nats."""
        meant: Meant = batch.labels
        loss = functional.cross_entropy(output.intents, meant.intents)
        if meant.tags is not None:
            loss = loss + functional.cross_entropy(output.slots, meant.tags)
        if output.domains is not None:
            loss = loss + functional.cross_entropy(output.domains, meant.domains)
        return loss

    def right(self, output: Interpretation, batch: Batch) -> Tensor:
        """(B,) bool: intent, all tags and, where it is told, the domain are right."""
        meant: Meant = batch.labels
        wrong = (output.intents.argmax(1) != meant.intents).long()
        if meant.tags is not None:
            wrong.index_add_(0, meant.rows, (output.slots.argmax(1) != meant.tags).long())
        if output.domains is not None:
            wrong += (output.domains.argmax(1) != meant.domains).long()
        return wrong == 0
