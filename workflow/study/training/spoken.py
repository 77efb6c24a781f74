"""Utterances of a data set as models of language understanding take them: pieces, intents, tags by number."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from study.data.dataset import Dataset, Split
from study.data.text.packed import unpack
from study.errors import StudyError
from study.models.tokenizer import Pieces, cut_words


class Spoken(NamedTuple):
    """N utterances: their pieces, where their words start, and what they mean."""

    pieces: Pieces
    starts: list[np.ndarray]  # (W,) of each, the place of each word's first piece in its row
    intents: np.ndarray  # (N,) int64
    tags: list[np.ndarray] | None  # (W,) int64 of each; None in a corpus without slots
    domains: np.ndarray  # (N,) int64


class Names(NamedTuple):
    """Intents and tags of training utterances, in order: their places are their numbers."""

    intents: np.ndarray
    tags: np.ndarray  # none in a corpus without slots

    def numbers(self, names: Sequence[str] | np.ndarray, known: np.ndarray) -> np.ndarray:
        """Numbers of names; of a name that is not known that of the first: it can be no one's answer."""
        names = np.asarray(names)
        return np.where(np.isin(names, known), np.searchsorted(known, names).clip(max=len(known) - 1), 0)


def names_of(data: Dataset, intent: str, slots: str | None, where: str) -> Names:
    """Intents and tags of the training utterances.

    Args:
        data: the data set.
        intent, slots: the facts that hold them; slots is None in a corpus without.
        where: the part of the configuration that names these facts.

    Raises:
        StudyError: the facts are not there.
    """
    for fact in filter(None, (intent, slots)):
        if fact not in data.train.facts or fact not in data.test.facts:
            raise StudyError(
                f"the data set has no fact {fact!r}",
                where=f"data set {data.name}",
                expected=f"one of {', '.join(data.train.facts) or 'none, since it names none'}",
                do=f"name the column in fact_columns of the data set, and the fact in {where}",
            )
    intents = np.unique(data.train.facts[intent])
    if slots is None:
        return Names(intents, np.array([], dtype=str))
    every = " ".join(data.train.facts[slots]).split(" ")
    return Names(intents, np.unique([*every, "O"]))


def read_spoken(split: Split, tokenizer, names: Names, intent: str, slots: str | None, where: str) -> Spoken:
    """A split's utterances.

    Args:
        split: of the data set.
        tokenizer: of the encoder.
        names: of `names_of`.
        intent, slots, where: as of `names_of`.

    Raises:
        StudyError: an utterance has more or fewer tags than words.
    """
    texts = [text for (text,) in unpack(split.inputs)]
    pieces, starts = cut_words(tokenizer, texts)
    intents = names.numbers(split.facts[intent], names.intents)
    if slots is None:
        return Spoken(pieces, starts, intents, None, split.labels)
    tags = [names.numbers(text.split(" "), names.tags) for text in split.facts[slots]]
    for row, (each, words) in enumerate(zip(tags, starts, strict=True)):
        if len(each) != len(words):
            raise StudyError(
                f"an utterance of {len(words)} words has {len(each)} tags",
                where=f"example {split.ids[row]}: {texts[row]!r}",
                expected="a BIO tag for every word, separated by blanks as the words are",
                do=f"mend the row, or name the right facts in {where}",
            )
    return Spoken(pieces, starts, intents, tags, split.labels)
