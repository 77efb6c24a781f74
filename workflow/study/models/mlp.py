"""Multi-layer perceptron on the flattened image."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from study.models.layers import kaiming


class Mlp(nn.Module):
    """Linear layers with ReLU, Kaiming-normal; no hidden layer leaves a linear classifier."""

    def __init__(self, hidden: Sequence[int], image_shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        widths = [math.prod(image_shape), *hidden]
        self.blocks = nn.Sequential(*(nn.Sequential(nn.Linear(a, b), nn.ReLU()) for a, b in pairwise(widths)))
        self.head = nn.Linear(widths[-1], classes)
        self.apply(kaiming)

    def features(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D): the last hidden layer."""
        return self.blocks(x.flatten(1))

    def probes(self, x: Tensor) -> Iterator[Tensor]:
        """Outputs of the hidden layers."""
        x = x.flatten(1)
        for block in self.blocks:
            x = block(x)
            yield x

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


def build(settings: Any, image_shape: tuple[int, int, int], classes: int) -> Mlp:
    """From `MlpSettings`."""
    return Mlp(settings.hidden, image_shape, classes)
