"""Residual networks for small images (He et al. 2016, Deep Residual Learning, section 4.2).

Depth 6n+2: one convolution, three stages of n blocks with W, 2W and 4W channels, global average pooling, a
linear head. Where the shape changes, the shortcut is a 1 × 1 convolution with normalisation (their option B).
"""

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from study.config.sizes import check_depth
from study.models.layers import kaiming, norm


class Block(nn.Module):
    """Two 3 × 3 convolutions and a shortcut, (B, C_in, H, W) -> (B, C, H/stride, W/stride)."""

    def __init__(self, channels_in: int, channels: int, stride: int, kind: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1, bias=False)
        self.norm1 = norm(kind, channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = norm(kind, channels)
        self.shortcut = nn.Identity()
        if stride != 1 or channels_in != channels:
            # Picking every second pixel first is the same as a 1 × 1 convolution of stride 2, whose backward
            # pass (torch 2.13, CPU, channels_last) writes beyond its memory for widths such as 4.
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(1, stride),
                nn.Conv2d(channels_in, channels, 1, bias=False),
                norm(kind, channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        out = functional.relu(self.norm1(self.conv1(x)))
        out = self.norm2(self.conv2(out))
        return functional.relu(out + self.shortcut(x))


class ResNet(nn.Module):
    """`ResNet(20, 16, "batch", (3, 32, 32), 10)` is the paper's ResNet-20."""

    def __init__(
        self, depth: int, width: int, kind: str, image_shape: tuple[int, int, int], classes: int
    ) -> None:
        super().__init__()
        check_depth(depth)
        n = (depth - 2) // 6
        self.stem = nn.Conv2d(image_shape[0], width, 3, padding=1, bias=False)
        self.norm = norm(kind, width)
        shapes = [(width, width, 1)] * n  # (channels in, channels, stride) of each block
        for channels in (2 * width, 4 * width):
            shapes += [(channels // 2, channels, 2)] + [(channels, channels, 1)] * (n - 1)
        self.blocks = nn.Sequential(*(Block(*shape, kind) for shape in shapes))
        self.head = nn.Linear(4 * width, classes)
        self.apply(kaiming)

    def features(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 4W): channel means of the last block's output."""
        return self.blocks(functional.relu(self.norm(self.stem(x)))).mean((2, 3))

    def probes(self, x: Tensor) -> Iterator[Tensor]:
        """Outputs of the first convolution, normalised and rectified, and of the blocks."""
        x = functional.relu(self.norm(self.stem(x)))
        yield x
        for block in self.blocks:
            x = block(x)
            yield x

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


def build(settings: Any, image_shape: tuple[int, int, int], classes: int) -> ResNet:
    """From `ResNetSettings`."""
    return ResNet(settings.depth, settings.width, settings.norm, image_shape, classes)
