"""How a process ends that met a mistake: with one message, and never a traceback."""

import sys
from pathlib import Path
from typing import TextIO

from study import paths
from study.errors import StudyError
from study.files import DamagedFile, no_space, set_aside


def tell(error: StudyError) -> None:
    """Print an error that ends this process; a damaged file of the study is set aside, a user's own never."""
    print(f"error: {error}", file=sys.stderr)
    if isinstance(error, DamagedFile) and _is_of_the_study(error.path):
        set_aside(error.path)


def of_machine(error: OSError | MemoryError) -> StudyError:
    """What is told where the machine refused: a path that is no good, a full disk, too little memory."""
    if isinstance(error, MemoryError):
        return StudyError(
            f"the memory does not suffice: {error}" if str(error) else "the memory does not suffice",
            where="this machine's memory",
            expected="room for all that was asked for",
            do="ask for less, or use a larger machine; what was finished is kept",
        )
    if no_space(error):
        return StudyError(
            "no space is left on the disk",
            where=str(error.filename or ""),
            expected="room for the file",
            do="free some space and run again: whatever was finished is kept",
        )
    return StudyError(
        f"a file or folder cannot be used: {error.strerror or error}",
        where=str(error.filename or ""),
        expected="a path that is there, and that this user may use",
        do="correct the path; what was finished is kept",
    )


def _is_of_the_study(path: Path) -> bool:
    """Whether a file stands in a folder that the study writes, below the folder in which it runs."""
    return any(path.resolve().is_relative_to(Path(own).resolve()) for own in (paths.RESULTS, paths.WORK))


def tell_in_script(log: str) -> None:
    """Let this script end like a command: told in one message, exit code 1, and all of stderr in its log too.

    A fault that is nobody's mistake keeps its traceback.

    Args:
        log: the file that gets a copy of stderr.
    """
    sys.excepthook = _end
    sys.stderr = _Copied(sys.stderr, Path(log))


def _end(kind, error, traceback) -> None:
    if isinstance(error, OSError | MemoryError):
        error = of_machine(error)
    if isinstance(error, StudyError):
        tell(error)
    else:
        sys.__excepthook__(kind, error, traceback)


class _Copied:
    """A stream whose text also goes into a file."""

    def __init__(self, stream: TextIO, file: Path) -> None:
        self._stream, self._file = stream, file.open("w", encoding="utf-8", buffering=1)

    def write(self, text: str) -> int:
        self._file.write(text)
        return self._stream.write(text)

    def __getattr__(self, name: str):
        return getattr(self._stream, name)
