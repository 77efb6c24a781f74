"""Questions as the loop and the recorders use them: packed into rows, answers predicted token by token.

Questions about one context share a row: the context stands first, and each question and its answer see the
context and themselves, and count their positions on from its end. So a row gives what its questions would
give alone, at the cost of one context.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from study.config.training import TrainingSettings
from study.data.dataset import Split
from study.data.questions.tokens import END, PAD, QUERY, answered, first_of
from study.models.decoder import Predictions, Sequences
from study.models.routing import load_balance_loss, z_loss
from study.seeds import generator
from study.training.contracts import Batch, RunKey

_EVALUATED_TOKENS = 2**14  # of an evaluation batch


class Answers(NamedTuple):
    """The M answer tokens of a batch of n questions: where they are predicted, what they are, and whose."""

    rows: Tensor  # (M,) int64
    columns: Tensor  # (M,) int64, of the token before, where its logits stand
    targets: Tensor  # (M,) int64
    owners: Tensor  # (M,) int64, 0 ... n - 1, rising
    questions: int  # n


class Packing:
    """The questions of a split, by context.

    Args:
        split: of generated questions; the fact `graph`, where there is one, numbers the contexts, and
            questions about one context follow each other, equally many about each.
        device: where rows are put.
    """

    def __init__(self, split: Split, device: torch.device) -> None:
        self._device = device
        tokens = split.inputs  # in as few bytes as they came: of a million graphs rows are large
        n = len(tokens)
        self.contexts = int(split.facts["graph"][-1]) + 1 if "graph" in split.facts else n
        self.each = n // self.contexts
        lengths = first_of(tokens, QUERY)
        self._context = tokens[:: self.each, : lengths.max(initial=0)].copy()
        self._context_length = lengths[:: self.each]
        place = np.arange(self._context.shape[1])
        self._context[place >= self._context_length[:, None]] = PAD
        longest = int(((tokens != PAD).sum(axis=1) - lengths).max(initial=0))  # question and answer
        index = np.minimum(lengths[:, None] + np.arange(longest), tokens.shape[1] - 1)
        beyond = lengths[:, None] + np.arange(longest) >= tokens.shape[1]
        branch = np.where(beyond, PAD, np.take_along_axis(tokens, index, axis=1))
        branch = branch.reshape(self.contexts, self.each, longest)
        # Nothing is predicted behind END: it is a target, not an input.
        self._branch = np.where(branch == END, PAD, branch)[:, :, :-1]
        self._targets = np.where(answered(branch), branch, PAD)[:, :, 1:]
        self._shown = self._sight()

    @property
    def width(self) -> int:
        """Tokens of a row."""
        return self._context.shape[1] + self.each * self._branch.shape[2]

    def questions_of(self, contexts: np.ndarray) -> np.ndarray:
        """Positions of the questions about some contexts in the split, in the order of their rows."""
        return (contexts[:, None] * self.each + np.arange(self.each)).ravel()

    def rows(self, contexts: np.ndarray) -> tuple[Sequences, Answers]:
        """The rows of some contexts, one each."""
        count, start = len(contexts), self._context.shape[1]
        branch = self._branch[contexts]
        tokens = np.concatenate([self._context[contexts], branch.reshape(count, -1)], axis=1)
        targets = self._targets[contexts]
        answer, question, place = np.nonzero(targets)
        answers = Answers(
            rows=self._put(answer),
            columns=self._put(start + question * branch.shape[2] + place),
            targets=self._put(targets[answer, question, place].astype(np.int64)),
            owners=self._put(answer * self.each + question),
            questions=count * self.each,
        )
        on_device = self._put(tokens.astype(np.int64))
        real = on_device != PAD
        if self._shown is None:  # one question a row, padded at its end: what every decoder does by itself
            return Sequences(on_device, real=real), answers
        behind = self._context_length[contexts][:, None] + np.tile(np.arange(branch.shape[2]), self.each)
        before = np.broadcast_to(np.arange(start), (count, start))
        positions = self._put(np.concatenate([before, behind], axis=1))
        mask = (self._shown & real[:, None, :]) | torch.eye(self.width, dtype=torch.bool, device=self._device)
        return Sequences(on_device, positions, mask[:, None], real), answers

    def _put(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def _sight(self) -> Tensor | None:
        """(L, L) bool, which place sees which, but for padding; None where it is all places before."""
        if self._context.shape[1] == 0 and self.each == 1:
            return None
        part = np.concatenate(
            [np.zeros(self._context.shape[1]), np.repeat(1 + np.arange(self.each), self._branch.shape[2])]
        )
        place = np.arange(len(part))
        seen = (place <= place[:, None]) & ((part == 0) | (part == part[:, None]))
        return torch.from_numpy(seen).to(self._device)


class Questions:
    """A split in its own order, or its first questions: what evaluations see."""

    def __init__(self, split: Split, device: torch.device, examples: int | None = None) -> None:
        self.packing = Packing(split, device)
        contexts = self.packing.contexts
        if examples is not None:
            contexts = min(contexts, -(-examples // self.packing.each))
        self._contexts = np.arange(contexts)

    def __len__(self) -> int:
        return len(self._contexts) * self.packing.each

    def evaluation_batches(self) -> Iterator[tuple[Sequences, Answers]]:
        """The rows of the questions, in order, and their answers, batch by batch."""
        size = max(1, _EVALUATED_TOKENS // self.packing.width)
        for start in range(0, len(self._contexts), size):
            yield self.packing.rows(self._contexts[start : start + size])


class TrainingQuestions:
    """The training split as a task of the loop: shuffled minibatches and the loss on answers.

    Args:
        split: the training split.
        vocabulary: number of tokens.
        settings: batch size, in questions: a batch has as many whole contexts as fit, at least one.
        top_k: experts of a token, for the load-balance loss.
        weights: of the load-balance loss and of the z-loss.
        run: what the order is derived from.
        device: where rows are put.
    """

    def __init__(
        self,
        split: Split,
        vocabulary: int,
        settings: TrainingSettings,
        top_k: int,
        weights: tuple[float, float],
        run: RunKey,
        device: torch.device,
    ) -> None:
        self._packing = Packing(split, device)
        self._size = max(1, settings.batch_size // self._packing.each)
        self._top_k, self._weights, self._run = top_k, weights, run
        self.presented = len(split.labels)
        self.steps = -(-self._packing.contexts // self._size)
        self.chance_loss = float(np.log(vocabulary))
        self.tokens = self._packing.contexts * self._packing.width  # of an epoch, padding too

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The minibatches of an epoch; each question comes once, and the last batch may be smaller."""
        order = generator(*self._run, "order", epoch).permutation(self._packing.contexts)
        for start in range(0, len(order), self._size):
            chosen = order[start : start + self._size]
            yield Batch(self._packing.questions_of(chosen), *self._packing.rows(chosen))

    def loss(self, output: Predictions, batch: Batch) -> Tensor:
        """Mean cross-entropy of the answer tokens, in nats, plus what keeps routers healthy."""
        loss = functional.cross_entropy(chosen_logits(output, batch.labels), batch.labels.targets)
        if output.router_logits:
            real = batch.inputs.real.reshape(-1)
            balance, z = self._weights
            loss = loss + balance * load_balance_loss(output.router_logits, self._top_k, real)
            loss = loss + z * z_loss(output.router_logits, real)
        return loss

    def right(self, output: Predictions, batch: Batch) -> Tensor:
        """(B,) bool: questions of which every answer token is predicted, given those before it."""
        predicted = chosen_logits(output, batch.labels).argmax(dim=1)
        return all_right(predicted == batch.labels.targets, batch.labels)


def chosen_logits(output: Predictions, answers: Answers) -> Tensor:
    """(M, V): the logits that predict the answer tokens."""
    return output.logits[answers.rows, answers.columns]


def all_right(right: Tensor, answers: Answers) -> Tensor:
    """(M,) bool of tokens -> (n,) bool of questions."""
    wrong = torch.zeros(answers.questions, dtype=torch.int64, device=right.device)
    return wrong.index_add_(0, answers.owners, (~right).long()) == 0
