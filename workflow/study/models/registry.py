"""Architectures by name: adding one is its file and one line here."""

from collections.abc import Callable
from typing import Any

from torch import nn

from study.errors import StudyError
from study.models.mlp import Mlp
from study.models.resnet import ResNet
from study.models.vgg import Vgg
from study.models.vit import Vit

Shape = tuple[int, int, int]  # channels, height, width

ARCHITECTURES: dict[str, Callable[[Any, Shape, int], nn.Module]] = {
    "mlp": lambda s, shape, classes: Mlp(s.hidden, shape, classes),
    "resnet": lambda s, shape, classes: ResNet(s.depth, s.width, s.norm, shape, classes),
    "vgg": lambda s, shape, classes: Vgg(s.stages, s.norm, shape, classes),
    "vit": lambda s, shape, classes: Vit(s.patch, s.dim, s.depth, s.heads, s.mlp_ratio, shape, classes),
}


def build(settings: Any, image_shape: Shape, classes: int) -> nn.Module:
    """A freshly initialised model (torch's global generator) from its architecture's settings.

    Raises:
        StudyError: the architecture is unknown, or its sizes do not fit each other or the images.
    """
    if settings.architecture not in ARCHITECTURES:
        raise StudyError(
            f"There is no architecture called '{settings.architecture}'.",
            where="model: architecture",
            expected=", ".join(ARCHITECTURES),
            do="Use one of these names, or add a line to study/models/registry.py.",
        )
    return ARCHITECTURES[settings.architecture](settings, image_shape, classes)
