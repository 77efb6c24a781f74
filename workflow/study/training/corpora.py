"""A corpus as the loop and its observers use it: documents packed into rows, each seeing itself alone."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from study.config.training import TrainingSettings
from study.data.corpus.store import Documents
from study.models.decoder import Predictions, Sequences
from study.models.routing import load_balance_loss, z_loss
from study.seeds import generator
from study.training.contracts import Batch, RunKey

IGNORED = -100  # a target that no loss is taken of


class Packed:
    """Documents behind each other in some order, cut into rows; a document may go on in the next row.

    Args:
        documents: D of them.
        order: (D,) int64, a permutation.
        length: L, tokens of a row.
    """

    def __init__(self, documents: Documents, order: np.ndarray, length: int) -> None:
        self._documents, self._order, self._length = documents, order, length
        self._starts = documents.starts[order]
        self._ends = np.cumsum(documents.lengths[order])
        self.tokens = int(self._ends[-1])

    @property
    def rows(self) -> int:
        """Rows, the last one padded."""
        return -(-(self.tokens - 1) // self._length)

    def of(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(B,) rows -> (B, L + 1) int64 tokens, and whose they are: places in the order, -1 behind all."""
        places = rows[:, None] * self._length + np.arange(self._length + 1)
        behind = places >= self.tokens
        places = np.minimum(places, self.tokens - 1)
        owners = np.searchsorted(self._ends, places, side="right")
        first = self._ends[owners] - self._documents.lengths[self._order[owners]]
        tokens = self._documents.tokens[self._starts[owners] + places - first].astype(np.int64)
        return np.where(behind, 0, tokens), np.where(behind, -1, owners)

    def parts(self, owners: np.ndarray) -> np.ndarray:
        """The part of the corpus that tokens are of, from whose they are; any behind all."""
        return self._documents.parts[self._order[owners]]


def inputs_of(tokens: np.ndarray, owners: np.ndarray, device: torch.device) -> tuple[Sequences, Tensor]:
    """What a decoder takes of rows, and (B, L) int64 targets.

    A token sees those before it in its document, and positions count from the document's first token in the
    row. The token behind a document's end is no target.

    Args:
        tokens, owners: (B, L + 1), as of `Packed.of`.
        device: where rows are put.
    """
    whose = owners[:, :-1]
    place = np.arange(whose.shape[1])
    new = np.ones_like(whose, bool)
    new[:, 1:] = whose[:, 1:] != whose[:, :-1]
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    targets = np.where((owners[:, 1:] == whose) & (whose >= 0), tokens[:, 1:], IGNORED)

    def put(array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)

    document = put(whose)
    before = torch.ones(len(place), len(place), dtype=torch.bool, device=device).tril()
    mask = (document[:, :, None] == document[:, None, :]) & before
    inputs = Sequences(put(tokens[:, :-1]), put(place - first), mask[:, None], put(whose >= 0))
    return inputs, put(targets)


class Parts(Sequence[Batch]):
    """The parts of a minibatch, each made when it is asked for: processes that share them make their own.

    Args:
        packed: documents in rows.
        rows: which of them, for each part.
        device: where they are put.
    """

    def __init__(self, packed: Packed, rows: list[np.ndarray], device: torch.device) -> None:
        self._packed, self._rows, self._device = packed, rows, device

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> Batch:
        rows = self._rows[place]
        return Batch(rows, *inputs_of(*self._packed.of(rows), self._device))


