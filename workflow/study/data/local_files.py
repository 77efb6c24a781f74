"""Local tables and folders of pictures."""

import glob
from pathlib import Path

import pyarrow as pa

from study.data.labels import Table
from study.data.loading import column, empty, loaded, refuse_packed
from study.data.pictures import Pictures
from study.data.places import expand, pictures
from study.data.splits import Source
from study.data.tables import source_of, table_of
from study.errors import StudyError

_BUILDERS = {"parquet": "parquet", "jsonl": "json", "csv": "csv"}


def read_files(name: str, settings, study_seed: int) -> Source:
    """Local parquet, jsonl or csv files, or folders of pictures.

    Rows are counted over the files in the order in which the settings name them; files that one pattern
    matches come in alphabetical order.

    Raises:
        StudyError: a file is missing, empty or cannot be read, or a column is missing or not as it should be.
    """
    where = f"datasets.{name}"
    read = _read_folder if settings.format == "imagefolder" else _read_file
    train, test = (
        None if patterns is None else [read(path, settings) for path in expand(patterns, f"{where}.{part}")]
        for part, patterns in (("train", settings.train), ("test", settings.test))
    )
    description = f"files:{settings.format}:{' '.join(settings.train)}"
    if settings.test is not None:
        description += f" | {' '.join(settings.test)}"
    return source_of(train, test, description, settings)


def _read_file(path: str, settings) -> Table:
    if Path(path).is_file():
        refuse_packed(path)
        if Path(path).stat().st_size == 0:
            raise empty(path)
    # "null" and "nan" may be classes; only an empty field is missing.
    words = {"keep_default_na": False, "na_values": [""]} if settings.format == "csv" else {}
    files = {"rows": glob.escape(path)}
    with loaded(path, _BUILDERS[settings.format], data_files=files, split="rows", **words) as rows:
        return table_of(rows, path, Path(path).parent, settings)


def _read_folder(path: str, settings) -> Table:
    """A folder of classes; the class is the folder's name, whatever order `datasets` numbers classes in."""
    files = pictures(path)
    if not files:
        raise empty(path)
    for file in files:
        if len(file.relative_to(path).parts) != 2:
            raise StudyError(
                "a picture is not in a class's folder",
                where=str(file),
                expected=f"{path}/<class>/{file.name}",
                do="put every picture into the folder of its class",
            )
    names = {"rows": [glob.escape(str(file)) for file in files]}
    with loaded(path, "imagefolder", data_files=names, split="rows", drop_labels=False) as rows:
        names = rows.features["label"].names
        labels = pa.array([names[k] for k in rows["label"]], pa.string())
        return Pictures(path, labels, None, Path(path), column(rows, path, "image_column", "image"))
