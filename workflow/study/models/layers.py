"""Small modules that several architectures share.

Shapes: B examples, C channels, H × W pixels, T tokens, D features.
"""

import math

import torch
from torch import Tensor, nn

GROUPS = 8  # at most; fewer where the channels do not divide by eight


def norm(kind: str, channels: int) -> nn.Module:
    """The normalisation of a convolution's output: batch, group or none."""
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "group":
        return nn.GroupNorm(math.gcd(GROUPS, channels), channels)
    return nn.Identity()


def kaiming(module: nn.Module) -> None:
    """Kaiming-normal weights and zero biases (He et al. 2015, eq. 10); for `nn.Module.apply`."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class Positions(nn.Module):
    """Adds a learned vector per position, (B, T, D) -> (B, T, D).

    The table is an `nn.Embedding` that is looked up once per example, not a bare parameter that is broadcast
    over the batch: so each example's part of its gradient stays apart.
    """

    def __init__(self, tokens: int, dim: int) -> None:
        super().__init__()
        self.table = nn.Embedding(tokens, dim)
        self.register_buffer("index", torch.arange(tokens), persistent=False)
        nn.init.normal_(self.table.weight, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table(self.index.expand(x.shape[0], -1))
