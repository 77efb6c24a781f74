"""Weak labels that a pool brings itself, as numbers; what no model that learnt gold could say is refused."""

from pathlib import Path

import numpy as np
import pandas as pd

from study.errors import StudyError
from study.training.spoken import Names, Spoken, fault_of


def given_labels(
    frame: pd.DataFrame, columns: dict[str, str], blank: Spoken, names: Names, file: Path, first: int
) -> tuple[Spoken, dict[str, np.ndarray]]:
    """A part of a pool with its own labels: by number, and by name.

    Args:
        frame: the part, as text.
        columns: of the parts that gold has, `domain, intent, slots`, the columns in the file.
        blank: the part's utterances without labels.
        names: of what gold utterances mean.
        file, first: the pool, and the part's first row in it.

    Raises:
        StudyError: a column is missing, or a label or a tag is not as it should be.
    """
    told = {}
    for part, column in columns.items():
        if column not in frame:
            raise StudyError(
                f"the pool has labels in the column {columns['domain']!r}, and none in {column!r}",
                where=str(file),
                expected="weak labels of every part that gold has, or of none",
                do=f"add the column {column!r}, or leave out {columns['domain']!r}: then a teacher labels it",
            )
        told[part] = frame[column].to_numpy(dtype=str)
    numbers = {
        part: _numbers(told[part], known, part, file, first)
        for part, known in (("domain", names.domains), ("intent", names.intents))
    }
    tags = blank.tags
    if "slots" in told:
        words = [len(each) for each in blank.starts]
        tags = [
            _tags(each, count, names, f"{file}, row {first + row} (counted from 0)")
            for row, (each, count) in enumerate(zip(told["slots"], words, strict=True))
        ]
    return blank._replace(domains=numbers["domain"], intents=numbers["intent"], tags=tags), told


def frequencies(told: pd.Series, file: Path, first: int) -> pd.Series:
    """How often the utterances of a part of a pool were said, as numbers.

    Args:
        told: the column, as text.
        file, first: the pool, and the part's first row in it.

    Raises:
        StudyError: one is no number from 0.
    """
    numbers = pd.to_numeric(told, errors="coerce")
    odd = np.flatnonzero(~(numbers >= 0))
    if len(odd):
        raise StudyError(
            f"the {told.name} of an utterance is no number: {told.iloc[odd[0]]!r}",
            where=f"{file}, row {first + odd[0]} (counted from 0)",
            expected="how often it was said, in every row",
            do="mend the row, or name another column with --frequency",
        )
    return numbers


def _numbers(told: np.ndarray, known: np.ndarray, part: str, file: Path, first: int) -> np.ndarray:
    numbers = pd.Index(known).get_indexer(told)
    unknown = np.flatnonzero(numbers < 0)
    if len(unknown):
        raise StudyError(
            f"the {part} {str(told[unknown[0]])!r} is one that no gold utterance has",
            where=f"{file}, row {first + unknown[0]} (counted from 0)",
            expected=f"one of {', '.join(known)}",
            do="add gold utterances of it, or take such rows out: no model could learn it",
        )
    return numbers


def _tags(told: str, words: int, names: Names, where: str) -> np.ndarray:
    tags = told.split(" ")
    new = [tag for tag in tags if tag not in names.tags]
    fault = fault_of(tags, words) or (f"no gold utterance has the tag {new[0]!r}" if new else "")
    if fault:
        raise StudyError(
            f"{fault}: {told!r}",
            where=where,
            expected="a tag for every word, separated by blanks: O, B-label, I-label, with labels of gold",
            do="mend the row or take it out",
        )
    return names.numbers(tags, names.tags)
