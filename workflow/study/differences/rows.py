"""Which rows of two tables are about the same thing.

Rows are matched by key columns, which are found by what the study's tables have in common: names of things
and settings stand before what was measured. As few are taken as tell all rows apart.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.differences.units import yardstick

WORDS, WHOLE, REAL, FLAG = "words", "whole", "real", "flag"
# They say what a row is about wherever they stand.
_NAMES = ("id", "chapter", "dataset", "model", "variant", "seed", "score", "statistic", "example_id")
# They say what came out, and may change hands.
_ANSWERS = ("verdict", "reason", "note", "n")

_SURE, _LIKELY, _PERHAPS = 2, 1, 0

Read = Callable[[str], tuple[pd.Series, pd.Series]]  # a column of both tables, by its name
Name = Callable[[int, int], str]  # what a row is about, by its side (0 or 1) and position


class Rows(NamedTuple):
    """Rows of two tables, matched.

    Attributes:
        keys: the columns that they were matched by.
        a, b: (M,) positions of the rows that both tables have, in the order of the first.
        only_a, only_b: positions of the others.
        by_order: some keys occur more than once; such rows were matched by their order.
        moved: whether common rows stand in another order.
        places: for each side (N,) how many rows above have the same key.
    """

    keys: list[str]
    a: np.ndarray
    b: np.ndarray
    only_a: np.ndarray
    only_b: np.ndarray
    by_order: bool
    moved: bool
    places: tuple[np.ndarray, np.ndarray]


def match(columns: Sequence[str], kinds: dict[str, str], read: Read) -> Rows:
    """Match the rows of two tables.

    Args:
        columns: names of the columns that both have, in order; at least one.
        kinds: of each, `WORDS`, `WHOLE` (numbers), `REAL` or `FLAG`.
        read: gives a column of both tables.
    """
    sizes = tuple(map(len, read(columns[0])))
    codes, keys = (np.zeros(sizes[0], np.int64), np.zeros(sizes[1], np.int64)), []
    candidates = list(_candidates(columns, kinds))
    for trusted in ((_SURE,), (_SURE, _LIKELY)):
        for column, trust in candidates:
            if column in keys or (_distinct(codes) == sizes and column not in _NAMES):
                continue
            sides = read(column)
            finer = _refined(codes, sides)
            if _together(finer) == _together(codes) and not (column in _NAMES and max(sizes) == 1):
                continue  # it tells nothing apart, and need not name an only row
            same_things = kinds[column] in (WORDS, FLAG) or _within(*sides)
            if trust in trusted or (same_things and _shared(finer) >= _shared(codes)):
                codes, keys = finer, [*keys, column]
    return _matched(keys, codes, by_order=_distinct(codes) != sizes)


def _candidates(columns: Sequence[str], kinds: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Columns that may be keys, likelier ones first, with how far each is trusted.

    Names, and words before the first estimate, are keys if they tell rows apart. All others may have been
    measured, and are keys if no row loses its partner by them; numbers before the first estimate also in the
    end, where nothing else tells rows apart.
    """
    numbers = [name for name in columns if kinds[name] in (WHOLE, REAL)]
    measured = [name for name in numbers if yardstick(name, columns)]
    centres = [name for name in measured if not name.endswith(("low", "high"))]
    first = (centres or [name for name in numbers if kinds[name] == REAL] or [None])[0]
    left = columns[: columns.index(first)] if first else columns
    free = [name for name in columns if name not in (*_ANSWERS, *measured)]
    named = [name for name in free if name in _NAMES and kinds[name] != REAL]
    yield from ((name, _SURE) for name in named)
    others = [name for name in free if name not in named]
    before = [name for name in others if name in left]
    after = [name for name in others if name not in left]
    for kind, trust in ((WORDS, _SURE), (WHOLE, _LIKELY), (REAL, _LIKELY), (FLAG, _PERHAPS)):
        yield from ((name, trust) for name in before if kinds[name] == kind)
    for chosen in ((WORDS,), (WHOLE, REAL), (FLAG,)):
        yield from ((name, _PERHAPS) for name in after if kinds[name] in chosen)


def _refined(codes: tuple[np.ndarray, np.ndarray], sides: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of keys that have one more column."""
    values, _ = pd.factorize(np.concatenate([np.asarray(side) for side in sides]), use_na_sentinel=False)
    together = np.concatenate(codes) * (values.max(initial=0) + 1) + values
    _, finer = np.unique(together, return_inverse=True)
    return finer[: len(codes[0])], finer[len(codes[0]) :]


def _distinct(codes: tuple[np.ndarray, np.ndarray]) -> tuple[int, int]:
    return len(np.unique(codes[0])), len(np.unique(codes[1]))


def _together(codes: tuple[np.ndarray, np.ndarray]) -> int:
    return len(np.unique(np.concatenate(codes)))


def _shared(codes: tuple[np.ndarray, np.ndarray]) -> int:
    """How many rows find one on the other side."""
    size = int(max(side.max(initial=-1) for side in codes)) + 1
    return int(np.minimum(*(np.bincount(side, minlength=size) for side in codes)).sum())


def _within(a: pd.Series, b: pd.Series) -> bool:
    """Whether the values of one side are among those of the other."""
    values = set(a.dropna()), set(b.dropna())
    return values[0] <= values[1] or values[1] <= values[0]


def _matched(keys: list[str], codes: tuple[np.ndarray, np.ndarray], by_order: bool) -> Rows:
    places = tuple(pd.Series(side).groupby(side).cumcount().to_numpy() for side in codes)
    most = max((place.max(initial=0) for place in places), default=0) + 1
    own = [side * most + place for side, place in zip(codes, places, strict=True)]
    _, a, b = np.intersect1d(*own, assume_unique=True, return_indices=True)
    order = np.argsort(a)
    a, b = a[order], b[order]
    only = [np.setdiff1d(np.arange(len(side)), found) for side, found in zip(own, (a, b), strict=True)]
    return Rows(keys, a, b, *only, by_order, bool((np.diff(b) < 0).any()), places)


def naming(rows: Rows, read: Read) -> Name:
    """A function that says what a row is about: `model=mlp, epoch=3`."""
    columns = [(key, tuple(map(np.asarray, read(key)))) for key in rows.keys]

    def name(side: int, position: int) -> str:
        values = ((key, _short(sides[side][position])) for key, sides in columns)
        told = ", ".join(f"{key}={value}" for key, value in values if value) or f"row {position + 1}"
        place = rows.places[side][position]
        return f"{told} ({place + 1})" if place and columns else told

    return name


def _short(value: object) -> str:
    """A key's value; a number without the decimals that it has only because another row has none."""
    if isinstance(value, float | np.floating):
        return f"{value:.15g}" if value == value else ""
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
