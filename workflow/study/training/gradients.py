"""How a minibatch becomes gradients: at once or in parts, in one process or in several, in what numbers."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from study.training.contracts import Batch, Task
from study.training.processes import Processes


class Gradients(Protocol):
    """Leaves the gradients of a minibatch's mean loss in the model's parameters."""

    def __call__(self, model: nn.Module, task: Task, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """The loss, a scalar, and (B,) bool, the examples that were right, if they are told."""


class Whole:
    """The minibatch at once."""

    def __init__(self, precision: str) -> None:
        self._precision = precision

    def __call__(self, model: nn.Module, task: Task, batch: Batch) -> tuple[Tensor, Tensor]:
        with numbers(self._precision, _device_of(model)):
            output = model(batch.inputs)
            loss = task.loss(output, batch)
        right = task.right(output, batch)
        loss.backward()
        return loss.detach(), right


class InParts:
    """The mean of the gradients of a minibatch's parts, which processes share out among them.

    Each part's inputs and labels stand in lists, in `Batch`. Process r of n takes the parts r, r + n, ...: so
    one process that computes all parts and n that compute some each give the same mean, but for rounding.

    Args:
        model: the one that is trained.
        precision: of the numbers, as in the settings.
        processes: who shares the work.
    """

    def __init__(self, model: nn.Module, precision: str, processes: Processes) -> None:
        self._precision, self._processes = precision, processes
        shared = processes.count > 1
        self._model = DistributedDataParallel(model) if shared else model  # means gradients over processes
        self._alone: Callable[[], AbstractContextManager] = self._model.no_sync if shared else nullcontext

    def __call__(self, model: nn.Module, task: Task, batch: Batch) -> tuple[Tensor, None]:
        mine = list(range(self._processes.rank, len(batch.inputs), self._processes.count))
        losses = []
        for place in mine:
            part = Batch(batch.indices, batch.inputs[place], batch.labels[place])
            with nullcontext() if place == mine[-1] else self._alone():
                with numbers(self._precision, _device_of(model)):
                    loss = task.loss(self._model(part.inputs), part) / len(mine)
                loss.backward()
            losses.append(loss.detach())
        total = torch.stack(losses).sum()
        if self._processes.count > 1:
            distributed.all_reduce(total)
            total /= self._processes.count
        return total, None


def numbers(precision: str, device: torch.device) -> AbstractContextManager:
    """Within it, products are computed in numbers of this precision."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def _device_of(model: nn.Module) -> torch.device:
    return next(model.parameters()).device
