"""Rows with one or two texts and a class, from one or many tables, as one split."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa

from study.data.labels import Table, place_of
from study.data.splits import Part
from study.data.text.annotated import words_and_tags
from study.data.text.packed import pack
from study.errors import StudyError

_LONGEST = 1_000_000  # characters: all texts of a data set take the room of the longest
_TEXT = "a text that is not empty, or a list of words, in every row"


@dataclass(frozen=True)
class TextTable(Table):
    """Columns of texts and of facts, and labels, of one file."""

    texts: dict[str, pa.Array]
    """One column or two, by name: strings, or lists of words."""
    facts: dict[str, pa.Array]
    """Columns that are kept beside, by name: numbers, strings, or lists of words."""


def text_part(tables: Sequence[TextTable], codes: Sequence[np.ndarray]) -> Part:
    """The texts of some tables as one split.

    Raises:
        StudyError: a text is missing, empty, or no text.
    """
    texts = [list(chain.from_iterable(_texts(table, name) for table in tables)) for name in tables[0].texts]

    def where(row: int) -> str:
        index, position = place_of(tables, row)
        return tables[index].where(position)

    facts = {
        name: np.concatenate([_values(table.facts[name]) for table in tables]) for name in tables[0].facts
    }
    return Part(np.concatenate(codes), _chosen(texts), where, facts)


def words_and_slots(marked: pa.Array, file: str, by_character: bool) -> tuple[pa.Array, pa.Array]:
    """Annotated utterances as texts, words between blanks, and as texts of BIO tags; see `words_and_tags`.

    Raises:
        StudyError: an utterance is missing, or its brackets are not as they should be.
    """
    texts, slots = [], []
    for row, cell in enumerate(marked.to_pylist()):
        where = f"{file}, row {row} (counted from 0)"
        words, tags = words_and_tags("" if cell is None else str(cell), where, by_character)
        texts.append(" ".join(words))
        slots.append(" ".join(tags))
    return pa.array(texts, pa.string()), pa.array(slots, pa.string())


def _chosen(texts: Sequence[list[str]]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda rows: pack([[column[row] for row in rows] for column in texts])


def _texts(table: TextTable, name: str) -> list[str]:
    """The texts of a column, without blanks at their ends; words of a list are joined by blanks."""
    column = table.texts[name]
    if not _is_text(column.type):
        raise _bad_text(table, 0, f"the column {name!r} holds {column.type}")
    found = []
    for row, cell in enumerate(column.to_pylist()):
        text = _joined(cell)
        if text is None or not text.strip():
            raise _bad_text(
                table, row, f"the text in column {name!r} is {'missing' if text is None else 'empty'}"
            )
        if "\0" in text:
            raise _bad_text(table, row, f"the text in column {name!r} holds a null character")
        if len(text) > _LONGEST:
            what = f"the text in column {name!r} has {len(text):,} characters"
            raise _bad_text(table, row, what, f"{_LONGEST:,} characters at most")
        found.append(text.strip())
    return found


def _values(column: pa.Array) -> np.ndarray:
    """A column of facts as an array of numbers or strings."""
    counted = pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)
    if pa.types.is_floating(column.type) or (counted and not column.null_count):
        return column.to_numpy(zero_copy_only=False)
    return np.array([_joined(cell) or "" for cell in column.to_pylist()], dtype=np.str_)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _joined(cell) -> str | None:
    """A cell as text, the words of a list between blanks; None where it or a word of it is missing."""
    if cell is None or (isinstance(cell, list) and None in cell):
        return None
    return " ".join(map(str, cell)) if isinstance(cell, list) else str(cell)


def _bad_text(table: TextTable, row: int, what: str, expected: str = _TEXT) -> StudyError:
    return StudyError(
        what,
        where=table.where(row),
        expected=expected,
        do="mend or remove this row, or name the right column in text_columns of the data set's settings",
    )