class TrainingRows:
    """The training documents as a task of the loop, whose epochs are segments of the training.

    In each pass over the corpus documents stand in another random order; a pass drops the rows that make no
    whole minibatch. Every minibatch follows from its number alone, so that a training can go on anywhere.

    Args:
        documents: those to train on.
        vocabulary: number of tokens.
        length: L, tokens of a row.
        settings: `epochs` passes, and `batch_size` rows in `accumulate` parts.
        segments: how many there are to be.
        top_k: experts of a token, for the load-balance loss.
        weights: of the load-balance loss and of the z-loss.
        run: what orders are derived from.
        device: where rows are put.
    """

    def __init__(
        self,
        documents: Documents,
        vocabulary: int,
        length: int,
        settings: TrainingSettings,
        segments: int,
        top_k: int,
        weights: tuple[float, float],
        run: RunKey,
        device: torch.device,
    ) -> None:
        self._documents, self._length, self._settings = documents, length, settings
        self._top_k, self._weights, self._run, self._device = top_k, weights, run, device
        self._of_pass = max(1, (int(documents.ends[-1]) - 1) // length // settings.batch_size)
        self.steps = max(1, round(settings.epochs * self._of_pass / segments))
        self.chance_loss = float(np.log(vocabulary))
        self.tokens_of_step = settings.batch_size * length
        self._order: tuple[int, Packed] | None = None

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The minibatches of a segment, from 1: `inputs` are their parts, each a minibatch itself."""
        for step in range((epoch - 1) * self.steps, epoch * self.steps):
            yield self.batch(step)

    def batch(self, step: int) -> Batch:
        """A minibatch by its number in the whole training, from 0."""
        number, within = divmod(step, self._of_pass)
        if self._order is None or self._order[0] != number:
            order = generator(*self._run, "order", number).permutation(len(self._documents.ends))
            self._order = (number, Packed(self._documents, order, self._length))
        packed, size = self._order[1], self._settings.batch_size
        rows = (within * size + np.arange(size)) % packed.rows
        return Batch(rows, Parts(packed, np.array_split(rows, self._settings.accumulate), self._device), None)

    def loss(self, output: Predictions, batch: Batch) -> Tensor:
        """Mean cross-entropy of the targets, in nats, plus what keeps routers healthy."""
        logits = output.logits.flatten(0, 1)
        loss = functional.cross_entropy(logits.float(), batch.labels.flatten(), ignore_index=IGNORED)
        if output.router_logits:
            real = batch.inputs.real.reshape(-1)
            balance, z = self._weights
            loss = loss + balance * load_balance_loss(output.router_logits, self._top_k, real)
            loss = loss + z * z_loss(output.router_logits, real)
        return loss

    def right(self, output: Predictions, batch: Batch) -> None:
        """Rows of running text are not right or wrong."""
        return None


class Judged:
    """What a language model makes of documents.

    Args:
        documents: D of them.
        order: (some,) int64, those to look at.
        length: L, tokens of a row.
        batch_size: rows at a time.
        device: where they are put.
    """

    def __init__(
        self, documents: Documents, order: np.ndarray, length: int, batch_size: int, device: torch.device
    ) -> None:
        self._packed = Packed(documents, order, length)
        self._size, self._device = batch_size, device

    def __call__(self, model: nn.Module, parts: int) -> "Judgement":
        """Look at all rows with a decoder, which is left in evaluation mode; the corpus has so many parts."""
        model.eval()
        found = Judgement(np.zeros(parts), np.zeros(parts, np.int64), np.zeros(parts, np.int64))
        rows = self._packed.rows
        with torch.inference_mode():
            for start in range(0, rows, self._size):
                tokens, owners = self._packed.of(np.arange(start, min(start + self._size, rows)))
                inputs, targets = inputs_of(tokens, owners, self._device)
                logits = model(inputs).logits.flatten(0, 1).float()
                flat = targets.flatten()
                losses = functional.cross_entropy(logits, flat, ignore_index=IGNORED, reduction="none")
                counted = (flat != IGNORED).cpu().numpy()
                whose = self._packed.parts(owners[:, :-1].ravel()[counted])
                right = (logits.argmax(1) == flat).cpu().numpy()[counted]
                found.add(whose, losses.double().cpu().numpy()[counted], right)
        return found


class Judgement:
    """Sums over tokens, by part of the corpus."""

    def __init__(self, loss: np.ndarray, right: np.ndarray, tokens: np.ndarray) -> None:
        self._loss, self._right, self._tokens = loss, right, tokens

    def add(self, parts: np.ndarray, losses: np.ndarray, right: np.ndarray) -> None:
        """Count tokens, (M,) each."""
        size = len(self._loss)
        self._loss += np.bincount(parts, weights=losses, minlength=size)
        self._right += np.bincount(parts, weights=right, minlength=size).astype(np.int64)
        self._tokens += np.bincount(parts, minlength=size)

    @property
    def loss(self) -> float:
        """Mean over all tokens, in nats."""
        return float(self._loss.sum() / self._tokens.sum())

    @property
    def accuracy(self) -> float:
        """Share of all tokens that are predicted."""
        return float(self._right.sum() / self._tokens.sum())

    @property
    def loss_of_parts(self) -> np.ndarray:
        """(P,) mean over the tokens of each part, in nats; NaN where there are none."""
        with np.errstate(invalid="ignore"):
            return self._loss / self._tokens
