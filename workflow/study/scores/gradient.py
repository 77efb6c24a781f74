"""GraNd: the norm of each example's own loss gradient (Paul et al. 2021, arXiv 2107.07075, definition 2.1).

Exact and over all parameters, at the cost of about one batched forward and backward pass: the backward pass
goes to activations only, and each layer's rule (`gradient_rules`) turns the layer's input and output gradient
into per-example norms on the way, so nothing but norms outlives it.

Shapes: B examples, K classes, D features.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from study.errors import StudyError
from study.scores.gradient_rules import RULES


def per_example_gradient_norms(
    model: nn.Module, inputs: Any, labels: Tensor, within: Sequence[nn.Module] | None = None
) -> tuple[Tensor, Tensor]:
    """L2 norms of the gradient of each example's own cross-entropy, in eval mode.

    Args:
        model: maps inputs to logits (B, K); in every layer, examples stay apart along the first dimension;
            the last layer is `model.head`.
        inputs: of B examples, a tensor (B, ...) or a named tuple of such; memory is that of a forward pass
            over all of them.
        labels: (B,) int64.
        within: parts of the model, of whose parameters alone norms are taken; None: all of it.

    Returns:
        (B,) norms over all parameters of the model or of these parts, frozen ones too, and (B,) norms over
        those of `model.head`. An example's norm does not depend on the batch that it is in.

    Layers without a rule, and layers or parameters that a forward pass uses more than once, are taken one
    example at a time, with a warning. The model is left as it was: modes, `requires_grad`, `grad`, hooks.

    Raises:
        StudyError: the model normalises by statistics of the batch: no example has a gradient of its own.
    """
    total, head, slow = _norms(model, inputs, labels, within or [model])
    _warn(slow)
    return total, head


def logit_gradient(logits: Tensor, labels: Tensor) -> Tensor:
    """(B, K): p − onehot(y), each example's gradient of its cross-entropy by its logits.

    The label's entry is minus the sum of the others, which keeps its digits where p_y − 1 would round to 0.
    """
    others = logits.softmax(1).scatter(1, labels[:, None], 0.0)
    return others.scatter(1, labels[:, None], -others.sum(1, keepdim=True))


def _norms(
    model: nn.Module, inputs: Any, labels: Tensor, within: Sequence[nn.Module]
) -> tuple[Tensor, Tensor, set[str]]:
    """Norms over these parameters and over the head, and the types of the layers that took the slow way."""
    _check(model)
    recorder = _Recorder(within, len(labels), labels.device)
    with frozen(model), torch.enable_grad():
        with recorder.watching():
            logits = model(_taken(inputs, slice(None)))
            error = logit_gradient(logits.detach(), labels)
            # Unit vectors go down: squares of a well-learned example's own gradient could be below float32.
            size = error.norm(dim=1).clamp_min(torch.finfo(error.dtype).tiny)
            error /= size[:, None]
            if logits.requires_grad:
                logits.backward(error)
        slow = recorder.uncovered()
        total, head = _one_by_one(model, slow, inputs, error)
    of_head = set(model.head.modules())
    for layer, squared in recorder.squared.items():
        if layer not in slow:
            total += squared
            if layer in of_head:
                head += squared
    names = {type(layer).__name__ for layer in slow}
    return (size * total.sqrt()).to(error.dtype), (size * head.sqrt()).to(error.dtype), names


class _Join(torch.autograd.Function):
    """Joins a tensor to the graph without a copy: gradients are computed down to it and no further."""

    @staticmethod
    def forward(ctx, x: Tensor, leaf: Tensor) -> Tensor:
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, g: Tensor) -> tuple[None, None]:
        return None, None


class _Recorder:
    """Watches one forward and backward pass of a frozen model and applies each layer's rule on the way."""

    def __init__(self, within: Sequence[nn.Module], batch: int, device: torch.device) -> None:
        self.batch = batch
        self.leaf = torch.zeros((), device=device, requires_grad=True)
        modules = dict.fromkeys(module for part in within for module in part.modules())
        self.layers = [module for module in modules if list(module.parameters(recurse=False))]
        self.calls: Counter[nn.Module] = Counter()
        self.inputs: dict[nn.Module, Tensor] = {}
        self.squared: dict[nn.Module, Tensor | None] = {}  # None where the rule does not hold
        owners = Counter(id(p) for layer in self.layers for p in set(layer.parameters(recurse=False)))
        self.ruled = [
            layer
            for layer in self.layers
            if type(layer) in RULES
            and {name for name, _ in layer.named_parameters(recurse=False)} <= {"weight", "bias"}
            and all(owners[id(parameter)] == 1 for parameter in layer.parameters(recurse=False))
        ]

    @contextmanager
    def watching(self) -> Iterator[None]:
        handles = [layer.register_forward_hook(self._forward, prepend=True) for layer in self.ruled]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _forward(self, layer: nn.Module, args: tuple, output: Tensor) -> Tensor:
        self.calls[layer] += 1
        if len(args) != 1 or len(args[0]) != self.batch or len(output) != self.batch:
            return output  # called by keyword, or examples are not along the first dimension
        if not output.requires_grad:
            output = _Join.apply(output, self.leaf)
        self.inputs[layer] = args[0].detach()
        self.squared[layer] = torch.zeros(
            self.batch, device=output.device
        )  # what stays if no gradient comes back
        output.register_hook(lambda g: self._backward(layer, g))
        return output

    def _backward(self, layer: nn.Module, g: Tensor) -> None:
        if self.calls[layer] == 1:
            self.squared[layer] = RULES[type(layer)](layer, self.inputs.pop(layer), g.detach())

    def uncovered(self) -> list[nn.Module]:
        """Layers whose parameters' gradients are not known after the pass."""
        return [m for m in self.layers if self.calls[m] != 1 or self.squared.get(m) is None]


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """The model in eval mode with no parameter that wants a gradient, and afterwards as it was."""
    training = {module: module.training for module in model.modules()}
    wanted = {parameter: parameter.requires_grad for parameter in model.parameters()}
    try:
        model.eval()
        model.requires_grad_(False)
        yield
    finally:
        for module, flag in training.items():
            module.training = flag
        for parameter, flag in wanted.items():
            parameter.requires_grad_(flag)


