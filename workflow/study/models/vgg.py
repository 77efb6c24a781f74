"""VGG for small images (Simonyan & Zisserman 2015): convolutions with bias and norm, one linear head."""

from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor, nn

from study.config.sizes import check_stages
from study.models.layers import kaiming, norm


class Vgg(nn.Module):
    """Stages of (channels, convolutions), each followed by 2 × 2 max-pooling; then global average pooling."""

    def __init__(
        self, stages: Sequence[Sequence[int]], kind: str, image_shape: tuple[int, int, int], classes: int
    ) -> None:
        super().__init__()
        channels, *size = image_shape
        check_stages(stages, *size)
        blocks = []
        for width, convolutions in stages:
            layers: list[nn.Module] = []
            for _ in range(convolutions):
                layers += [nn.Conv2d(channels, width, 3, padding=1), norm(kind, width), nn.ReLU()]
                channels = width
            blocks.append(nn.Sequential(*layers, nn.MaxPool2d(2)))
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(channels, classes)
        self.apply(kaiming)

    def features(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, channels of the last stage): channel means of its output."""
        return self.blocks(x).mean((2, 3))

    def probes(self, x: Tensor) -> Iterator[Tensor]:
        """Outputs of the stages, after pooling."""
        for block in self.blocks:
            x = block(x)
            yield x

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


def build(settings: Any, image_shape: tuple[int, int, int], classes: int) -> Vgg:
    """From `VggSettings`."""
    return Vgg(settings.stages, settings.norm, image_shape, classes)
