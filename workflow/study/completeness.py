"""Whether a result file has the end that its format asks for: a look at some bytes, not a read.

It finds files that are empty, and files that were cut. It does not find damage inside a file, which reading
does, and not a text that was cut exactly at the end of a line.
"""

import json
import os
from pathlib import Path
from typing import BinaryIO

_TAIL = 1024  # bytes from the end that are looked at: a pdf may have a few after its own mark
_ENDS = {
    ".csv": (b"\n",),
    ".html": (b"</html>",),
    ".json": (b"\n}\n", b"\n]\n"),  # of the outermost, which is not indented
    ".parquet": (b"PAR1",),
    ".pdf": (b"%%EOF",),
    ".png": (b"IEND\xaeB`\x82",),
    ".rst": (b"\n",),
    ".yaml": (b"\n",),
}
_LENIENT = (".html", ".pdf")  # a newline after the end is as good


def has_end(path: Path) -> bool:
    """Whether files of this kind have an end that can be told, so that `is_complete` can be asked."""
    return path.suffix in _ENDS or path.suffix == ".safetensors"


def is_complete(path: Path) -> bool:
    """Whether a file has the end that its format asks for; without such an end, whether it is not empty."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if path.suffix == ".safetensors":
            return size == _size_of_arrays(file, size)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    if path.suffix in _LENIENT:
        tail = tail.rstrip()
    return size > 0 and tail.endswith(_ENDS.get(path.suffix, b""))


def _size_of_arrays(file: BinaryIO, size: int) -> int:
    """The size that a safetensors file says it has (header's length, header, arrays); -1 if it says none."""
    length = int.from_bytes(file.read(8), "little")
    if not 0 < length <= size - 8:
        return -1
    try:
        header = json.loads(file.read(length))
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return -1
    return 8 + length + max(ends, default=0)
