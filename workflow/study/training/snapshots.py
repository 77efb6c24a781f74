"""Weights of a run at evenly spaced steps, for scores that look back on the whole training."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from study.config.training import TrainingSettings
from study.training.checkpoint import write_tensors
from study.training.contracts import Observer
from study.training.schedule import learning_rate


class Snapshots(Observer):
    """Keeps the model's weights on disk while it trains.

    They need no state: a run that resumes writes those after its checkpoint again, the same bytes.

    Args:
        folder: where they are kept until `remove`.
        steps: updates of the whole training.
        count: how many, the last one after the last update; fewer where there are fewer updates.
        settings: of the training, for the learning rate of each.
    """

    def __init__(self, folder: Path, steps: int, count: int, settings: TrainingSettings) -> None:
        self._folder = folder
        at = sorted({-(-steps * k // count) for k in range(1, count + 1)})
        self.rates = {step: learning_rate(step - 1, steps, settings) for step in at}

    def on_update(self, step: int, model: nn.Module) -> None:
        if step in self.rates:
            write_tensors(self._path(step), model.state_dict())

    def each(self, model: nn.Module, device: torch.device) -> Iterator[tuple[float, nn.Module]]:
        """The learning rate and the model at each of them in turn; `model` is changed in place."""
        for step, rate in self.rates.items():
            model.load_state_dict(load_file(self._path(step), device=str(device)))
            yield rate, model

    def remove(self) -> None:
        """The run is finished."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, step: int) -> Path:
        return self._folder / f"step={step}.safetensors"
