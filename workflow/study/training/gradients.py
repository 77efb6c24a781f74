"""How a minibatch becomes gradients: at once or in parts, in one process or in several, in what numbers."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from study.training.contracts import Batch, Task
from study.training.processes import Processes

log = logging.getLogger(__name__)

_WARMED_UP = 3  # steps before a recording: libraries choose kernels and make workspaces in the first ones


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


class Repeated:
    """The minibatch at once, as a recording (a CUDA graph) that the GPU repeats, with the same numbers.

    To start the kernels of a small network one by one takes the processor longer than they take the GPU.
    Minibatches of another shape than the first one's, and inputs that are not one tensor, such as texts, are
    computed as by `Whole`; so are those of a model that cannot be recorded, since it looks at a value.

    Args:
        precision: of the numbers, as in the settings.
    """

    def __init__(self, precision: str) -> None:
        self._whole = Whole(precision)
        self._recording: _Recording | None = None
        self._possible = True

    def __call__(self, model: nn.Module, task: Task, batch: Batch) -> tuple[Tensor, Tensor]:
        if self._recording is None and self._possible and isinstance(batch.inputs, Tensor):
            self._record(model, task, batch)
        if self._recording is None or self._recording.shape != batch.inputs.shape:
            return self._whole(model, task, batch)
        return self._recording.repeat(batch)

    def _record(self, model: nn.Module, task: Task, batch: Batch) -> None:
        with _as_it_was(model, batch.inputs.device):
            why_not = _warm_up(self._whole, model, task, batch)
        self._possible = why_not is None
        if self._possible:
            self._recording = _Recording(self._whole, model, task, batch)
        else:
            log.warning("steps cannot be recorded, and take longer: %s", why_not)


class _Recording:
    """A step on minibatches of one shape."""

    def __init__(self, whole: Whole, model: nn.Module, task: Task, batch: Batch) -> None:
        self._batch = Batch(batch.indices, batch.inputs.clone(), batch.labels.clone())
        self.shape = batch.inputs.shape
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._loss, self._right = whole(model, task, self._batch)
        self._gradients = [(parameter, parameter.grad) for parameter in model.parameters()]

    def repeat(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The step on another minibatch."""
        self._batch.inputs.copy_(batch.inputs)
        self._batch.labels.copy_(batch.labels)
        self._graph.replay()
        for parameter, gradient in self._gradients:  # the optimiser let go of them
            parameter.grad = gradient
        return self._loss.clone(), self._right.clone()


@contextmanager
def _as_it_was(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Put back what training changes beside weights: means and variances of norms, the state of draws."""
    kept = [(buffer, buffer.clone()) for buffer in model.buffers()]
    drawn = torch.cuda.get_rng_state(device)
    yield
    for buffer, before in kept:
        buffer.copy_(before)
    torch.cuda.set_rng_state(drawn, device)
    model.zero_grad()


def _warm_up(whole: Whole, model: nn.Module, task: Task, batch: Batch) -> str | None:
    """Make some steps aside, as recordings ask for, and say why a step cannot be recorded, if it cannot.

    A recording that fails would leave the device's generator unusable, so this tries beforehand.
    """
    aside, before = torch.cuda.Stream(), torch.cuda.get_sync_debug_mode()
    aside.wait_stream(torch.cuda.current_stream())
    try:
        with torch.cuda.stream(aside):
            whole(model, task, batch)
            torch.cuda.set_sync_debug_mode("error")  # after the first step, which may wait for libraries
            for _ in range(_WARMED_UP - 1):
                whole(model, task, batch)
    except RuntimeError as error:
        return str(error).splitlines()[0]
    finally:
        torch.cuda.set_sync_debug_mode(before)
        torch.cuda.current_stream().wait_stream(aside)
    return None


class InParts:
    """The mean of the gradients of a minibatch's parts, which processes share out among them.

    The parts are the batch's `inputs`. Process r of n takes the parts r, r + n, ...: so one process that
    computes all parts and n that compute some each give the same mean, but for rounding.

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
            part = batch.inputs[place]
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


def at_once(precision: str, model: nn.Module) -> Gradients:
    """What makes gradients of a whole minibatch on the model's device."""
    return (Repeated if _device_of(model).type == "cuda" else Whole)(precision)


def numbers(precision: str, device: torch.device) -> AbstractContextManager:
    """Within it, products are computed in numbers of this precision."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def _device_of(model: nn.Module) -> torch.device:
    return next(model.parameters()).device
