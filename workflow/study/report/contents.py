"""What the report shows, as the workflow lists it: figures, tables, cards of data sets, and timed rules."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from study import paths
from study.errors import StudyError
from study.files import as_written, read_json


class Figure(NamedTuple):
    """A figure of a chapter, of one data set or (None) of all."""

    chapter: str
    name: str
    title: str
    section: str
    dataset: str | None
    paper: str
    """The figure or table of the chapter's paper that it follows; empty where that is not known."""
    rule: str
    files: Mapping[str, str]
    """Its paths: pdf, png, csv (the plotted points), rst (what its numbers say)."""
    tables: tuple[str, ...]
    """The tables that it is drawn from."""


class Timed(NamedTuple):
    """A rule, and the regular expression that the paths of its jobs' benchmark files match."""

    name: str
    benchmark: str


class Contents(NamedTuple):
    """All of it. Paths are relative to the study's folder."""

    figures: tuple[Figure, ...]
    tables: Mapping[str, Mapping[str, str]]
    """By chapter and name."""
    cards: Mapping[str, Mapping[str, str]]
    """json and html of each data set."""
    rules: tuple[Timed, ...]


def read_contents(path: str | Path) -> Contents:
    """Read the list that the workflow wrote.

    Raises:
        StudyError: the file is missing.
        DamagedFile: it cannot be parsed, or is no such list.
    """
    listed = read_json(path)
    with as_written(path):
        return Contents(
            tuple(Figure(**{**figure, "tables": tuple(figure["tables"])}) for figure in listed["figures"]),
            listed["tables"],
            listed["cards"],
            tuple(Timed(**rule) for rule in listed["rules"]),
        )


def latest(root: str | Path = ".") -> Path:
    """The list that the workflow wrote last, below the folder in which the study runs.

    Raises:
        StudyError: there is none.
    """
    found = (Path(root) / paths.WORK).glob("report-*.json")
    newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
    if newest is None:
        raise StudyError(
            "no study has run here",
            where=str(Path(root).resolve()),
            expected="a folder in which a study, or a part of it, ran",
            do="change to the study's folder (see snakemake --directory), or run a part of it first",
        )
    return newest
