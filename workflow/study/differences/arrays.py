"""What differs between two versions of a safetensors file."""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from study.differences.examples import moved_values
from study.differences.found import Difference, Word
from study.errors import StudyError
from study.files import DamagedFile


def compare_arrays(path_a: Path, path_b: Path, found: Difference) -> None:
    """Add the arrays of two safetensors files that are others, one after the other.

    Raises:
        DamagedFile: one of them cannot be read.
        StudyError: they hold numbers that numpy does not know (bfloat16).
    """
    with _opened(path_a) as a, _opened(path_b) as b:
        names_a, names_b = sorted(a.keys()), sorted(b.keys())
        for side, own, other in (("first", names_a, names_b), ("second", names_b, names_a)):
            found.missing += [f"only the {side} has the array {name}" for name in own if name not in other]
        if a.metadata() != b.metadata():
            found.notes.append("what the header says beside the arrays is different")
        for name in names_a:
            if name in names_b:
                _compare_array(name, _array(a, name, path_a), _array(b, name, path_b), found)


def _compare_array(name: str, a: np.ndarray, b: np.ndarray, found: Difference) -> None:
    if a.shape != b.shape:
        found.words.append(Word(name, "shape", str(a.shape), str(b.shape)))
        return
    if a.dtype != b.dtype:
        found.words.append(Word(name, "type", str(a.dtype), str(b.dtype)))
    moved = np.flatnonzero(a != b)
    if len(moved):
        old, new = (side.ravel()[moved].astype(float) for side in (a, b))
        places = np.unravel_index(moved, a.shape)
        values = moved_values(
            name, old, new, np.array([np.nan]), "", lambda at: str([int(axis[at]) for axis in places])
        )
        found.values += [values._replace(values=a.size)] if values else []


def _array(file, name: str, path: Path) -> np.ndarray:
    try:
        return file.get_tensor(name)
    except TypeError as error:
        raise StudyError(f"the array {name} is not compared: {error}", where=str(path)) from error


def _opened(path: Path):
    try:
        return safe_open(path, framework="np")
    except (SafetensorError, OSError) as error:
        raise DamagedFile(path, f"it holds no arrays as they were written ({error})") from error
