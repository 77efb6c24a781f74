"""Settings of training, and of what a single model may change in them."""

from typing import Annotated, Literal

from pydantic import Field, create_model, field_validator

from study.config.base import Fraction, Settings


def _rising(milestones: list[float] | None) -> list[float] | None:
    if milestones is not None and sorted(set(milestones)) != milestones:
        raise ValueError("milestones must rise, for example [0.5, 0.75]")
    return milestones


class TrainingSettings(Settings):
    """How a model is trained. Learning-rate events are fractions of the whole training."""

    epochs: Annotated[int, Field(ge=1)] = 24
    """Passes over the training set."""
    batch_size: Annotated[int, Field(ge=1)] = 128
    """Examples in a minibatch; the last one of an epoch may be smaller."""
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd"
    """The optimiser."""
    lr: Annotated[float, Field(gt=0)] = 0.1
    """Peak learning rate."""
    momentum: Fraction = 0.9
    """Momentum of sgd."""
    betas: tuple[Fraction, Fraction] = (0.9, 0.999)
    """Decay of the two moments of adam and adamw."""
    weight_decay: Annotated[float, Field(ge=0)] = 1e-4
    """Weight decay (L2 for sgd and adam, decoupled for adamw)."""
    schedule: Literal["constant", "step", "cosine", "linear"] = "step"
    """How the learning rate falls after warm-up."""
    milestones: list[Annotated[float, Field(gt=0, lt=1)]] = [0.5, 0.75]
    """Where a step schedule multiplies the rate by `gamma`, as fractions of training, rising."""
    gamma: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Factor of a step schedule."""
    warmup: Fraction = 0.0
    """Fraction of training in which the rate rises linearly from 0."""
    shift: Annotated[int, Field(ge=0)] = 1
    """Largest random shift in pixels, zero-padded; 4 is the usual "pad by 4 and crop"."""
    flip: bool = False
    """Mirror left and right at random; not for digits or letters."""

    precision: Literal["float32", "bfloat16"] = "float32"
    """Numbers of products in forward and backward passes; weights and sums stay in float32."""
    accumulate: Annotated[int, Field(ge=1)] = 1
    """Of pre-training: parts of a minibatch that are computed one after the other, for less memory."""

    @field_validator("milestones")
    @classmethod
    def _rise(cls, milestones: list[float]) -> list[float]:
        return _rising(milestones)


def _optional(name: str):
    field = TrainingSettings.model_fields[name]
    annotated = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return (annotated | None, None)


TrainingChanges = create_model(
    "TrainingChanges",
    __base__=Settings,
    __doc__="Settings of `training` that a model has to itself; what is left out is as for all models.",
    __validators__={"_rise": field_validator("milestones")(_rising)},
    **{name: _optional(name) for name in TrainingSettings.model_fields},
)


def resolve(training: TrainingSettings, *changes: "TrainingChanges") -> TrainingSettings:
    """The training settings of one model: those of the study, with changes in place, the last one's first."""
    found = training.model_dump()
    for change in changes:
        found |= change.model_dump(exclude_none=True)
    return TrainingSettings(**found)
