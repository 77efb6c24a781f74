"""What interpreters say of many utterances, batch by batch: weak labels, and scores against them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from study.models.interpreter import Interpretation
from study.selection.uncertainty import Guesses, uncertainties
from study.training.contracts import Epoch, Observer
from study.training.utterances import Meant, Utterances

ASKED = 256  # utterances of a batch: memory does not grow with their number


class Hypothesis(NamedTuple):
    """What a model takes n utterances to mean."""

    domains: np.ndarray  # (n,) int64
    intents: np.ndarray  # (n,) int64
    tags: list[np.ndarray]  # (W,) int64 of each; empty in a corpus without slots
    confidence: np.ndarray  # (n,) probability of domain and intent together


def hypothesised(model: nn.Module, utterances: Utterances, rows: np.ndarray) -> Hypothesis:
    """What an interpreter that tells domains takes some utterances to mean, in the order of `rows`."""
    domains, intents, confidence = [], [], []
    tags: list[np.ndarray] = []
    for part, output, _ in _answers(model, utterances, rows):
        chances = [head.softmax(1).max(1) for head in (output.domains, output.intents)]
        domains.append(chances[0].indices.cpu().numpy())
        intents.append(chances[1].indices.cpu().numpy())
        confidence.append((chances[0].values * chances[1].values).double().cpu().numpy())
        ends = np.cumsum([len(utterances.spoken.starts[row]) for row in part])[:-1]
        tags += np.split(output.slots.argmax(1).cpu().numpy(), ends)
    joined = [np.concatenate(each) if each else np.zeros(0) for each in (domains, intents, confidence)]
    return Hypothesis(joined[0].astype(np.int64), joined[1].astype(np.int64), tags, joined[2])


def scored(model: nn.Module, utterances: Utterances, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of some utterances against the labels that they have there, {column: (n,)}.

    See `study.selection.uncertainty`; the order is that of `rows`.
    """
    found: dict[str, list[np.ndarray]] = {}
    for _, output, meant in _answers(model, utterances, rows):
        slots = None if meant.tags is None else output.slots.double().cpu().numpy()
        guesses = Guesses(
            output.domains.double().cpu().numpy(),
            output.intents.double().cpu().numpy(),
            slots,
            np.bincount(meant.rows.cpu().numpy(), minlength=len(meant.intents)),
            meant.domains.cpu().numpy(),
            meant.intents.cpu().numpy(),
            None if meant.tags is None else meant.tags.cpu().numpy(),
        )
        for column, values in uncertainties(guesses).items():
            found.setdefault(column, []).append(values)
    return {column: np.concatenate(parts) for column, parts in found.items()}


class EarlyScores(Observer):
    """Scores some utterances after one epoch of a training, and at its end.

    Args:
        utterances: with the labels that scores are taken against.
        rows: (n,) positions.
        epoch: the early one.
    """

    def __init__(self, utterances: Utterances, rows: np.ndarray, epoch: int) -> None:
        self._utterances, self._rows, self._epoch = utterances, rows, epoch
        self._early: dict[str, np.ndarray] = {}

    def on_epoch(self, epoch: Epoch, model: nn.Module) -> None:
        if epoch.number == self._epoch:
            self._early = scored(model, self._utterances, self._rows)

    def columns(self, model: nn.Module) -> dict[str, np.ndarray]:
        """EL2N of the early epoch, and all other scores of the model as it is at the end."""
        last = scored(model, self._utterances, self._rows)
        return {column: (self._early if column.startswith("el2n") else last)[column] for column in last}


def _answers(
    model: nn.Module, utterances: Utterances, rows: np.ndarray
) -> Iterator[tuple[np.ndarray, Interpretation, Meant]]:
    """Rows, what the model puts out, and the labels that they have, batch by batch."""
    model.eval()
    for start in range(0, len(rows), ASKED):
        part = rows[start : start + ASKED]
        words, meant = utterances.batch(part)
        with torch.inference_mode():
            yield part, model(words), meant
