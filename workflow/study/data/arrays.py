"""Named arrays in one safetensors file: written piece by piece, and mapped into memory.

A file is the length of a JSON header in 8 bytes, the header, and the raw arrays, wider types first, so that
each is aligned.
"""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from study.files import DamagedFile, replacing

_TYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "I64": np.int64,
    "U32": np.uint32,
    "U16": np.uint16,
    "U8": np.uint8,
    "BOOL": np.bool_,
}
_NAMES = {np.dtype(kind): name for name, kind in _TYPES.items()}


class Piece(NamedTuple):
    """An array that is fetched when it is written."""

    kind: np.dtype
    shape: tuple[int, ...]
    fetch: Callable[[], np.ndarray]


def write_arrays(
    path: str | Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None
) -> None:
    """Write arrays; see `write_pieces`."""
    pieces = {
        name: Piece(value.dtype, value.shape, lambda value=value: value) for name, value in arrays.items()
    }
    write_pieces(path, pieces, metadata)


def write_pieces(
    path: str | Path, pieces: Mapping[str, Piece], metadata: Mapping[str, str] | None = None
) -> None:
    """Write a file whole or not at all, one array after the other; the same arrays give the same bytes.

    The format's own writer would keep a copy of all of them in memory, and several keys of metadata in random
    order.

    Raises:
        StudyError: no space is left, or the folder cannot be written; the message names the file.
    """
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    names = sorted(pieces, key=lambda name: (-pieces[name].kind.itemsize, name))
    end = 0
    for name in names:
        kind, shape, _ = pieces[name]
        start, end = end, end + kind.itemsize * math.prod(shape)
        header[name] = {"dtype": _NAMES[kind], "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in names:
            file.write(np.ascontiguousarray(pieces[name].fetch()).data)


def map_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays of a file as copy-on-write maps, and its metadata.

    Raises:
        DamagedFile: it is not a complete file of arrays.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > path.stat().st_size:
                raise ValueError("its header is longer than the file")
            header = json.loads(file.read(length))
        metadata = header.pop("__metadata__", {})
        arrays = {
            name: _mapped(path, entry, 8 + length + entry["data_offsets"][0])
            for name, entry in header.items()
        }
    except (ValueError, LookupError, ArithmeticError, AttributeError, TypeError, RecursionError) as error:
        raise DamagedFile(path, f"it is not a complete file of arrays ({error})") from error
    return arrays, metadata


def _mapped(path: Path, entry: dict, offset: int) -> np.ndarray:
    kind, shape = _TYPES[entry["dtype"]], tuple(entry["shape"])
    start, end = entry["data_offsets"]
    if end - start != math.prod(shape) * np.dtype(kind).itemsize:
        raise ValueError("an array is not as long as its shape")
    if 0 in shape:  # nothing can be mapped
        return np.empty(shape, kind)
    return np.asarray(np.memmap(path, kind, "c", offset, shape))
