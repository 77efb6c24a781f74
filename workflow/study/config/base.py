"""What all settings have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Settings are closed (an unknown key is a mistake) and do not change once they are read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
"""A name that becomes a folder: lower case letters, digits, "-" and "_"."""

Fraction = Annotated[float, Field(ge=0, lt=1)]
