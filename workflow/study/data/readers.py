"""Local files and repositories of the Hugging Face hub, read through the `datasets` library."""

import glob
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from PIL import Image

from study.data.splits import Source
from study.data.tabular import Table, read_parts
from study.errors import StudyError

UNPINNED = "@unpinned"  # how a data set's `source` ends if its revision may change under it
_BUILDERS = {"parquet": "parquet", "jsonl": "json", "csv": "csv"}
# What `datasets` says of a csv and of a parquet file with columns and no row.
_NO_ROWS = ("corresponds to no data", "BatchSize must be greater than 0")
_HUB_SECONDS = 10  # how long to wait for the hub to answer at all
_HUB_FILES = [
    "*.parquet",
    "*.json",
    "*.jsonl",
    "*.csv",
    "*.arrow",
    "*.png",
    "*.jpg",
    "*.jpeg",
    "*.zip",
    "README.md",
]


def read_files(name: str, settings, study_seed: int) -> Source:
    """Local parquet, jsonl or csv files, or folders of pictures.

    Rows are counted over the files in the order in which the settings name them; files that one pattern
    matches come in alphabetical order.

    Raises:
        StudyError: a file is missing, empty or cannot be read, or a column is missing or not as it should be.
    """
    read = _read_folder if settings.format == "imagefolder" else _read_file
    train, test = (
        None if patterns is None else [read(path, settings) for path in _expand(patterns, name, part)]
        for part, patterns in (("train", settings.train), ("test", settings.test))
    )
    description = f"files:{settings.format}:{' '.join(settings.train)}"
    if settings.test is not None:
        description += f" | {' '.join(settings.test)}"
    return Source(*read_parts(train, test), description)


def read_hub(name: str, settings, study_seed: int) -> Source:
    """A repository of the hub, or a local folder in the hub's own layout.

    The repository's files are fetched at the revision first and then read as a local folder: in this way
    the revision also counts without a connection, when `datasets` alone would take any that is cached.

    Raises:
        StudyError: the hub cannot be reached, the repository, revision, subset or split is not there, or a
            column is missing or not as it should be.
    """
    folder = settings.id if Path(settings.id).is_dir() else _fetch(settings)
    _check_subset(folder, settings)
    revision = f"@{settings.revision}" if settings.revision else UNPINNED
    if settings.revision is None:
        warnings.warn(
            f"data set {name}: the revision of {settings.id} is not pinned, so its content may change;"
            " pin it with: python -m study pin",
            stacklevel=2,
        )
    train, test = (
        None if part is None else [_read_split(folder, part, settings)]
        for part in (settings.train, settings.test)
    )
    subset = f"/{settings.subset}" if settings.subset else ""
    return Source(*read_parts(train, test), f"hub:{settings.id}{subset}{revision}")


def _expand(patterns: Sequence[str], name: str, part: str) -> list[str]:
    """The files or folders that the patterns name, each once."""
    paths = []
    for pattern in patterns:
        # A name that is there is meant as it is, also with a bracket in it.
        found = [pattern] if Path(pattern).exists() else sorted(glob.glob(pattern, recursive=True))
        if not found:
            raise StudyError(
                f"a file of the data set is missing: {pattern}",
                where=f"datasets.{name}.{part}",
                expected=f"a file or folder, seen from {os.getcwd()}",
                do="correct the path in the data set's settings",
            )
        paths += found
    return list(dict.fromkeys(paths))


def _read_file(path: str, settings) -> Table:
    if Path(path).is_file() and Path(path).stat().st_size == 0:
        raise _empty(path)
    with _loaded(
        path, _BUILDERS[settings.format], data_files={"rows": glob.escape(path)}, split="rows"
    ) as rows:
        return _table(rows, path, Path(path).parent, settings.image_column, settings.label_column)


def _read_folder(path: str, settings) -> Table:
    """A folder of classes; the class is the folder's name, whatever order `datasets` numbers classes in."""
    endings = Image.registered_extensions()
    files = sorted(
        file for file in Path(path).rglob("*") if file.suffix.lower() in endings and file.is_file()
    )
    if not files:
        raise _empty(path)
    for file in files:
        if len(file.relative_to(path).parts) != 2:
            raise StudyError(
                "a picture is not in a class's folder",
                where=str(file),
                expected=f"{path}/<class>/{file.name}",
                do="put every picture into the folder of its class",
            )
    names = {"rows": [glob.escape(str(file)) for file in files]}
    with _loaded(path, "imagefolder", data_files=names, split="rows", drop_labels=False) as rows:
        table = _table(rows, path, Path(path), "image", "label")
    labels = pa.array([table.names[k] for k in table.labels.to_pylist()], pa.string())
    return Table(table.file, table.folder, table.images, labels, names=None)


def _read_split(folder: str, split: str, settings) -> Table:
    file = f"{settings.id}, split {split}"
    with _loaded(file, folder, name=settings.subset, split=split) as rows:
        return _table(rows, file, Path(folder), settings.image_column, settings.label_column)


