"""Slips of a speech recogniser: a word is lost, changes place with its neighbour, or is heard as another.

Only words outside the slots slip, so the slots stay as they were. What was meant can still be told: the words
that may be lost say little, and those that are heard for others are no words of another request.
"""

import numpy as np

_LOST = "a an any are at be by do does for i in is it like me my of some that the there this to"
DROPPED: frozenset[str] = frozenset(_LOST.split())
"""Words that may be lost."""

CONFUSED: dict[str, str] = {
    "add": "had",
    "alarm": "arm",
    "ask": "mask",
    "book": "look",
    "buy": "bye",
    "call": "cold",
    "cancel": "council",
    "change": "chance",
    "do": "due",
    "find": "fined",
    "for": "four",
    "get": "gate",
    "how": "now",
    "i": "eye",
    "is": "his",
    "know": "no",
    "let": "led",
    "list": "lift",
    "long": "along",
    "me": "we",
    "my": "mine",
    "need": "knead",
    "order": "older",
    "play": "pay",
    "please": "peas",
    "put": "but",
    "read": "red",
    "remind": "rewind",
    "save": "safe",
    "send": "sand",
    "set": "sat",
    "show": "shoe",
    "skip": "ship",
    "start": "dart",
    "stop": "shop",
    "tell": "tall",
    "text": "tax",
    "the": "her",
    "there": "their",
    "to": "two",
    "turn": "tern",
    "wake": "weak",
    "way": "weigh",
    "weather": "whether",
    "what": "watt",
    "when": "went",
    "where": "wear",
    "who": "hoof",
    "will": "well",
    "write": "right",
}
"""Words that may be heard as another, and as which."""

Tagged = tuple[list[str], list[str]]


def slipped(words: list[str], tags: list[str], shortest: int, rng: np.random.Generator) -> Tagged | None:
    """The words and tags after one slip, every kind that is possible being equally likely; None if none is.

    Args:
        words, tags: of one utterance.
        shortest: no word is lost where this few would not be left.
        rng: the generator.
    """
    free = [place for place, tag in enumerate(tags) if tag == "O"]
    kinds = (
        [_lost(words, tags, at) for at in free if words[at] in DROPPED and len(words) > shortest],
        [_swapped(words, tags, at) for at in free if at + 1 in free and words[at] != words[at + 1]],
        [_misheard(words, tags, at) for at in free if words[at] in CONFUSED],
    )
    possible = [ways for ways in kinds if ways]
    if not possible:
        return None
    ways = possible[rng.integers(len(possible))]
    return ways[rng.integers(len(ways))]


def _lost(words: list[str], tags: list[str], at: int) -> Tagged:
    return words[:at] + words[at + 1 :], tags[:at] + tags[at + 1 :]


def _swapped(words: list[str], tags: list[str], at: int) -> Tagged:
    return [*words[:at], words[at + 1], words[at], *words[at + 2 :]], tags


def _misheard(words: list[str], tags: list[str], at: int) -> Tagged:
    return [*words[:at], CONFUSED[words[at]], *words[at + 1 :]], tags
