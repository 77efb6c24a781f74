"""VoG of texts: variance of gradients at the embeddings over checkpoints (arXiv 2311.16298, section 3.1).

G_c is the gradient of the label's logit by what the embedding layer puts out, (L, D), at checkpoint c. Of
each token and dimension the variance over checkpoints is taken, 1/C sum_c (G_c - mean)^2, and of these the
mean over the text's own tokens and all dimensions: padding has no part in it. Of images `study.scores.vog`
follows Agarwal et al. 2022 instead, and takes the root first.

Shapes: B texts of L tokens, D dimensions, K classes, C checkpoints.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from study.scores.gradient import frozen


def embedding_gradients(model: nn.Module, layer: nn.Module, inputs: Any, labels: Tensor) -> Tensor:
    """Gradient of each label's logit at the output of a layer, in eval mode.

    Args:
        model: maps inputs of B examples to logits (B, K) without mixing examples; left as it was.
        layer: the part of it whose output, (B, L, D), is looked at.
        inputs: whatever the model takes.
        labels: (B,) int64.

    Returns:
        (B, L, D).
    """
    seen: list[Tensor] = []

    def watch(module: nn.Module, arguments: tuple, output: Tensor) -> Tensor:
        seen.append(output.detach().requires_grad_())
        return seen[-1]

    handle = layer.register_forward_hook(watch)
    try:
        with frozen(model), torch.enable_grad():
            logits = model(inputs)
            of_labels = functional.one_hot(labels, logits.shape[1]).to(logits.dtype)
            (gradient,) = torch.autograd.grad(logits, seen, of_labels)
    finally:
        handle.remove()
    return gradient


def variance_of_gradients(gradients: Iterable[Tensor], mask: Tensor) -> Tensor:
    """VoG of a batch, one checkpoint after the other (Welford's update), so that memory is that of three.

    Args:
        gradients: of each of C checkpoints, (B, L, D).
        mask: (B, L), 0 where padding stands.

    Returns:
        (B,) float64.
    """
    count, mean, squares = 0, None, None
    for gradient in gradients:
        count += 1
        if mean is None:
            mean, squares = gradient.clone(), torch.zeros_like(gradient)
            continue
        change = gradient - mean
        mean += change / count
        squares += change * (gradient - mean)
    real = mask.to(torch.float64)
    of_tokens = squares.mean(2, dtype=torch.float64) / count
    return (of_tokens * real).sum(1) / real.sum(1)
