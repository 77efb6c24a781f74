"""Languages in which the utterances of the grammar are said: words of their own, in an order of their own.

`english` is what the grammar says. `mirrored` puts the head last: the parts of an utterance come in reverse,
and so do the words within what fills a slot; what stood before a part stands behind it. `fronted` says first
what the utterance is about: what fills the slots, each followed by a particle that marks its part, and then
the rest, with its first word, mostly the verb, at the end. Both have a word for every word of the grammar,
but that names of people, places and shops stay as they are, as names do.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from itertools import chain, count
from typing import NamedTuple

from study.data.text.nlu_grammar import CARRIERS
from study.data.text.nlu_phrases import Words, mixed, slot_of, tags_of, values
from study.data.text.nlu_slips import CONFUSED

ENGLISH, MIRRORED, FRONTED = "english", "mirrored", "fronted"
LANGUAGES = (ENGLISH, MIRRORED, FRONTED)

_NAMES = ("artist", "author", "place", "store")  # slots whose words are names, where nothing else has them
_LONG = 6  # letters of an English word whose word in a language has a syllable more


class _Sounds(NamedTuple):
    """What the words of a language are made of."""

    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    endings: tuple[str, ...]


_SOUNDS = {
    MIRRORED: _Sounds(
        ("k", "t", "m", "n", "r", "s", "h", "y", "g", "d"), ("a", "i", "u", "e", "o", "ai"), ("", "n", "")
    ),
    FRONTED: _Sounds(
        ("b", "v", "l", "z", "p", "sk", "br", "tr", "f", "kl"),
        ("a", "e", "i", "o", "ue"),
        ("m", "l", "r", "s"),
    ),
}

Tagged = tuple[list[str], list[str]]
Part = tuple[list[str], str | None]


def said_in(language: str, words: list[str], tags: list[str]) -> Tagged:
    """An utterance of the grammar, in a language.

    Args:
        language: one of `LANGUAGES`.
        words, tags: in English, slipped or not; a BIO tag for each word.

    Returns:
        Its words, and a BIO tag for each.
    """
    if language == ENGLISH:
        return words, tags
    known = lexicon(language)
    parts = [([known[word] for word in spoken], slot) for spoken, slot in _parts(words, tags)]
    ordered = _mirrored(parts) if language == MIRRORED else _fronted(parts)
    said = [word for spoken, _ in ordered for word in spoken]
    marked = [tag for spoken, slot in ordered for tag in tags_of(slot, len(spoken))]
    return said, marked


@cache
def lexicon(language: str) -> dict[str, str]:
    """The word of a language for every word that an utterance may hold; no two have the same.

    `{slot}` is the particle behind the words that fill a slot.
    """
    made = {name: name for name in sorted(_names())}
    taken = _vocabulary()  # nothing is called what something else is called in English
    for word in sorted(_vocabulary()) + sorted(f"{{{slot}}}" for slot in _slots()):
        if word not in made:
            made[word] = _word(language, word, taken)
            taken.add(made[word])
    return made


def _slots() -> set[str]:
    """The slots of all phrases."""
    return {slot for words in _carried() for slot in map(slot_of, words) if slot}


def _carried() -> list[Words]:
    """Every carrier phrase."""
    phrases = chain.from_iterable(chain.from_iterable(intents.values()) for intents in CARRIERS.values())
    return [words for phrase in phrases for words in mixed((phrase,))]


def _vocabulary() -> set[str]:
    """Every word that an utterance may hold, slips included."""
    found = {word for words in _carried() for word in words if slot_of(word) is None}
    return found | _fillers(_slots()) | set(CONFUSED.values())


def _names() -> set[str]:
    """Words that are in no utterance but as names."""
    others = {word for words in _carried() for word in words} | _fillers(_slots() - set(_NAMES))
    return _fillers(_NAMES) - others - set(CONFUSED.values())


def _fillers(slots: Iterable[str]) -> set[str]:
    """The words that fill some slots."""
    return {word for slot in slots for words in values(slot) for word in words}


def _word(language: str, english: str, taken: set[str]) -> str:
    """A word that is not taken: the first of a sequence that the English word alone decides."""
    sounds = _SOUNDS[language]
    for attempt in count():
        drawn = int.from_bytes(hashlib.sha256(f"{language} {english} {attempt}".encode()).digest())
        syllables = []
        for _ in range(1 + (len(english) >= _LONG) + (attempt > 0)):
            for parts in sounds:
                drawn, place = divmod(drawn, len(parts))
                syllables.append(parts[place])
        word = "".join(syllables)
        if len(word) > 1 and word not in taken:
            return word
    raise AssertionError("the sequence does not end")


def _parts(words: list[str], tags: list[str]) -> list[Part]:
    """The words that fill a slot together, with its name; any other word alone, without."""
    found: list[Part] = []
    for word, tag in zip(words, tags, strict=True):
        if tag.startswith("I-"):
            found[-1][0].append(word)
        else:
            found.append(([word], tag.removeprefix("B-") if tag != "O" else None))
    return found


def _mirrored(parts: list[Part]) -> list[Part]:
    return [(words[::-1], slot) for words, slot in reversed(parts)]


def _fronted(parts: list[Part]) -> list[Part]:
    known = lexicon(FRONTED)
    about = [part for part in parts if part[1]]
    rest = [part for part in parts if not part[1]]
    marked = [each for words, slot in about for each in ((words, slot), ([known[f"{{{slot}}}"]], None))]
    return [*marked, *rest[1:], *rest[:1]]
