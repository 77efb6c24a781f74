"""Reading and writing result files: whole or not at all.

A writer writes to a temporary name in the same folder and renames it, so that a file under its own name is
always complete. A reader that meets a file that is not (cut by hand, or by a broken disk) says which one. In
parquet files one flipped bit is found: pages carry checksums, names and types of columns a digest. Text files
carry none, so that any editor may write them.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from study.completeness import is_complete
from study.errors import StudyError

_COLUMNS = b"columns"  # metadata of a parquet file: digest of its columns' names and types
_FULL = (errno.ENOSPC, errno.EDQUOT)
_ROWS_OF_A_BYTE = 1000  # at most: columns of one value alone come to more
DAMAGED = ".damaged"  # ending of files that were set aside


class DamagedFile(StudyError):
    """A result file that cannot be read although it is there."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = Path(path)
        StudyError.__init__(
            self,
            f"a result file is damaged: {reason}",
            where=str(path),
            expected="a complete file, as the study writes it",
            do="run snakemake again: the file is set aside, and only what made it is computed again",
        )

    def __reduce__(self):
        return DamagedFile, (self.path, self.what.removeprefix("a result file is damaged: "))


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` if the block succeeds, else remove it.

    Raises:
        StudyError: no space is left, or the folder cannot be written; the message names the file.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):  # the folder may be why writing failed, and that is what is told
            temporary.unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError) -> StudyError:
    """The error to raise where `path` could not be written: the disk is full, or the place is no good."""
    if no_space(error):
        return StudyError(
            "no space is left on the disk",
            where=str(path),
            expected="room for the file",
            do="free some space and run snakemake again: whatever was finished is kept",
        )
    return StudyError(
        f"a file cannot be written: {error.strerror or error}",
        where=str(path),
        expected="a folder that this user may write to",
        do="make it one, or give the study another folder (snakemake --directory); what was finished is kept",
    )


def check_place(path: Path) -> None:
    """Refuse a place where nothing can be written, before there is work for it.

    Raises:
        StudyError: it is a folder, or in a folder that is not there.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise StudyError(
            f"a file cannot be written: {'a folder' if path.is_dir() else 'no folder'} is there",
            where=str(path),
            expected="the name of a file, in a folder that is there",
            do="give another name, or make the folder",
        )


def json_text(value: Any) -> str:
    """`value` as indented JSON, keys in their own order."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def write_json(path: str | Path, value: Any) -> None:
    """Write `value` as `json_text` has it."""
    write_text(path, json_text(value))


def write_text(path: str | Path, text: str) -> None:
    """Write a text file."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def end_lines(folder: Path) -> None:
    """Let the JSON files of a folder that others wrote end with a line: by that complete ones are known."""
    for path in folder.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        if not text.endswith("\n"):
            write_text(path, f"{text}\n")


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table for people: six significant digits, no index."""
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n", encoding="utf-8")


def write_parquet(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table for programs: full precision, zstd, without pandas' own metadata (it names versions)."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({_COLUMNS: _digest_of_columns(table.schema)})
    with replacing(path) as temporary:
        # Names of lists' items are kept as they are, so that columns read are those written.
        pq.write_table(
            table, temporary, compression="zstd", write_page_checksum=True, use_compliant_nested_type=False
        )


def read_json(path: str | Path) -> Any:
    """Read a JSON file; DamagedFile if it cannot be parsed."""
    try:
        return json.loads(_existing(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DamagedFile(path, f"it is not JSON ({error})") from error


@contextmanager
def as_written(path: str | Path) -> Iterator[None]:
    """Take apart what was read from a file: where it is not made as the study makes it, DamagedFile."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"{error} is not there" if isinstance(error, KeyError) else str(error)
        raise DamagedFile(path, f"it is not made as the study makes it ({what})") from error


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read a csv file; DamagedFile if it cannot be parsed."""
    if not is_complete(_existing(path)):
        raise DamagedFile(path, "it does not end with a line's end")
    try:
        # "null" and "nan" may be names; only an empty field is missing.
        return pd.read_csv(path, keep_default_na=False, na_values=[""])
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DamagedFile(path, f"it is not a table ({error})") from error


def read_parquet(path: str | Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a parquet file, or some of its columns; DamagedFile if it is not as it was written."""
    path = _existing(path)
    try:
        file = open_parquet(path)
        # Absent from files that others wrote.
        expected = (file.schema_arrow.metadata or {}).get(_COLUMNS)
        if expected not in (None, _digest_of_columns(file.schema_arrow)):
            raise DamagedFile(path, "its columns are not those that were written")
        missing = set(columns or ()) - set(file.schema_arrow.names)
        if missing:
            raise DamagedFile(path, f"it lacks the columns {', '.join(sorted(missing))}")
        return file.read(columns=None if columns is None else list(columns)).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedFile(path, f"it is not a parquet file as it was written ({error})") from error


def open_parquet(path: str | Path) -> pq.ParquetFile:
    """A parquet file whose number of rows can be true: a reader makes room for all that the footer names.

    Raises:
        ValueError: it cannot, or it is no such file.
        OSError: the file cannot be read.
    """
    file, size = pq.ParquetFile(path, page_checksum_verification=True), os.path.getsize(path)
    if file.metadata.num_rows > _ROWS_OF_A_BYTE * size:
        raise ValueError(f"it says that it holds {file.metadata.num_rows:,} rows in {size:,} bytes")
    return file


def _digest_of_columns(schema: pa.Schema) -> bytes:
    """Checksums of pages do not cover a file's footer, in which names and types of columns stand."""
    columns = [[field.name, _written_type(field.type), field.nullable] for field in schema]
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:16].encode()


def _written_type(kind: pa.DataType) -> str:
    """The type's name. Categories of large strings come back as categories of strings: they are one type."""
    return str(kind).replace("values=large_string", "values=string")


def digest_of_file(path: str | Path) -> str:
    """The sha256 of a file's bytes, 64 hex digits.

    Raises:
        StudyError: it is not there.
    """
    with _existing(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def set_aside(path: Path) -> Path:
    """Rename a damaged file, so that it counts as missing and yet can be looked at."""
    aside = path.with_name(path.name + DAMAGED)
    with suppress(FileNotFoundError):  # another job met it too, and was faster
        os.replace(path, aside)
    return aside


def no_space(error: BaseException | None) -> bool:
    """Whether a full disk is behind an error, however often it was wrapped."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():
        raise StudyError(
            "a result file is missing",
            where=str(path),
            expected="a file that an earlier step of the study writes",
            do=f"make it with: snakemake {path}",
        )
    return path
