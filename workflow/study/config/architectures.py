"""Settings of models: one class per architecture, told apart by the key `architecture`."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from study.config.base import Settings, as_mistake
from study.config.sizes import (
    check_depth,
    check_experts,
    check_grouped,
    check_heads,
    check_patch,
    check_rotated,
    check_stages,
)
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


class DecoderSettings(Architecture):
    """A decoder of the transformers library, for tokens: Mistral, or with several experts Mixtral."""

    architecture: Literal["decoder"]
    layers: Positive = 1
    """Number of blocks."""
    dim: Annotated[int, Field(ge=4)] = 16
    """Width of the stream; a multiple of `heads`."""
    heads: Positive = 2
    """Attention heads."""
    experts: Positive = 1
    """Experts in each block; 1: a dense model, whose feed-forward layer is `top_k` experts wide."""
    top_k: Positive = 2
    """Experts that work for a token; of one the weight is always 1, and its router learns balance alone."""
    ffn: Positive | None = None
    """Width of an expert's feed-forward layer; null: `dim`."""
    router: Literal["learned", "frozen", "hash"] = "learned"
    """How tokens find experts: learned, by random weights that stay as they are, or by their id alone."""
    positions: Positive | None = None
    """Longest row that it takes, in tokens; null: as long as the rows of its data are."""
    experts_implementation: Literal["grouped_mm", "eager"] = "grouped_mm"
    """How experts are computed: all in one product of groups, or one after the other."""

    @property
    def expert_width(self) -> int:
        """Width of one expert's feed-forward layer."""
        return self.ffn or self.dim

    @model_validator(mode="after")
    def _sizes_fit(self) -> "DecoderSettings":
        as_mistake(check_heads, self.dim, self.heads)
        as_mistake(check_rotated, self.dim, self.heads)
        as_mistake(check_experts, self.experts, self.top_k)
        if self.experts > 1 and self.experts_implementation == "grouped_mm":
            as_mistake(check_grouped, self.dim, self.expert_width)
        if self.experts == 1 and self.router != "learned":
            raise ValueError(f"router: {self.router} has no effect on a dense model (experts: 1)")
        return self


class EncoderSettings(Architecture):
    """An encoder of texts of the transformers library, with a classifier on its first token."""

    architecture: Literal["encoder"]
    start: str = "pretrain"
    """pretrain: a BERT that learns on the texts of its data; scratch: the same without; or a model of the hub
    (`google/bert_uncased_L-4_H-512_A-8`), or a local folder of one."""
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    """Commit of a model of the hub; null is not pinned, and shown so."""
    layers: Positive = 2
    """Number of blocks; with what follows, of models that are made here."""
    dim: Annotated[int, Field(ge=4)] = 64
    """Width of the tokens; a multiple of `heads`."""
    heads: Positive = 2
    """Attention heads."""
    ffn: Positive | None = None
    """Width of a block's feed-forward layer; null: 4 times `dim`."""
    vocabulary: Annotated[int, Field(ge=50)] = 2000
    """Word pieces at most."""
    positions: Annotated[int, Field(ge=4)] = 64
    """Longest text, or pair of texts, in word pieces; of models of the hub at most what they take."""
    truncate: bool = False
    """Cut longer texts to `positions`; otherwise they are refused."""
    head: list[Positive] = []
    """Widths of the classifier's hidden layers."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Dropout in the encoder and before each layer of the classifier."""
    head_rate: Annotated[float, Field(gt=0)] = 1.0
    """Learning rate of the classifier in units of the encoder's."""

    @property
    def made_here(self) -> bool:
        """Whether the study makes the encoder, from the texts of its data."""
        return self.start in ("pretrain", "scratch")

    @model_validator(mode="after")
    def _sizes_fit(self) -> "EncoderSettings":
        as_mistake(check_heads, self.dim, self.heads)
        # Those that are set to anything but their default: a resolved configuration names them all.
        names, fields = ("layers", "dim", "heads", "ffn", "vocabulary"), type(self).model_fields
        sizes = {name for name in names if getattr(self, name) != fields[name].default}
        if sizes and not self.made_here:
            raise ValueError(f"{self.start} has sizes of its own: leave out {', '.join(sorted(sizes))}")
        if self.revision and self.made_here:
            raise ValueError(f"revision has no effect on a model that is made here (start: {self.start})")
        return self


ModelSettings = Annotated[
    MlpSettings | ResNetSettings | VggSettings | VitSettings | DecoderSettings | EncoderSettings,
    Field(discriminator="architecture"),
]
