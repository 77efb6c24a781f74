"""Rows of local files or of the hub, one after the other: a corpus need not fit into memory."""

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path

from study.config.corpus import FORMATS, Rows
from study.data.loading import cause_of, empty, hush, scratch, unreadable
from study.data.places import expand
from study.data.repository import check_reader
from study.errors import StudyError

_COLUMN = re.compile(r"\{(\w+)\}")


class Read:
    """The rows of a source as dictionaries; each loop over it reads them anew, in their own order.

    Args:
        settings: which rows.
        where: the part of the configuration, for error messages.
    """

    def __init__(self, settings: Rows, where: str) -> None:
        self._settings, self._where = settings, where

    def __iter__(self) -> Iterator[dict]:
        import datasets  # takes a second: only where it is needed

        hush(datasets)
        arguments = self._arguments()
        if self._settings.id is not None:
            check_reader(arguments["path"], self._settings.subset, self._settings.revision, self._where)
        try:
            with scratch() as cache:
                rows = datasets.load_dataset(**arguments, cache_dir=cache, streaming=True)
                yield from rows if self._settings.first is None else rows.take(self._settings.first)
        except StopIteration:  # of a file of nothing but empty lines
            raise empty(self._where) from None
        except (StudyError, MemoryError):
            raise
        except Exception as error:  # of many kinds: what others wrote into a file is believed
            raise unreadable(self._where, cause_of(error)) from error

    def _arguments(self) -> dict:
        settings = self._settings
        if settings.id is not None:
            local = Path(settings.id).is_dir()  # of `json` alone `datasets` has its own idea
            return {
                "path": os.path.abspath(settings.id) if local else settings.id,
                "name": settings.subset,
                "revision": settings.revision,
                "split": settings.split,
            }
        files = expand(settings.files, self._where)
        kind = FORMATS[Path(files[0]).suffix.lower()]
        return {"path": kind, "data_files": {"rows": [glob.escape(file) for file in files]}, "split": "rows"}


class Written:
    """Rows as texts, by a template with columns in braces. Empty texts are passed over."""

    def __init__(self, rows: Read, template: str, where: str) -> None:
        self._rows, self._template, self._where = rows, template, where

    def __iter__(self) -> Iterator[str]:
        for row in self._rows:
            known = {name: "" if value is None else value for name, value in row.items()}
            if text := filled(self._template, known, self._where):
                yield text


def filled(template: str, row: dict, where: str) -> str:
    """A template with a row's columns in place, white space squeezed.

    Raises:
        StudyError: the row lacks a column, or has nothing in it.
    """
    named = {*_COLUMN.findall(template)}
    missing = sorted(named - row.keys())
    if missing:
        raise StudyError(
            f"there is no column {missing[0]!r}",
            where=where,
            expected=f"columns that are there: {', '.join(row)}",
            do=f"correct the template {template!r}",
        )
    blank = sorted(name for name in named if row[name] is None)
    if blank:
        raise StudyError(
            f"a row has nothing in its column {blank[0]!r}",
            where=f"{where}: {str(row)[:80]}",
            expected="a value in every row",
            do="mend the row, or take it out",
        )
    return " ".join(_COLUMN.sub(lambda found: str(row[found[1]]), template).split())
