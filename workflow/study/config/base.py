"""What all settings have in common."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from study.errors import StudyError


class Settings(BaseModel):
    """Settings are closed (an unknown key is a mistake) and do not change once they are read.

    Every job reads them: a class is built when it is used, and what stands below its fields is only read by
    `study.config.docs`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=100)]
"""A name that becomes a folder: lower case letters, digits, "-" and "_"; file systems bear so many."""

Fraction = Annotated[float, Field(ge=0, lt=1)]


def _named_once(values: list) -> list:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"{value!r} is named twice")
    return values


Once = AfterValidator(_named_once)
"""Of a list: nothing in it is named twice."""


def as_mistake(check: Callable[..., None], *values: Any) -> None:
    """Run a check; what it refuses becomes a mistake of the configuration, in the same words.

    Raises:
        ValueError: the check raised a StudyError.
    """
    try:
        check(*values)
    except StudyError as error:
        raise ValueError(f"{error.what}; expected {error.expected}; {error.do}") from None
