"""Architectures by name: adding one is its module, named like it, and one word here."""

from importlib import import_module
from typing import Any

from torch import nn

from study.names import unknown

Shape = tuple[int, ...]  # of images channels, height, width; of rows of tokens their length

# Named, not imported: an edit of one architecture must not retrain the models of another, and a digest of
# code follows imports (`provenance.training_version`).
ARCHITECTURES = ("mlp", "resnet", "vgg", "vit", "decoder")


def build(settings: Any, input_shape: Shape, classes: int) -> nn.Module:
    """A freshly initialised model (torch's global generator) from its architecture's settings.

    The module of an architecture has `build(settings, input_shape, classes)` as well.

    Raises:
        StudyError: the architecture is unknown, or its sizes do not fit each other or the images.
    """
    if settings.architecture not in ARCHITECTURES:
        raise unknown("architecture", settings.architecture, ARCHITECTURES, "study/models/registry.py")
    module = import_module(f"study.models.{settings.architecture}")
    return module.build(settings, input_shape, classes)
