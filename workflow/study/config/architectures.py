"""Settings of models: one class per architecture, told apart by the key `architecture`."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from study.config.base import Settings, as_mistake
from study.config.sizes import check_depth, check_heads, check_patch, check_stages
from study.config.training import TrainingChanges

Norm = Literal["batch", "group", "none"]
Positive = Annotated[int, Field(ge=1)]


class Architecture(Settings):
    """What every model has."""

    training: TrainingChanges = TrainingChanges()
    """What this model changes in the study's `training`, for example `{lr: 0.01}`."""

    def check_images(self, height: int, width: int) -> None:
        """Refuse images of a size that the model cannot take (StudyError)."""


class MlpSettings(Architecture):
    """A multilayer perceptron on the flattened image."""

    architecture: Literal["mlp"]
    hidden: Annotated[list[Positive], Field(min_length=1)] = [128, 128]
    """Widths of the hidden layers."""


class ResNetSettings(Architecture):
    """A residual network for small images (He et al. 2015, section 4.2): three stages of width W, 2W, 4W."""

    architecture: Literal["resnet"]
    depth: Annotated[int, Field(ge=8)]
    """Number of layers, 6n+2: 8, 14, 20, 32, ..."""
    width: Positive = 16
    """Channels of the first stage."""
    norm: Norm = "batch"
    """Normalisation after each convolution."""

    @field_validator("depth")
    @classmethod
    def _has_whole_blocks(cls, depth: int) -> int:
        as_mistake(check_depth, depth)
        return depth


class VggSettings(Architecture):
    """A plain convolutional network (Simonyan & Zisserman 2014): stages of 3x3 convolutions, each pooled."""

    architecture: Literal["vgg"]
    stages: Annotated[list[tuple[Positive, Positive]], Field(min_length=1)]
    """[channels, convolutions] of each stage; VGG-16: [[64, 2], [128, 2], [256, 3], [512, 3], [512, 3]]."""
    norm: Norm = "batch"
    """Normalisation after each convolution."""

    def check_images(self, height: int, width: int) -> None:
        check_stages(self.stages, height, width)


class VitSettings(Architecture):
    """A vision transformer (Dosovitskiy et al. 2020) with normalisation before each block."""

    architecture: Literal["vit"]
    patch: Positive
    """Side of a patch in pixels; it divides the image's sides."""
    dim: Annotated[int, Field(ge=4)] = 32
    """Width of the tokens; a multiple of `heads`."""
    depth: Positive = 3
    """Number of blocks."""
    heads: Positive = 2
    """Attention heads."""
    mlp_ratio: Positive = 2
    """Width of a block's MLP in units of `dim`."""

    @model_validator(mode="after")
    def _heads_share_evenly(self) -> "VitSettings":
        as_mistake(check_heads, self.dim, self.heads)
        return self

    def check_images(self, height: int, width: int) -> None:
        check_patch(self.patch, height, width)


ModelSettings = Annotated[
    MlpSettings | ResNetSettings | VggSettings | VitSettings, Field(discriminator="architecture")
]
