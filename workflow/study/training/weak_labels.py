"""What interpreters say of many utterances, batch by batch: weak labels, and scores against them.

Memory does not grow with the number of utterances, but for what is returned of each.
"""

import copy
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from study.models.interpreter import Interpretation, Interpreter
from study.selection.uncertainty import Guesses, uncertainties
from study.training.contracts import Epoch, Observer
from study.training.utterances import Meant, Utterances

ASKED = 256  # utterances of a batch
_EARLY = "el2n"  # how columns begin that are taken early


class Hypothesis(NamedTuple):
    """What a model takes n utterances to mean."""

    domains: np.ndarray | None  # (n,) int64; None of a model that does not tell them
    intents: np.ndarray  # (n,) int64
    tags: list[np.ndarray]  # (W,) int64 of each; those of a corpus without slots mean nothing
    confidence: np.ndarray  # (n,) probability of intent and domain together


class Learned(NamedTuple):
    """A trained interpreter, and the same after the epoch of the early scores, if that was asked for."""

    last: Interpreter
    early: Interpreter | None


class EarlyModel(Observer):
    """Keeps the model as it is after one epoch, or after none, of a training that is never resumed."""

    def __init__(self, epoch: int | None) -> None:
        self._epoch = epoch
        self.model: nn.Module | None = None

    def on_epoch(self, epoch: Epoch, model: nn.Module) -> None:
        if epoch.number == self._epoch:
            self.model = copy.deepcopy(model)


def hypothesised(model: Interpreter, utterances: Utterances, rows: np.ndarray) -> Hypothesis:
    """What an interpreter takes some utterances to mean, in the order of `rows`."""
    n, tells_domains = len(rows), model.domains is not None
    domains, intents, confidence = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n)
    tags: list[np.ndarray] = [np.zeros(0, np.int64)] * n
    for places, output, _ in _answers(model, utterances, rows):
        intents[places], confidence[places] = _likeliest(output.intents)
        if tells_domains:
            domains[places], sure = _likeliest(output.domains)
            confidence[places] *= sure
        ends = np.cumsum([len(utterances.spoken.starts[row]) for row in rows[places]])[:-1]
        for place, told in zip(places, np.split(output.slots.argmax(1).cpu().numpy(), ends), strict=True):
            tags[place] = told
    return Hypothesis(domains if tells_domains else None, intents, tags, confidence)


def scored(model: Learned, utterances: Utterances, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of some utterances by a model, against the labels that they have there, {column: (n,)}.

    EL2N is that of the early model, all else of the last one. See `study.selection.uncertainty`; the order is
    that of `rows`.
    """
    found: dict[str, np.ndarray] = {}
    for network, early in ((model.last, False), (model.early, True)):
        for places, output, meant in _answers(network, utterances, rows):
            for column, values in uncertainties(_guesses(output, meant)).items():
                if column.startswith(_EARLY) == early:
                    found.setdefault(column, np.zeros(len(rows)))[places] = values
    return found


def mean_scores(of_models: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Means over models of what `scored` says of each."""
    return {column: sum(one[column] / len(of_models) for one in of_models) for column in of_models[0]}


def _likeliest(logits: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """(B,) the likeliest class and its probability."""
    best = logits.double().softmax(1).max(1)
    return best.indices.cpu().numpy(), best.values.cpu().numpy()


def _guesses(output: Interpretation, meant: Meant) -> Guesses:
    has_slots = meant.tags is not None
    return Guesses(
        output.domains.double().cpu().numpy(),
        output.intents.double().cpu().numpy(),
        output.slots.double().cpu().numpy() if has_slots else None,
        np.bincount(meant.rows.cpu().numpy(), minlength=len(meant.intents)),
        meant.domains.cpu().numpy(),
        meant.intents.cpu().numpy(),
        meant.tags.cpu().numpy() if has_slots else None,
    )


def _answers(
    model: nn.Module, utterances: Utterances, rows: np.ndarray
) -> Iterator[tuple[np.ndarray, Interpretation, Meant]]:
    """Places within `rows`, what the model puts out, and the labels there, batch by batch.

    Utterances of about the same length come together: little of a batch is padding.
    """
    model.eval()
    order = np.argsort(utterances.spoken.pieces.lengths[rows], kind="stable")
    for start in range(0, len(rows), ASKED):
        places = order[start : start + ASKED]
        words, meant = utterances.batch(rows[places])
        with torch.inference_mode():
            yield places, model(words), meant
