"""Settings of the theorems of the chapter `experts`."""

from typing import Annotated

from pydantic import Field

from study.config.base import Once, Settings

Sizes = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1), Once]


class TheorySettings(Settings):
    """For which sizes the theorems of Mixture of Parrots are computed, built and tried."""

    vertices: Annotated[list[Annotated[int, Field(ge=3)]], Field(min_length=2), Once] = [
        8, 16, 32, 64, 128, 256, 512, 1024, 4096,
    ]  # fmt: skip
    """Vertices of the graphs for which bounds are computed."""
    heads: Sizes = [1, 4]
    """Attention heads for which bounds are computed."""
    bits: Sizes = [1, 8, 16, 32]
    """Precisions for which bounds are computed, beside the bits that hold a position."""
    built_up_to: Annotated[int, Field(ge=3, le=5)] = 4
    """The dense construction is tried on every graph of 3, ... so many vertices."""
    built_at: Annotated[list[Annotated[int, Field(ge=3, le=512)]], Field(min_length=1), Once] = [16, 64, 256]
    """Vertices of the random graphs on which the dense construction is tried."""
    graphs: Annotated[int, Field(ge=2)] = 200
    """Random graphs of each such size."""
    fooled_vertices: Annotated[int, Field(ge=4, le=24)] = 14
    """Vertices of the graphs among which fooling pairs are searched, over all sets of Alice."""
    fooled_widths: Sizes = [1, 2, 3, 4, 6]
    """Widths of the attention layers that are tried."""
    fooled_bits: Sizes = [1, 2, 3, 4, 6, 8]
    """Their precisions."""
    layers: Annotated[int, Field(ge=1)] = 40
    """Random layers of each width and precision."""
    points: Annotated[int, Field(ge=10)] = 20000
    """Points that the mixture memorises."""
    width: Annotated[int, Field(ge=2)] = 32
    """Their dimension."""
    experts: Sizes = [1, 4, 16, 35, 64, 256, 1024]
    """Numbers of experts of the mixture that memorises."""
    repeats: Annotated[int, Field(ge=2)] = 5
    """Random mixtures of each number."""