def _check_subset(folder: str, settings) -> None:
    """Refuse a subset that is not there, and no choice among several: `datasets` would take the first."""
    import datasets

    try:
        subsets = datasets.get_dataset_config_names(folder)
    except (ValueError, OSError, RuntimeError) as error:
        raise _unreadable(settings.id, _cause(error)) from error
    if settings.subset not in subsets and (
        settings.subset or (len(subsets) > 1 and "default" not in subsets)
    ):
        raise StudyError(
            f"there is no subset {settings.subset!r}" if settings.subset else "there are several subsets",
            where=settings.id,
            expected=f"one of {', '.join(subsets)}",
            do="name one as subset in the data set's settings",
        )


@contextmanager
def _loaded(where: str, path: str, **arguments) -> Iterator:
    """`datasets.load_dataset` with a cache of its own that lives as long as the block.

    A kept cache would take the space twice, and would be read in place of a file that has changed since. The
    rows are kept in memory: a map of a deleted file outlives the block.
    """
    import datasets  # takes a second: only where it is needed

    datasets.disable_progress_bars()
    # It would report every load, also of a local file, to the hub's server, and wait for an answer.
    datasets.config.HF_UPDATE_DOWNLOAD_COUNTS = False
    with tempfile.TemporaryDirectory(prefix="hard-examples-", ignore_cleanup_errors=True) as cache:
        try:
            rows = datasets.load_dataset(path, cache_dir=cache, keep_in_memory=True, **arguments)
        except (
            datasets.exceptions.DatasetsError,
            pa.ArrowException,
            ValueError,
            OSError,
            RuntimeError,
        ) as error:
            cause = _cause(error)
            raise (_empty if any(text in cause for text in _NO_ROWS) else _unreadable)(
                where, cause
            ) from error
        yield rows


def _table(rows, file: str, folder: Path, image_column: str, label_column: str) -> Table:
    """The two columns of a loaded data set."""
    if not len(rows):
        raise _empty(file)
    for key, column in (("image_column", image_column), ("label_column", label_column)):
        if column not in rows.column_names:
            raise StudyError(
                f"there is no column {column!r}",
                where=file,
                expected=f"one of the columns that are there: {', '.join(rows.column_names)}",
                do=f"name the right one as {key} in the data set's settings",
            )
        if type(rows.features[column]).__name__ == "Json":
            raise StudyError(
                f"the values of column {column!r} are of mixed types",
                where=file,
                expected="values of one type in all rows",
                do="write all values of the column in one way",
            )
    columns = [rows.data.table[column].combine_chunks() for column in (image_column, label_column)]
    names = getattr(rows.features[label_column], "names", None)
    return Table(file, folder, *columns, names=tuple(names) if names else None)


def _fetch(settings) -> str:
    """The local folder with a repository's files at the revision, downloaded if need be."""
    from huggingface_hub import HfApi, is_offline_mode, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    revision, offline = settings.revision, is_offline_mode()
    if not offline:
        try:  # one short question first: a download would go on trying for minutes
            revision = HfApi().dataset_info(settings.id, revision=revision, timeout=_HUB_SECONDS).sha
        except HfHubHTTPError as error:
            private = isinstance(error, RepositoryNotFoundError)
            raise StudyError(
                f"the hub refuses the data set: {_cause(error)}",
                where=f"{settings.id} @ {settings.revision or 'unpinned'}",
                expected="a data set that is public, or that you are logged in for, and a commit of it",
                do="correct the id" + (", or log in with: hf auth login" if private else " or the revision"),
            ) from error
        except Exception:  # whatever kind of network error: what was downloaded before may do
            offline = True
    try:
        return snapshot_download(
            settings.id,
            repo_type="dataset",
            revision=revision,
            allow_patterns=_HUB_FILES,
            local_files_only=offline,
            etag_timeout=_HUB_SECONDS,
        )
    except (LocalEntryNotFoundError, OSError) as error:
        raise StudyError(
            "the hub cannot be reached, and the data set was not downloaded before",
            where=f"{settings.id} @ {settings.revision or 'unpinned'}",
            expected="a connection to the hub, or a complete copy in the local cache (see HF_HOME)",
            do="download it where there is a connection: hf download --repo-type dataset "
            + settings.id
            + (f" --revision {settings.revision}" if settings.revision else ""),
        ) from error


def _empty(where: str, cause: str = "") -> StudyError:
    return StudyError(
        "a split has no examples" + (f" ({cause})" if cause else ""),
        where=where,
        expected="at least one row with a picture and a label",
        do="fill the file, or take it out of the data set's settings",
    )


def _unreadable(where: str, cause: str) -> StudyError:
    return StudyError(
        f"the data cannot be read: {cause}",
        where=where,
        expected="complete data in the format that the settings name",
        do="make or download it again, or correct the data set's settings",
    )


def _cause(error: BaseException) -> str:
    """The first line of the innermost error: `datasets` wraps what went wrong."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
