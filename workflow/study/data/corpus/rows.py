"""Rows of local files or of the hub, one after the other: a corpus need not fit into memory."""

import glob
import re
from collections.abc import Iterator
from pathlib import Path

from study.config.corpus import FORMATS, Rows
from study.data.loading import cause_of, unreadable
from study.data.places import expand
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

        datasets.disable_progress_bars()
        try:
            rows = datasets.load_dataset(**self._arguments(), streaming=True)
            yield from rows if self._settings.first is None else rows.take(self._settings.first)
        except (datasets.exceptions.DatasetsError, ValueError, OSError, RuntimeError) as error:
            if isinstance(error, StudyError):
                raise
            raise unreadable(self._where, cause_of(error)) from error

    def _arguments(self) -> dict:
        settings = self._settings
        if settings.id is not None:
            return {
                "path": settings.id,
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
            if text := filled(self._template, row, self._where):
                yield text


def filled(template: str, row: dict, where: str) -> str:
    """A template with a row's columns in place, white space squeezed.

    Raises:
        StudyError: the row lacks a column.
    """
    missing = sorted({*_COLUMN.findall(template)} - row.keys())
    if missing:
        raise StudyError(
            f"there is no column {missing[0]!r}",
            where=where,
            expected=f"columns that are there: {', '.join(row)}",
            do=f"correct the template {template!r}",
        )
    return " ".join(_COLUMN.sub(lambda found: str(row[found[1]]), template).split())
