"""What a part of a generated corpus consists of."""

from typing import NamedTuple

import numpy as np


class Asked(NamedTuple):
    """A question with its answer."""

    prompt: str
    """What a model goes on from; the answer follows after a blank."""
    answer: str
    kind: str
    """What is asked: a relation, or a kind of problem."""
    trained: bool
    """Whether the training documents hold this very problem, or, of a fact, the fact in another phrasing."""


class Part(NamedTuple):
    """Documents of one kind, and what is asked about them."""

    documents: list[str]
    """To train on, one text each, in random order."""
    held_out: list[str]
    """Of the same kind, to judge a language model on."""
    asked: list[Asked]


def shuffled(texts: list[str], rng: np.random.Generator) -> list[str]:
    """The same texts in random order."""
    return [texts[place] for place in rng.permutation(len(texts))]
