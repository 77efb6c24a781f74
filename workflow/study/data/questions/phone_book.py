"""A phone book, to be learnt by heart: names and numbers without any rule (arXiv 2410.19034, section 4.1)."""

from string import ascii_lowercase

import numpy as np

from study.data.questions.tokens import ANSWER, END, FIRST, QUERY, SPECIAL, Questions, token_type

VOCABULARY = (*SPECIAL, *ascii_lowercase, *map(str, range(10)))
_LETTERS = len(ascii_lowercase)


def names_that_there_are(letters: int) -> int:
    """How many names of so many letters can be told apart."""
    return _LETTERS**letters


def phone_book(
    entries: int, strangers: int, letters: int, digits: int, rng: np.random.Generator
) -> tuple[Questions, Questions]:
    """The book, and strangers: names that are not in it, to show what guessing a number reaches.

    A row is `QUERY name ANSWER number END`, a letter or a digit a token. Names are all different, numbers are
    drawn independently, so that a book of n entries holds n * digits * log2(10) bits.

    Raises:
        ValueError: there are fewer names than are asked for.
    """
    if entries + strangers > names_that_there_are(letters):
        raise ValueError(
            f"{entries} entries and {strangers} strangers need {entries + strangers} names, and there are "
            f"{names_that_there_are(letters)} of {letters} letters"
        )
    drawn = rng.choice(names_that_there_are(letters), entries + strangers, replace=False)
    rows = _rows(drawn, rng.integers(10, size=(len(drawn), digits)), letters)
    return Questions(rows[:entries], {}), Questions(rows[entries:], {})


def _rows(drawn: np.ndarray, numbers: np.ndarray, letters: int) -> np.ndarray:
    """(N,) names as numbers and (N, digits) -> (N, letters + digits + 3) tokens."""
    places = _LETTERS ** np.arange(letters - 1, -1, -1)
    names = drawn[:, None] // places % _LETTERS
    mark = np.ones((len(drawn), 1), dtype=np.int64)
    parts = [QUERY * mark, FIRST + names, ANSWER * mark, FIRST + _LETTERS + numbers, END * mark]
    return np.concatenate(parts, axis=1).astype(token_type(VOCABULARY))
