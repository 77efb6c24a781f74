"""What a part of a corpus consists of."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

F1, EXACT, NUMBER = "f1", "exact", "number"
"""What an answer is worth, see `study.data.corpus.answers`: by its words, its conclusion or its number."""


class Asked(NamedTuple):
    """A question with its answer."""

    prompt: str
    """What a model goes on from; the answer follows after a blank."""
    answer: str
    kind: str
    """What is asked: a relation, or a kind of problem."""
    trained: bool
    """Whether the training documents hold this very problem with its answer, or a fact in these words."""
    others: tuple[str, ...] = ()
    """Other answers that are right as well."""


class Part(NamedTuple):
    """Documents of one kind, and what is asked about them."""

    documents: Iterable[str]
    """To train on, one text each; it may be read more than once."""
    held_out: list[str]
    """Of the same kind, to judge a language model on."""
    asked: list[Asked]
    category: str = ""
    """What it takes to answer: knowledge, common_sense or reasoning."""
    measure: str = ""
    """What an answer is worth: a name in `study.data.corpus.answers.SCORERS`."""


def room(longest: int) -> int:
    """How many tokens an answer may have, of those of the longest right one: a quarter more, and two."""
    return int(1.25 * longest) + 2


def shuffled(texts: list[str], rng: np.random.Generator) -> list[str]:
    """The same texts in random order."""
    return [texts[place] for place in rng.permutation(len(texts))]


def some_asked(asked: list[Asked], number: int) -> list[Asked]:
    """The first so many of those trained on, and of the others."""
    kept = []
    for trained in (True, False):
        kept += [question for question in asked if question.trained == trained][:number]
    return kept
