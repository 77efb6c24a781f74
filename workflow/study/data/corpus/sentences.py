"""Plain sentences about everyday things: language without facts that are asked for, or problems."""

from itertools import product

import numpy as np

from study.data.corpus.examples import Part

_WHO = (
    "a girl",
    "a boy",
    "the neighbour",
    "an old man",
    "a young woman",
    "the teacher",
    "my brother",
    "a dog",
)
_DOES = (
    *("opens the door", "reads a long letter", "looks for a lost key", "waits for the bus", "eats an apple"),
    *("runs across the field", "sings a quiet song", "carries a heavy box", "sleeps by the fire"),
    *("watches the rain", "paints the fence", "counts the stars"),
)
_WHERE = (
    "in the garden",
    "near the bridge",
    "at the station",
    "behind the house",
    "on the hill",
    "by the sea",
)
_WHEN = ("in the morning", "at noon", "before dinner", "late at night", "on sundays", "after the storm")
_HOW = ("", "again", "as always", "without a word", "with a smile")


def there_are() -> int:
    """How many different sentences there are."""
    return 2 * len(_WHO) * len(_DOES) * len(_WHERE) * len(_WHEN) * len(_HOW)


def sentences(train: int, held_out: int, rng: np.random.Generator) -> Part:
    """Different sentences; nothing is asked about them.

    Raises:
        ValueError: there are not so many.
    """
    if train + held_out > there_are():
        raise ValueError(f"{train + held_out} sentences are asked for, and there are {there_are()}")
    drawn = rng.choice(there_are(), train + held_out, replace=False)
    every = list(product((False, True), _WHO, _DOES, _WHERE, _WHEN, _HOW))
    texts = [_sentence(*every[place]) for place in drawn]
    return Part(texts[:train], texts[train:], [])


def _sentence(turned: bool, who: str, does: str, where: str, when: str, how: str) -> str:
    words = [when, who, does, where, how] if turned else [who, does, where, when, how]
    return " ".join([*filter(None, words), "."])
