"""The labels of one or many tables, as integers and names of classes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from study.data.splits import Part
from study.errors import StudyError

_UNLABELLED = np.iinfo(np.int64).min  # stands for no label while labels are checked
_BEYOND = 2.0**63  # no label is so large
_LABELS = "integers from 0, or class names"
_GAPS = {"nan", "na", "n/a", "null", "none", "<na>", "#n/a"}  # words for a missing number


@dataclass(frozen=True)
class Table:
    """What the tables of all kinds of examples have."""

    file: str
    labels: pa.Array
    names: tuple[str, ...] | None
    """Names of the classes, where the file declares them."""

    def where(self, row: int) -> str:
        """Name a row, counted from 0."""
        return f"{self.file}, row {row} (counted from 0)"


MakePart = Callable[[Sequence[Table], Sequence[np.ndarray]], Part]


def read_parts(
    train: Sequence[Table], test: Sequence[Table] | None, make: MakePart, no_label: int | str | None = None
) -> tuple[Part, Part | None, tuple[str, ...]]:
    """Both splits and the names of the classes.

    Classes are those that the files declare (ClassLabel); else, for integers, 0 to the largest training
    label; else, for strings, all that occur, in alphabetical order (of code points: "10" is before "2").

    Args:
        train, test: the tables of each split.
        make: makes a split of its tables and their labels.
        no_label: what stands for the label of rows without one; their label is then -1.

    Raises:
        StudyError: labels are missing, of the wrong or of mixed type, or out of range.
    """
    tables = [*train, *(test or [])]
    kinds = [_kind(table, no_label) for table in tables]
    for table, kind in zip(tables, kinds, strict=True):
        if kind != kinds[0] or table.names != tables[0].names:
            raise StudyError(
                f"the labels are {_described(kind, table)}, elsewhere {_described(kinds[0], tables[0])}",
                where=f"{table.file} and {tables[0].file}",
                expected="labels of one kind, with the same classes, in all files of a data set",
                do="write the labels of all files in one way",
            )
    if kinds[0] == "names":
        named = set().union(*(table.labels.unique().to_pylist() for table in tables))
        classes = tuple(sorted(named - {no_label}))
        codes = [_codes(table.labels, classes) for table in tables]
    else:
        codes = [_numbers(table, no_label) for table in tables]
        classes = tables[0].names or _counted_classes(codes[: len(train)], train)
        _check_range(tables, codes, classes if tables[0].names else None)
        codes = [np.where(labels == _UNLABELLED, -1, labels) for labels in codes]
    parts = [make(train, codes[: len(train)]), make(test, codes[len(train) :]) if test else None]
    return parts[0], parts[1], classes


def _kind(table: Table, no_label: int | str | None) -> str:
    labels = table.labels
    if labels.null_count:
        raise _bad_label(table, int(np.flatnonzero(pc.is_null(labels))[0]), "a label is missing")
    if pa.types.is_integer(labels.type):
        return "integers"
    if pa.types.is_string(labels.type) or pa.types.is_large_string(labels.type):
        _check_words(table, no_label)
        return "names"
    if pa.types.is_floating(labels.type):
        values = labels.to_numpy(zero_copy_only=False)
        odd = np.flatnonzero(~(np.abs(values) < _BEYOND) | (values != np.round(values)))
        if len(odd):
            raise _bad_label(table, int(odd[0]), f"a label {_fault_of(values[odd[0]])}")
        return "integers"
    raise _bad_label(table, 0, f"the labels are of type {labels.type}")


def _fault_of(value: float) -> str:
    if not np.isfinite(value):
        return f"is not a number ({value})"
    return f"has a fraction: {value}" if value != np.round(value) else f"is out of range: {value:g}"


def _check_words(table: Table, no_label: int | str | None) -> None:
    """Refuse numbers among which a word such as "nan" stands, unless it is `no_label`: it is a gap there."""
    found = table.labels.unique().to_pylist()
    words = {word: word.strip().casefold() for word in found if word != no_label}
    gaps = [word for word, plain in words.items() if plain in _GAPS]
    if (
        gaps
        and all(plain in _GAPS or plain.isdecimal() for plain in words.values())
        and len(gaps) < len(words)
    ):
        row = int(pc.index(table.labels, gaps[0]).as_py())
        raise _bad_label(table, row, f"a label is missing: {gaps[0]!r} among numbers")


def _described(kind: str, table: Table) -> str:
    return f"{kind} with {len(table.names)} declared classes" if table.names else kind


def _codes(labels: pa.Array, classes: tuple[str, ...]) -> np.ndarray:
    """(N,) int64 positions among the classes, -1 for what is none."""
    found = pc.fill_null(pc.index_in(labels, pa.array(classes, labels.type)), -1)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)


def _numbers(table: Table, no_label: int | str | None) -> np.ndarray:
    """(N,) int64 labels as they are, `_UNLABELLED` where a row has none."""
    numbers = table.labels.to_numpy(zero_copy_only=False).astype(np.int64)
    beyond = np.flatnonzero(numbers == _UNLABELLED)
    if len(beyond):
        value = table.labels[int(beyond[0])].as_py()
        raise _bad_label(table, int(beyond[0]), f"a label is out of range: {value}")
    return numbers if no_label is None else np.where(numbers == no_label, _UNLABELLED, numbers)


def _counted_classes(codes: Sequence[np.ndarray], tables: Sequence[Table]) -> tuple[str, ...]:
    """ "0", "1", … up to the largest training label; every one of them has to occur."""
    seen = np.setdiff1d(np.concatenate(codes), [_UNLABELLED])
    if not len(seen):
        return ()
    count = int(seen[-1]) + 1
    if seen[0] >= 0 and len(seen) < count:
        gap = int(np.flatnonzero(seen != np.arange(len(seen)))[0])
        raise StudyError(
            f"no training example has the label {gap}, and the largest is {count - 1}",
            where=tables[0].file,
            expected="labels 0, 1, 2, … without gaps",
            do="number the classes from 0, or write class names instead of numbers",
        )
    return tuple(str(k) for k in range(max(count, 0)))


def _check_range(
    tables: Sequence[Table], codes: Sequence[np.ndarray], classes: tuple[str, ...] | None
) -> None:
    """Refuse negative labels and, where classes are declared, labels beyond them."""
    for table, labels in zip(tables, codes, strict=True):
        outside = (labels < 0) | (labels >= len(classes)) if classes else labels < 0
        outside &= labels != _UNLABELLED
        if outside.any():
            row = int(np.flatnonzero(outside)[0])
            allowed = f"integers from 0 to {len(classes) - 1}, the declared classes" if classes else _LABELS
            raise _bad_label(table, row, f"a label is out of range: {labels[row]}", allowed)


def place_of(tables: Sequence[Table], row: int) -> tuple[int, int]:
    """The table that holds a row of the split, and the row's position there."""
    ends = np.cumsum([len(table.labels) for table in tables])
    index = int(np.searchsorted(ends, row, side="right"))
    return index, int(row - (ends[index - 1] if index else 0))


def _bad_label(table: Table, row: int, what: str, expected: str = _LABELS) -> StudyError:
    return StudyError(what, where=table.where(row), expected=expected, do="mend or remove this row's label")