def _one_by_one(
    model: nn.Module, layers: list[nn.Module], inputs: Any, cotangents: Tensor
) -> tuple[Tensor, Tensor]:
    """(B,) squared norms over all parameters of some layers, and over those that are the head's."""
    parameters = list({p: None for layer in layers for p in layer.parameters(recurse=False)})
    of_head = [any(p is q for q in model.head.parameters()) for p in parameters]
    squared = torch.zeros(2, len(cotangents), dtype=torch.float64, device=cotangents.device)
    if not parameters:
        return squared[0], squared[1]
    for parameter in parameters:
        parameter.requires_grad_(True)
    for i in range(len(cotangents)):
        logits = model(_taken(inputs, slice(i, i + 1)))
        if not logits.requires_grad:
            break  # none of these layers takes part
        gradients = torch.autograd.grad(logits, parameters, cotangents[i : i + 1], allow_unused=True)
        for gradient, head in zip(gradients, of_head, strict=True):
            if gradient is not None:
                square = gradient.square().sum()
                squared[0, i] += square
                squared[1, i] += square * head
    return squared[0], squared[1]


def _taken(inputs: Any, rows: slice) -> Any:
    """Some of the examples, apart from whatever graph they are in."""
    if isinstance(inputs, Tensor):
        return inputs[rows].detach()
    return type(inputs)(*(part[rows].detach() for part in inputs))


def _check(model: nn.Module) -> None:
    for name, layer in model.named_modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.running_mean is None:
            raise StudyError(
                "Examples of a batch share their normalisation, so none has a gradient of its own.",
                where=f"layer {name}: {layer}",
                expected="batch normalisation that keeps running statistics (track_running_stats=True)",
                do="Keep running statistics, or normalise by group or layer.",
            )


def _warn(slow: set[str]) -> None:
    if slow:
        warnings.warn(
            f"Gradients of {', '.join(sorted(slow))} are taken one example at a time, which is slow: no rule "
            "covers such a layer as it is used here. Rules are in study/scores/gradient_rules.py.",
            stacklevel=3,
        )
