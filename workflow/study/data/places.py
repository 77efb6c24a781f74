"""Which local files a data set is read from, for those who read them and those who watch for changes."""

import glob
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from study.errors import StudyError


def expand(patterns: Sequence[str], where: str) -> list[str]:
    """The files or folders that the patterns name, each once; `**` reaches any depth.

    Args:
        patterns: paths or glob patterns; those of one pattern come in alphabetical order.
        where: the setting, for the error message.

    Raises:
        StudyError: a pattern names nothing that is there.
    """
    paths = []
    for pattern in patterns:
        # A name that is there is meant as it is, also with a bracket in it.
        found = [pattern] if Path(pattern).exists() else sorted(glob.glob(pattern, recursive=True))
        if not found:
            raise StudyError(
                f"a file of the data set is missing: {pattern}",
                where=where,
                expected=f"a file or folder, seen from {os.getcwd()}",
                do="correct the path in the data set's settings",
            )
        paths += found
    return list(dict.fromkeys(paths))


def pictures(folder: str) -> list[Path]:
    """All picture files below a folder, in order."""
    endings = tuple(Image.registered_extensions())
    found = [
        Path(place, name)
        for place, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(endings)
    ]
    return sorted(found, key=lambda path: path.parts)
