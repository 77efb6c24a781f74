"""Optimisers, and their state as named tensors."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from study.config.training import TrainingSettings


def build_optimizer(model: nn.Module, settings: TrainingSettings) -> Optimizer:
    """The optimiser of all the model's parameters; weight decay is the same for all of them.

    A model whose parts learn at rates of their own names them in `rate_factors()`.
    """
    parts = model.rate_factors() if hasattr(model, "rate_factors") else [(model, 1.0)]
    groups = [{"params": list(part.parameters()), "factor": factor} for part, factor in parts]
    common = {"lr": settings.lr, "weight_decay": settings.weight_decay}
    if settings.optimizer == "sgd":
        return SGD(groups, momentum=settings.momentum, **common)
    chosen = {"adam": Adam, "adamw": AdamW}[settings.optimizer]
    return chosen(groups, betas=settings.betas, fused=True, **common)


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Use this learning rate for the next update; parts with a rate of their own, in its units."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]


def optimizer_tensors(optimizer: Optimizer) -> dict[str, Tensor]:
    """What the optimiser remembers of each parameter (momentum, moments, steps), as `<parameter>.<name>`."""
    state = optimizer.state_dict()["state"]
    return {
        f"{parameter}.{name}": value
        for parameter, values in state.items()
        for name, value in values.items()
        if isinstance(value, Tensor)
    }


def load_optimizer_tensors(optimizer: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `optimizer_tensors` gave.

    Each tensor takes its parameter's memory layout: kernels that walk a channels-last weight and a contiguous
    momentum round differently in the last bit.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".")
        like = parameters[int(index)]
        same = value.shape == like.shape
        restored = torch.empty_like(like, dtype=value.dtype).copy_(value) if same else value.clone()
        state.setdefault(int(index), {})[name] = restored
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
