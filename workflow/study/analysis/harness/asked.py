"""Questions about a corpus as tasks of the harness: which are asked, and which serve as examples."""

import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from study.data.corpus.answers import SCORERS, number
from study.errors import StudyError
from study.files import as_written, read_parquet

ALL = "own"
"""The group of all tasks; the names of the others begin with it."""
TRAINED, HELD_OUT = "trained", "held_out"
CHOICE = "choice"
"""The measure of questions with choices, which only files have that others wrote."""
_COLUMNS = ("example_id", "task", "category", "measure", "trained", "prompt", "answers", "choices")


class Task(NamedTuple):
    """The questions of one task of the harness."""

    name: str
    group: str
    category: str
    measure: str
    judged: str
    """Which questions it asks: trained or held_out."""
    questions: pd.DataFrame
    """All of its part of the corpus."""

    @property
    def parts(self) -> dict[str, pd.DataFrame]:
        """The questions that it asks, and those that examples are drawn from."""
        both = _parted(self.questions)
        return {which: rows for which, rows in both.items() if which in (self.judged, TRAINED)}

    @property
    def examples(self) -> int:
        """How many questions could serve as examples for another one."""
        there = len(self.parts.get(TRAINED, ()))
        return max(there - 1, 0) if self.judged == TRAINED else there


def read_tasks(path: Path) -> list[Task]:
    """The tasks of a table of questions, in its order.

    A task is a part of the corpus, of which it asks the questions that were not trained on, if there are any;
    those that were are then a task of their own beside it.

    Args:
        path: `examples.parquet` of a prepared corpus, or a parquet file with its columns `example_id, task,
            category, measure, trained, prompt, answers` (texts) and `choices` (texts, for that measure).

    Raises:
        StudyError: the file has not the columns or values that it should have.
    """
    frame = read_parquet(path)
    missing = [name for name in _COLUMNS if name not in frame.columns]
    if missing:
        raise _wrong(f"the questions have no column {missing[0]!r}", path, ", ".join(_COLUMNS))
    with as_written(path):
        _check(frame, path)
    found: dict[str, Task] = {}
    for (task, category, measure), rows in frame.groupby(["task", "category", "measure"], sort=False):
        for place, judged in enumerate(_parted(rows)):
            ending = f"_{TRAINED}" if place else ""
            name, group = (f"{ALL}_{_plain(word)}{ending}" for word in (task, category))
            if name in found:
                raise _wrong(f"two tasks come to the name {name!r}", path, "other letters in each")
            found[name] = Task(name, group, category, measure, judged, rows)
    twice = {ALL, *(task.group for task in found.values())} & set(found)
    if twice:
        raise _wrong(f"a task and a group come to the name {min(twice)!r}", path, "other letters in each")
    return list(found.values())


def _parted(questions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Those that were not trained on and those that were, without empty ones."""
    trained = questions["trained"].astype(bool)
    both = {HELD_OUT: questions[~trained], TRAINED: questions[trained]}
    return {which: rows for which, rows in both.items() if len(rows)}


def _check(frame: pd.DataFrame, path: Path) -> None:
    known = (*SCORERS, CHOICE)
    for row in frame.itertuples():
        where = f"{path}, question {row.example_id}"
        if row.measure not in known:
            raise _wrong(f"{row.measure!r} is no measure", where, f"one of {', '.join(known)}")
        if len(row.answers) == 0:
            raise _wrong("a question has no accepted answer", where, "at least one")
        if row.measure == CHOICE and sum(text in row.answers for text in row.choices) != 1:
            raise _wrong("not just one of the choices is an accepted answer", where, "one right choice")
        if row.measure == "number" and any(number(text) is None for text in row.answers):
            raise _wrong("an accepted answer has no number", where, "a number in each")


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


def _wrong(what: str, where: str | Path, expected: str) -> StudyError:
    do = "prepare the corpus again, or mend the file"
    return StudyError(what, where=str(where), expected=expected, do=do)
