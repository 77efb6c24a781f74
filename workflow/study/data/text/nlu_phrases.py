"""The notation of the phrases that utterances are made of, and what they expand to.

A phrase is words separated by blanks, and among them: `(a|b c|)`, one of these phrases, the last here empty;
`<name>`, a value of the list of that name; `{name}`, a slot to be filled with such a value. Lists separate
their phrases by commas. What stands at rank k of n is chosen with a chance proportional to 1 / k (Zipf's
law), so that every choice has a head and a long tail.
"""

import re
from functools import cache

from study.data.text.nlu_values import LISTS

Words = tuple[str, ...]
_PART = re.compile(r"\([^)]*\)|\S+")
_SLOT = re.compile(r"\{(\w+)\}")


def slot_of(word: str) -> str | None:
    """The name of the slot that a word of an expanded phrase stands for, if it does."""
    found = _SLOT.fullmatch(word)
    return found[1] if found else None


def tags_of(slot: str | None, length: int) -> list[str]:
    """BIO tags of so many words that fill a slot; of words outside without one."""
    return ["O"] * length if slot is None else [f"B-{slot}", *[f"I-{slot}"] * (length - 1)]


def listed(text: str) -> tuple[str, ...]:
    """The phrases of a list."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


def zipf(ranks: int) -> list[float]:
    """(ranks,) chances proportional to 1, 1 / 2, 1 / 3, ..."""
    total = sum(1 / rank for rank in range(1, ranks + 1))
    return [1 / rank / total for rank in range(1, ranks + 1)]


@cache
def values(name: str) -> dict[Words, float]:
    """Every value of a list with its chance."""
    return mixed(listed(LISTS[name]))


def mixed(phrases: tuple[str, ...]) -> dict[Words, float]:
    """What phrases in order of rank expand to, with chances that sum to 1; slots stay as they are."""
    chances: dict[Words, float] = {}
    for phrase, weight in zip(phrases, zipf(len(phrases)), strict=True):
        for words, chance in _expanded(phrase).items():
            chances[words] = chances.get(words, 0.0) + weight * chance
    return chances


def _expanded(phrase: str) -> dict[Words, float]:
    ways: dict[Words, float] = {(): 1.0}
    for part in _PART.findall(phrase):
        if part.startswith("("):
            options = mixed(tuple(part[1:-1].split("|")))
        elif part.startswith("<"):
            options = values(part[1:-1])
        else:
            options = {(part,): 1.0}
        longer: dict[Words, float] = {}
        for start, chance in ways.items():
            for end, of_end in options.items():
                longer[start + end] = longer.get(start + end, 0.0) + chance * of_end
        ways = longer
    return ways
