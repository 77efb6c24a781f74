"""Whether local data changed: sizes and times of all files that a data set is read from.

No import of torch or datasets: the workflow asks each time it starts.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa

from study.data.places import expand, pictures
from study.errors import StudyError
from study.files import open_parquet
from study.kinds import CORPUS, IMAGE


def source_stamp(settings) -> str:
    """A digest (16 hex digits) that changes when a local file of a data set changes, appears or goes.

    Local tables, the pictures that their rows name by path, folders of pictures, and folders in the layout of
    the hub. Files that are missing count as missing: whoever reads them says so.

    Args:
        settings: one of `study.config.datasets.DatasetSettings`.

    Returns:
        "" where nothing local is read.
    """
    if settings.kind == CORPUS:
        files = [file for where, rows in settings.rows() for file in _of_patterns(rows.files or (), where)]
    elif settings.source == "files":
        files = _of_files(settings)
    elif settings.source == "hub" and Path(settings.id).is_dir():
        files = sorted(path for path in Path(settings.id).rglob("*") if path.is_file())
    else:
        return ""
    return _digest(files)


def _of_files(settings) -> Iterator[str | Path]:
    for part in ("train", "test"):
        for path in _of_patterns(getattr(settings, part) or (), part):
            if settings.format == "imagefolder":
                yield from pictures(path)
            else:
                yield path
                if settings.kind == IMAGE:
                    yield from _named_in(Path(path), settings.format, settings.image_column)


def _of_patterns(patterns: Iterable[str], where: str) -> Iterator[str]:
    """The files that patterns name; a pattern that names none stands for itself."""
    for pattern in patterns:
        try:
            yield from expand([pattern], where)
        except StudyError:
            yield pattern


def _named_in(table: Path, format: str, column: str) -> Iterator[Path]:
    """The picture files that rows name; none of a table that cannot be read, or that holds its pictures."""
    try:
        names = list(_PATHS[format](table, column))
    except (OSError, ValueError, AttributeError, RecursionError, pa.ArrowException):
        return
    yield from (table.parent / name for name in dict.fromkeys(names))


def _in_csv(table: Path, column: str) -> Iterable[str]:
    if column not in pd.read_csv(table, nrows=0).columns:
        return ()
    return pd.read_csv(table, usecols=[column], dtype=str, keep_default_na=False)[column]


def _in_jsonl(table: Path, column: str) -> Iterator[str]:
    with table.open(encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            cell = json.loads(line).get(column)
            name = cell.get("path") if isinstance(cell, dict) else cell
            if isinstance(name, str):
                yield name
            elif isinstance(cell, list):
                return  # rows of pixels: values of a column are of one type


def _in_parquet(table: Path, column: str) -> list[str]:
    file = open_parquet(table)
    fields = {field.name: field.type for field in file.schema_arrow}
    kind = fields.get(column, pa.null())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return file.read([column])[column].drop_null().to_pylist()
    if pa.types.is_struct(kind) and "path" in kind.names:
        # Beside bytes a path is a remark, and mostly of no file here: it then counts as missing, always.
        cells = file.read([f"{column}.path"])[column].combine_chunks()
        return [name for name in cells.field("path").to_pylist() if name is not None]
    return []


_PATHS = {"csv": _in_csv, "jsonl": _in_jsonl, "parquet": _in_parquet}


def _digest(files: Iterable[str | Path]) -> str:
    hashed = hashlib.sha256()
    for path in files:
        try:
            status = os.stat(path)
            told = f"{status.st_size} {status.st_mtime_ns}"
        except (OSError, ValueError):  # ValueError: a null byte, in a text that is no path
            told = "missing"
        hashed.update(f"{path} {told}\n".encode(errors="surrogateescape"))
    return hashed.hexdigest()[:16]
