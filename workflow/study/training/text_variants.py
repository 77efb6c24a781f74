"""Variant runs of encoders: on empty texts, without a fold, watched often, and on what pruning leaves."""

import logging
from pathlib import Path

import numpy as np
import torch
from torch import nn

from study.config.runs import RunSettings
from study.config.text_variants import CadenceVariant
from study.data.dataset import Dataset
from study.scores.forgetting import EpochForgetting
from study.scores.pointwise import accuracy
from study.training.contracts import Task, key_of
from study.training.evaluation import Evaluation, evaluate
from study.training.faults import diverged
from study.training.text_inputs import text_inputs
from study.training.text_parts import chosen
from study.training.text_runs import prepare_model
from study.training.texts import Texts
from study.training.variants import Watcher

log = logging.getLogger(__name__)

_SCORED = ("null", "folds")  # families of which the loss of every example is wanted


class TextGround:
    """What variant runs share: the texts in the encoder's word pieces."""

    def __init__(self, run: RunSettings, data: Dataset, device: torch.device, root: Path) -> None:
        self._data, self._device, self._root = data, device, root
        self._inputs = text_inputs(run, data, root)
        self._test = self._inputs.whole(data.test, self._inputs.test, device)

    def part(self, run: RunSettings, root: Path) -> np.ndarray:
        """Positions of the examples that a run trains on; see `chosen`."""
        return chosen(run, self._data.train, root)

    def model(self, run: RunSettings) -> nn.Module:
        """The run's encoder, with a fresh head, on the device."""
        return prepare_model(run, self._data, self._device, self._root)

    def task(self, run: RunSettings, part: np.ndarray) -> Task:
        """What it trains on, for as many epochs as the whole training set."""
        return self._inputs.task(run, self._data, self._device, part)

    def evaluated(self, run: RunSettings) -> tuple[Texts, Texts]:
        """The whole training set, as the run sees it, and the test set."""
        pieces = self._inputs.empty if run.variant.family == "null" else self._inputs.train
        return self._inputs.whole(self._data.train, pieces, self._device), self._test

    def watcher(self, run: RunSettings, task: Task) -> Watcher:
        """Who counts forgetting, where that is what the run is for."""
        if run.variant.family != "cadence":
            return Watcher()
        return Cadence(self.evaluated(run)[0], task.steps, run)

    def columns(self, run: RunSettings, evaluation: Evaluation) -> dict[str, np.ndarray]:
        """The loss of every example after the run, in nats, where something is made of it."""
        return {"loss": evaluation.scores["loss"]} if run.variant.family in _SCORED else {}


class Cadence(Watcher):
    """Counts forgetting between evaluations of all examples, many in an epoch, and between some of them.

    Args:
        texts: the N training texts.
        steps: updates of an epoch; where they are fewer than evaluations, there is one after each.
        run: with a variant that says how often.
    """

    def __init__(self, texts: Texts, steps: int, run: RunSettings) -> None:
        variant: CadenceVariant = run.variant
        looks = min(variant.evaluations, steps)
        if looks < variant.evaluations:
            log.warning(
                "An epoch has %d updates: forgetting is looked at after each of them, instead of %d times "
                "(influence.cadence.evaluations).",
                steps,
                variant.evaluations,
            )
        self._texts, self._run, self._steps, self._every = texts, run, steps, variant.every
        self._at = {-(-steps * k // looks) for k in range(1, looks + 1)}
        times = run.training.epochs * len(self._at)
        self._often = EpochForgetting(len(texts), times)
        self._rarely = EpochForgetting(len(texts), times // variant.every)
        self._seen = 0

    def on_update(self, step: int, model: nn.Module) -> None:
        if (step - 1) % self._steps + 1 not in self._at:
            return
        logits = evaluate(model, self._texts)
        model.train()
        if not np.isfinite(logits).all():
            key, epoch = key_of(self._run), (step - 1) // self._steps + 1
            raise diverged("the model's outputs are not finite", key, epoch, self._run.training.lr)
        right = accuracy(logits, self._texts.labels)
        self._seen += 1
        self._often.update(right)
        if self._seen % self._every == 0:
            self._rarely.update(right)

    def columns(self) -> dict[str, np.ndarray]:
        """`forgetting_often` and `forgetting_rarely`, (N,) int64 events."""
        counters = {"forgetting_often": self._often, "forgetting_rarely": self._rarely}
        return {name: counter.columns()["forgetting_epoch"] for name, counter in counters.items()}

    def state(self) -> dict[str, np.ndarray]:
        parts = {"often": self._often.state(), "rarely": self._rarely.state()}
        flat = {f"{part}.{name}": array for part, state in parts.items() for name, array in state.items()}
        return flat | {"seen": np.array(self._seen)}

    def load_state(self, state) -> None:
        self._seen = int(state["seen"])
        for part, counter in (("often", self._often), ("rarely", self._rarely)):
            start = f"{part}."
            counter.load_state({k.removeprefix(start): v for k, v in state.items() if k.startswith(start)})


def ground(run: RunSettings, data: Dataset, device: torch.device, root: Path) -> TextGround:
    """What the variant runs of an encoder on a data set share."""
    return TextGround(run, data, device, root)
