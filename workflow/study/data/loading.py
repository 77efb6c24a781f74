"""What `datasets` reads, as plain columns, and what it reports, as messages that say what to do."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pyarrow as pa

from study.errors import StudyError
from study.files import cannot_write, no_space
from study.paths import WORK

# How files begin that hold others, packed: `datasets` would unpack them, to whatever they come to.
_PACKED = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"Rar!",
    b"7z\xbc\xaf",
)
# What `datasets` says of a csv and of a parquet file with columns and no row.
_NO_ROWS = ("corresponds to no data", "BatchSize must be greater than 0")


@contextmanager
def loaded(where: str, path: str, **arguments) -> Iterator:
    """`datasets.load_dataset` with a cache of its own that lives as long as the block.

    A kept cache would take the space twice, and would be read in place of a file that has changed since. The
    rows are kept in memory: a map of a deleted file outlives the block.
    """
    import datasets  # takes a second: only where it is needed

    hush(datasets)
    # It would report every load, also of a local file, to the hub's server, and wait for an answer.
    datasets.config.HF_UPDATE_DOWNLOAD_COUNTS = False
    with scratch() as cache:
        try:
            rows = datasets.load_dataset(path, cache_dir=cache, keep_in_memory=True, **arguments)
        except StopIteration:  # of a file of nothing but empty lines
            raise empty(where) from None
        except MemoryError:
            raise
        except Exception as error:  # of many kinds: what others wrote into a file is believed
            if no_space(error):
                raise full(
                    where, f"{Path(cache).resolve()}, where rows are kept while they are read"
                ) from error
            cause = cause_of(error)
            raise (empty if any(text in cause for text in _NO_ROWS) else unreadable)(where, cause) from error
        yield rows


@contextmanager
def scratch() -> Iterator[str]:
    """A folder below work/ for `datasets` to write into, and not into the user's home.

    Nor into the machine's /tmp: that is often small, or a part of the memory.

    Raises:
        StudyError: work/ is no folder that can be written.
    """
    try:
        Path(WORK).mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=WORK, prefix="reading-", ignore_cleanup_errors=True)
    except OSError as error:
        raise cannot_write(Path(WORK), error) from error
    with folder as cache:
        yield cache


def hush(datasets: ModuleType) -> None:
    """Let `datasets` say nothing by itself: what goes wrong is told once, and here."""
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)


def refuse_packed(file: str) -> None:
    """Refuse a packed file, and an archive.

    Raises:
        StudyError: it is one.
    """
    with Path(file).open("rb") as opened:
        if opened.read(8).startswith(_PACKED):
            raise StudyError(
                "a file of the data set is packed",
                where=file,
                expected="a table as it is, or a folder of pictures",
                do="unpack it first",
            )


def column(rows, file: str, key: str, name: str) -> pa.Array:
    """A column of a loaded data set.

    Args:
        rows: what was loaded.
        file, key: the file and the setting that names the column, for error messages.
        name: the column.

    Raises:
        StudyError: there are no rows, there is no such column, or its values are of mixed types.
    """
    if not len(rows):
        raise empty(file)
    if name not in rows.column_names:
        raise StudyError(
            f"there is no column {name!r}",
            where=file,
            expected=f"one of the columns that are there: {', '.join(rows.column_names)}",
            do=f"name the right one as {key} in the data set's settings",
        )
    if type(rows.features[name]).__name__ == "Json":
        raise StudyError(
            f"the values of column {name!r} are of mixed types",
            where=file,
            expected="values of one type in all rows",
            do="write all values of the column in one way",
        )
    return rows.data.table[name].combine_chunks()


def empty(where: str, cause: str = "") -> StudyError:
    return StudyError(
        "a split has no examples" + (f" ({cause})" if cause else ""),
        where=where,
        expected="at least one row with an input and a label",
        do="fill the file, or take it out of the data set's settings",
    )


def full(where: str, place: str) -> StudyError:
    return StudyError(
        "no space is left on the disk",
        where=f"{where}, in {place}",
        expected="room for a copy of the data",
        do="free some space and run again",
    )


def unreadable(where: str, cause: str) -> StudyError:
    return StudyError(
        f"the data cannot be read: {cause}",
        where=where,
        expected="complete data in the format that the settings name",
        do="make or download it again, or correct the data set's settings",
    )


def cause_of(error: BaseException) -> str:
    """The first line of the innermost error: `datasets` wraps what went wrong."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
