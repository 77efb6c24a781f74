"""What a line of the table says."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Make = Callable[[Path], list[str]]
"""Makes what is wrong in the folder in which the command then runs; returns the command's arguments."""

USAGE = 2
"""The exit code of arguments that are no command, which argparse answers with the usage."""


class Case(NamedTuple):
    """Something that is wrong, and how it has to be answered."""

    area: str
    name: str
    make: Make
    told: tuple[str, ...]
    code: int = 1


def table(area: str, *rows: tuple) -> list[Case]:
    """The cases of an area: of each its name, what makes it, what is told, and the code where it is not 1."""
    return [
        Case(area, name, make, told if isinstance(told, tuple) else (told,), *code)
        for name, make, told, *code in rows
    ]
