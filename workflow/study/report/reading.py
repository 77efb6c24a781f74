"""What pages read of a study's results: tables, cards of data sets, the index of runs, outcomes of claims."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from study import paths
from study.analysis.claims import NOT_RUN
from study.config import StudySettings
from study.files import read_csv, read_json
from study.plotting import words
from study.report.claims import FAILS, HOLDS, OPEN, PARTLY, Told, told
from study.report.contents import Contents


class Table(NamedTuple):
    """A table as a page shows it: cells are text."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    worded: int = 1
    """So many columns, from the left, are words; the others are numbers."""


class Facts(NamedTuple):
    """What the template of a chapter is filled with, beside settings, claims and figures."""

    numbers: Mapping[str, Any] = {}
    """By the names that the template knows; None or empty where the study has none."""
    tables: tuple[Table, ...] = ()
    """The small central ones."""


class Results:
    """The results of a study, in the folder in which it ran."""

    def __init__(self, study: StudySettings, contents: Contents) -> None:
        self.study, self.contents = study, contents

    def table(self, chapter: str, name: str) -> pd.DataFrame:
        """A table of a chapter; without rows or columns where the study does not make it."""
        path = self.contents.tables.get(chapter, {}).get(name)
        return read_csv(path) if path else pd.DataFrame()

    @cached_property
    def cards(self) -> dict[str, Mapping]:
        """The card of every data set, by name."""
        return {name: read_json(files["json"]) for name, files in self.contents.cards.items()}

    @cached_property
    def index(self) -> pd.DataFrame:
        """Every run, a row each."""
        return read_csv(paths.INDEX)

    @cached_property
    def claims(self) -> list[Told]:
        """Every claim, with what the study says of it."""
        return told(read_csv(paths.CLAIMS))

    def outcome(self, identifier: str, part: int = 0) -> str:
        """The outcome of a claim; `part` counts the entries of one identifier from 0."""
        found = [claim.outcome for claim in self.claims if claim.id == identifier]
        return found[part] if part < len(found) else NOT_RUN

    def choose(
        self, identifier: str, part: int = 0, *, holds: str, partly: str, fails: str, undecided: str
    ) -> str:
        """What to say by the outcome of a claim; nothing if it was not run."""
        said = {HOLDS: holds, PARTLY: partly, FAILS: fails, OPEN: undecided}
        return said.get(self.outcome(identifier, part), "")

    def trainings(self, chapter: str) -> int:
        """Runs of a chapter on whole training sets that have a folder of their own."""
        mine = self.index["chapter"] == chapter
        return int((mine & self.index["variant"].isna()).sum())

    def variants(self, chapter: str) -> int:
        """Runs of a chapter on parts of training sets."""
        mine = self.index["chapter"] == chapter
        return int((mine & self.index["variant"].notna()).sum())

    def size(self, dataset: str, example: str) -> str:
        """How much there is to train on: so many examples, by what they are, or tokens of a corpus."""
        card = self.cards[dataset]
        if "examples" in card:
            return words.count_of(card["examples"]["train"], example)
        return words.count_of(card["tokens"]["train"], "token")
