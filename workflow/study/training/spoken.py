"""Utterances of a data set as models of language understanding take them: pieces, intents, tags by number."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from study.data.dataset import Dataset, Split
from study.data.text.packed import unpack
from study.errors import StudyError
from study.models.tokenizer import Pieces, cut_words

_TAG = re.compile(r"O|[BI]-.+")


class Spoken(NamedTuple):
    """N utterances: their pieces, where their words start, and what they mean."""

    pieces: Pieces
    starts: list[np.ndarray]  # (W,) of each, the place of each word's first piece in its row
    intents: np.ndarray  # (N,) int64
    tags: list[np.ndarray] | None  # (W,) int64 of each; None in a corpus without slots
    domains: np.ndarray  # (N,) int64


class Names(NamedTuple):
    """Intents, tags and domains of training utterances, in order: their places are their numbers."""

    intents: np.ndarray
    tags: np.ndarray  # none in a corpus without slots
    domains: np.ndarray

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
        return Names(intents, np.array([], dtype=str), np.array(data.classes))
    every = " ".join(data.train.facts[slots]).split(" ")
    return Names(intents, np.unique([*every, "O"]), np.array(data.classes))


def read_spoken(
    split: Split, tokenizer, names: Names, intent: str, slots: str | None, where: str, source: str = ""
) -> Spoken:
    """A split's utterances.

    Args:
        split: of the data set.
        tokenizer: of the encoder.
        names: of `names_of`.
        intent, slots, where: as of `names_of`.
        source: the files that hold the split, where messages name them.

    Raises:
        StudyError: an utterance has more or fewer tags than words, or its tags are not in BIO form.
    """
    texts = [text for (text,) in unpack(split.inputs)]
    pieces, starts = cut_words(tokenizer, texts)
    intents = names.numbers(split.facts[intent], names.intents)
    if slots is None:
        return Spoken(pieces, starts, intents, None, split.labels)
    tags = []
    for row, (told, words) in enumerate(zip(split.facts[slots], starts, strict=True)):
        each = told.split(" ")
        fault = fault_of(each, len(words))
        if fault:
            raise StudyError(
                f"{fault}: {texts[row]!r} has the tags {told!r}",
                where=f"example {split.ids[row]}" + (f" ({source})" if source else ""),
                expected="a tag for every word, separated by blanks as words are: O, B-label where a slot "
                "starts, "
                "I-label where it goes on",
                do=f"mend the row, or name the right facts in {where}",
            )
        tags.append(names.numbers(each, names.tags))
    return Spoken(pieces, starts, intents, tags, split.labels)


def fault_of(tags: Sequence[str], words: int) -> str:
    """What is wrong with the tags of an utterance of so many words; empty if nothing is."""
    if len(tags) != words:
        return f"an utterance of {words} words has {len(tags)} tags"
    before = "O"
    for tag in tags:
        if not _TAG.fullmatch(tag):
            return f"{tag!r} is no BIO tag"
        if tag.startswith("I-") and before[2:] != tag[2:]:
            return f"{tag!r} goes on with a slot that did not start"
        before = tag
    return ""
