"""Files that were made to do harm."""

import io
import json
import struct
import tarfile
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def bomb(side: int, lines: int = 1) -> bytes:
    """A picture that says it is `side` grey pixels wide and high, of which a few lines are there."""
    packed = zlib.compressobj(9)
    body = b"".join(packed.compress(bytes(side + 1)) for _ in range(lines)) + packed.flush()
    size = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def claiming_rows(path: Path, rows: int = 10**12) -> None:
    """Let the footer of a parquet file say that it holds so many rows."""
    there = b"\x16" + _number(pq.read_metadata(path).num_rows)
    whole = path.read_bytes()
    length = int.from_bytes(whole[-8:-4], "little")
    body, footer = whole[: -8 - length], whole[-8 - length : -8]
    lie = footer.replace(there, b"\x16" + _number(rows))
    path.write_bytes(body + lie + len(lie).to_bytes(4, "little") + b"PAR1")


def claiming_pages(path: Path, size: int) -> None:
    """Let the first page of a parquet file say that it is so long once it is unpacked."""
    whole = path.read_bytes()
    head = len(b"PAR1\x15\x04\x15")  # kind of page, then its size
    end = next(place for place in range(head, head + 10) if whole[place] < 0x80) + 1
    path.write_bytes(whole[:head] + _number(size) + whole[end:])


def _number(value: int) -> bytes:
    """A number as the footers and page headers of parquet files (thrift's compact protocol) hold it."""
    value, found = 2 * value, bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def unpickling(path: Path, pickled: bytes) -> None:
    """A parquet file with a column of a type that readers of old unpickled."""
    said = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickled}
    fields = [pa.field("image", pa.string(), metadata=said), pa.field("label", pa.int64())]
    columns = [pa.array(["a.png", "b.png"]), pa.array([0, 1])]
    pq.write_table(pa.table(columns, schema=pa.schema(fields)), path)


def archive(path: Path, name: str, content: bytes) -> None:
    """A tar, as webdataset has it, of one file."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    with tarfile.open(path, "w") as tar:
        tar.addfile(entry, io.BytesIO(content))


def safetensors(
    entry: dict | None = None, *, length: int | None = None, text: bytes = b"", dataset: str = "{}"
) -> bytes:
    """A file of one array of 8 bytes whose header says what it likes."""
    told = text or json.dumps({"__metadata__": {"dataset": dataset}, "train_inputs": entry}).encode()
    return (len(told) if length is None else length).to_bytes(8, "little") + told + bytes(8)
