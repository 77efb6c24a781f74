"""What a run records of each example while it trains."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from study.training.contracts import Epoch, Observer, RunKey
from study.training.faults import diverged
from study.training.histories import History, Trajectory
from study.training.parts import Part

Evaluate = Callable[[Epoch, nn.Module, Sequence[Part]], Any]


class Recorder(Observer):
    """Every score of a run.

    After each epoch that is recorded all parts share one evaluation, which computes only what some part asks
    for. Memory does not grow with the number of epochs, except for the trajectory and the history.

    Args:
        evaluate: makes the evaluation of a model after an epoch, for those who take input gradients then.
        parts: what fills examples.parquet.
        n_examples: N, as in the parts.
        run: named in error messages.
        epochs: those that are recorded, rising.
        trajectory: whether loss, confidence and correctness of every such epoch are kept.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        parts: Sequence[Part],
        n_examples: int,
        run: RunKey,
        epochs: Sequence[int],
        trajectory: bool,
    ) -> None:
        self._evaluate, self._run, self._epochs = evaluate, run, frozenset(epochs)
        self._presented: list[tuple[np.ndarray, Tensor]] = []
        self._history = History()
        self._trajectory = Trajectory(n_examples, len(epochs)) if trajectory else None
        kept = [self._history, self._trajectory] if trajectory else [self._history]
        self._parts: list[Part] = [*kept, *parts]

    def on_batch(self, indices: np.ndarray, right: Tensor) -> None:
        # Kept on the device until the epoch ends, so that a GPU need not wait in each step.
        self._presented.append((indices, right))

    def on_epoch(self, epoch: Epoch, model: nn.Module) -> None:
        indices, right = zip(*self._presented, strict=True)
        self._presented.clear()
        presented = np.concatenate(indices), torch.cat(right).cpu().numpy()
        for part in self._parts:
            part.on_presentations(*presented)
        if epoch.number in self._epochs:
            takers = [part for part in self._parts if part.wants_input_gradients(epoch.number)]
            evaluation = self._evaluate(epoch, model, takers)
            for part in self._parts:
                part.on_evaluation(evaluation)

    def columns(self) -> dict[str, np.ndarray]:
        """All columns of examples.parquet, (N,) each, once training is complete.

        Raises:
            DivergedError: a score is not finite, as where a variance of large gradients is out of range.
        """
        columns = {name: values for part in self._parts for name, values in part.columns().items()}
        for name, values in columns.items():
            bad = np.flatnonzero(~np.isfinite(values))
            if len(bad):
                what = f"{name} of {len(bad)} of {len(values)} examples is not finite"
                last = self.history().iloc[-1]
                raise diverged(what, self._run, int(last["epoch"]), last["lr"])
        return columns

    def history(self) -> pd.DataFrame:
        """A row per epoch, with the columns `HISTORY`."""
        return self._history.frame()

    def trajectory(self) -> pd.DataFrame:
        """A row per epoch (from 1) and `example` (its row in examples.parquet): loss, confidence, correct."""
        return self._trajectory.frame()

    def state(self) -> dict[str, np.ndarray]:
        return {f"{i}.{name}": a for i, part in enumerate(self._parts) for name, a in part.state().items()}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        for i, part in enumerate(self._parts):
            part.load_state({k.removeprefix(f"{i}."): a for k, a in state.items() if k.startswith(f"{i}.")})


class Clock(Observer):
    """Seconds of training and recording, over all sittings of the run."""

    def __init__(self) -> None:
        self._before, self._start = 0.0, time.perf_counter()

    def seconds(self) -> float:
        return self._before + time.perf_counter() - self._start

    def state(self) -> dict[str, np.ndarray]:
        return {"seconds": np.array(self.seconds())}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._before, self._start = float(state["seconds"]), time.perf_counter()
