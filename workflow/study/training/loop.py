"""The training loop, for whatever task: who wants to know something about a training observes it."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from torch import nn

from study.config.training import TrainingSettings
from study.seeds import torch_seed
from study.stopping import Stopped, told_when_asked
from study.training.checkpoint import Checkpoint
from study.training.contracts import Epoch, Observer, RunKey, Task
from study.training.device import check_precision
from study.training.faults import check_losses
from study.training.gradients import Gradients, at_once
from study.training.optim import build_optimizer, set_learning_rate
from study.training.schedule import learning_rate


def train(
    model: nn.Module,
    task: Task,
    settings: TrainingSettings,
    run: RunKey,
    observers: Sequence[Observer] = (),
    checkpoint: Checkpoint | None = None,
    gradients: Gradients | None = None,
) -> None:
    """Train `model` in place, from the checkpoint if there is one.

    `gradients` makes those of a minibatch; by default all of it at once, in the precision of the settings.

    Raises:
        StudyError: the device does not compute in numbers of this precision.
        DivergedError: the loss is not finite, or far above that of guessing.
        Stopped: SIGTERM came; the state after the epoch that was under way is in the checkpoint.
    """
    check_precision(settings.precision, next(model.parameters()).device, run.model)
    gradients = gradients or at_once(settings.precision, model)
    with told_when_asked() if checkpoint else nullcontext(lambda: False) as stop:  # else it ends at once
        _train(model, task, settings, run, observers, checkpoint, gradients, stop)


def _train(
    model: nn.Module,
    task: Task,
    settings: TrainingSettings,
    run: RunKey,
    observers: Sequence[Observer],
    checkpoint: Checkpoint | None,
    gradients: Gradients,
    stop: Callable[[], bool],
) -> None:
    optimizer = build_optimizer(model, settings)
    done = checkpoint.resume(model, optimizer, observers) if checkpoint else 0
    for epoch in range(done + 1, settings.epochs + 1):
        torch.manual_seed(torch_seed(*run, "dropout", epoch))  # of models whose layers draw
        model.train()
        losses, sizes, rates = [], [], []
        for step, batch in enumerate(task.batches(epoch), start=(epoch - 1) * task.steps):
            rates.append(learning_rate(step, settings.epochs * task.steps, settings))
            set_learning_rate(optimizer, rates[-1])
            optimizer.zero_grad()
            loss, right = gradients(model, task, batch)
            for observer in observers:
                observer.on_batch(batch.indices, right)
            optimizer.step()
            for observer in observers:
                observer.on_update(step + 1, model)
            losses.append(loss)
            sizes.append(len(batch.indices))
        mean = check_losses(torch.stack(losses), sizes, rates, run, epoch, task.chance_loss)
        for observer in observers:
            observer.on_epoch(Epoch(epoch, rates[-1], mean), model)
        stopped = stop()
        if checkpoint:
            checkpoint.save_if_due(epoch, model, optimizer, observers, at_once=stopped)
        if stopped:
            raise Stopped(f" after epoch {epoch} of {settings.epochs}: its state is saved")
