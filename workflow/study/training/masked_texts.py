"""Guessing masked word pieces: the task by which encoders learn a language (arXiv 1810.04805, sec. 3.1)."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertForMaskedLM

from study.models.encoder import Tokens
from study.seeds import generator
from study.training.contracts import Batch
from study.training.texts import Texts, TrainingTexts

_HIDDEN, _CHANGED = 0.8, 0.1  # of the chosen pieces: shown as a mask, as another piece; the rest as they are


class Masked(NamedTuple):
    """Texts of which some pieces are to be guessed."""

    tokens: Tokens
    chosen: Tensor  # (B, L) bool


class Guesser(nn.Module):
    """A masked-language model that computes what it guesses only where it is asked to."""

    def __init__(self, network: BertForMaskedLM) -> None:
        super().__init__()
        self.network = network

    def forward(self, masked: Masked) -> Tensor:
        """(M, V) logits of the chosen pieces, in the order of rows."""
        ids, types, mask = masked.tokens
        states = self.network.bert(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        return self.network.cls(states[masked.chosen])


class Masking(NamedTuple):
    """How pieces are chosen and shown."""

    share: float  # of the pieces that are no special ones
    mask: int  # the piece that hides another
    vocabulary: int
    special: int  # pieces below are special ones

    def __call__(self, tokens: Tokens, rng: np.random.Generator) -> tuple[Masked, Tensor]:
        """Texts with some pieces hidden, at least one in each; and (M,) the pieces that were there."""
        ids = tokens.ids.cpu().numpy()
        ordinary = ids >= self.special
        draws = np.where(ordinary, rng.random(ids.shape), 2.0)
        chosen = ordinary & ((draws < self.share) | (draws == draws.min(axis=1, keepdims=True)))
        how = rng.random(ids.shape)
        shown = np.where(chosen & (how < _HIDDEN), self.mask, ids)
        other = rng.integers(self.special, self.vocabulary, ids.shape)
        shown = np.where(chosen & (how >= _HIDDEN) & (how < _HIDDEN + _CHANGED), other, shown)
        device = tokens.ids.device
        masked = Masked(
            Tokens(torch.from_numpy(shown).to(device), tokens.types, tokens.mask),
            torch.from_numpy(chosen).to(device),
        )
        return masked, torch.from_numpy(ids[chosen]).to(device)


class MaskedTexts(TrainingTexts):
    """Texts as a task of the loop: every epoch hides other pieces.

    Args:
        masking: how pieces are hidden.
        The others as of `TrainingTexts`; classes are the pieces of the vocabulary.
    """

    def __init__(self, *of_texts, masking: Masking) -> None:
        super().__init__(*of_texts)
        self._masking = masking

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The minibatches of an epoch, with their hidden pieces as labels."""
        rng = generator(*self._run, "masks", epoch)
        for batch in super().batches(epoch):
            yield Batch(batch.indices, *self._masking(batch.inputs, rng))

    def right(self, output: Tensor, batch: Batch) -> Tensor:
        """(B,) bool: texts of which every hidden piece is guessed."""
        rows = batch.inputs.chosen.nonzero()[:, 0]
        wrong = torch.zeros(len(batch.indices), dtype=torch.int64, device=output.device)
        return wrong.index_add_(0, rows, (output.argmax(1) != batch.labels).long()) == 0


def guessed(
    model: Guesser, texts: Texts, rows: np.ndarray, masking: Masking, rng: np.random.Generator
) -> tuple[float, float]:
    """Mean loss of hidden pieces, in nats, and the share that is guessed, over some texts."""
    model.eval()
    loss, right, count = 0.0, 0, 0
    with torch.inference_mode():
        for row in np.array_split(rows, max(1, len(rows) // 64)):
            masked, targets = masking(texts.tokens(row), rng)
            output = model(masked)
            loss += float(functional.cross_entropy(output, targets, reduction="sum"))
            right += int((output.argmax(1) == targets).sum())
            count += len(targets)
    return loss / count, right / count
