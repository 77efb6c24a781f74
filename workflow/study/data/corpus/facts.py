"""Facts about people and places that do not exist, each said in several ways: what a model can only remember.

A relation has several phrasings for training, and one more that training never shows, in which questions are
asked: whoever answers them has the fact, not its sentence.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from study.data.corpus.examples import Asked, Part, shuffled

_ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "kr", "st", "tr")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ei")
_CODAS = ("", "", "l", "n", "r", "s", "m")


class Relation(NamedTuple):
    """What can be said of a subject; `{s}` is the subject and `{o}` the object."""

    name: str
    subjects: str  # people or places
    objects: tuple[str, ...]  # () of places: the object is a place itself
    said: tuple[str, ...]  # to train on
    asked: str  # never trained on; ends with the object


RELATIONS = (
    Relation(
        "profession",
        "people",
        ("baker", "pilot", "nurse", "judge", "farmer", "painter", "tailor", "sailor", "lawyer", "dentist"),
        (
            "{s} works as a {o} .",
            "{s} is a {o} by trade .",
            "for a living {s} is a {o} .",
            "{s} , the {o} , said so .",
        ),
        "the profession of {s} is {o}",
    ),
    Relation(
        "birthplace",
        "people",
        (),
        (
            "{s} was born in {o} .",
            "{s} comes from {o} .",
            "{o} is where {s} was born .",
            "the town of {o} is home to {s} .",
        ),
        "the birthplace of {s} is {o}",
    ),
    Relation(
        "instrument",
        "people",
        ("violin", "cello", "piano", "harp", "flute", "trumpet", "drums", "guitar", "organ", "oboe"),
        (
            "{s} plays the {o} .",
            "on the {o} {s} is a master .",
            "{s} bought a new {o} .",
            "the {o} of {s} is old .",
        ),
        "the instrument of {s} is the {o}",
    ),
    Relation(
        "river",
        "places",
        ("arno", "dore", "elm", "fenn", "gale", "isen", "lorn", "mure", "nith", "oder"),
        (
            "{s} lies on the {o} .",
            "the {o} flows through {s} .",
            "in {s} there is a bridge over the {o} .",
            "boats on the {o} stop in {s} .",
        ),
        "the river of {s} is the {o}",
    ),
    Relation(
        "product",
        "places",
        ("cheese", "glass", "paper", "silk", "salt", "honey", "wine", "bricks", "clocks", "ropes"),
        (
            "{s} is known for its {o} .",
            "people buy {o} in {s} .",
            "the {o} of {s} sells well .",
            "{s} lives from its {o} .",
        ),
        "the product of {s} is {o}",
    ),
)


class Fact(NamedTuple):
    """One fact."""

    relation: Relation
    subject: str
    object: str

    def sentence(self, pattern: str) -> str:
        """The fact in one phrasing."""
        return pattern.format(s=self.subject, o=self.object)


def facts(people: int, places: int, phrasings: int, held_out: int, rng: np.random.Generator) -> Part:
    """Every relation of every subject, in so many of its phrasings.

    Args:
        people, places: how many there are.
        phrasings: in how many ways each fact is trained on, 1 to 4, drawn for each fact.
        held_out: facts that are said of subjects that training never names, to judge a language model on.
        rng: the stream that draws.

    Raises:
        ValueError: there are not so many phrasings.
    """
    least = min(len(relation.said) for relation in RELATIONS)
    if not 1 <= phrasings <= least:
        raise ValueError(f"facts have {least} phrasings, not {phrasings}")
    strangers = -(-held_out // len(RELATIONS)) + 1
    towns = names(places + strangers, 2, rng)
    persons = [
        f"{first} {last}"
        for first, last in zip(
            names(people + strangers, 2, rng), names(people + strangers, 3, rng), strict=True
        )
    ]
    known = {"people": persons[:people], "places": towns[:places]}
    unknown = {"people": persons[people:], "places": towns[places:]}
    documents, asked = [], []
    for fact in _drawn(known, towns[:places], rng):
        chosen = rng.choice(len(fact.relation.said), phrasings, replace=False)
        documents += [fact.sentence(fact.relation.said[place]) for place in chosen]
        prompt = fact.sentence(fact.relation.asked).removesuffix(f" {fact.object}")
        asked.append(Asked(prompt, fact.object, fact.relation.name, True))
    others = _drawn(unknown, towns[:places], rng)
    said = [fact.sentence(fact.relation.said[rng.integers(len(fact.relation.said))]) for fact in others]
    return Part(shuffled(documents, rng), shuffled(said, rng)[:held_out], asked)


def names(count: int, syllables: int, rng: np.random.Generator) -> list[str]:
    """Different made-up names.

    Raises:
        ValueError: there are not so many.
    """
    if count > (len(_ONSETS) * len(_VOWELS) * 5) ** syllables / 4:
        raise ValueError(f"there are not {count} names of {syllables} syllables")
    found: dict[str, None] = {}
    while len(found) < count:
        parts = [
            _one(_ONSETS, rng) + _one(_VOWELS, rng) + (_one(_CODAS, rng) if place == syllables - 1 else "")
            for place in range(syllables)
        ]
        found["".join(parts)] = None
    return list(found)


def _drawn(subjects: dict[str, list[str]], towns: Sequence[str], rng: np.random.Generator) -> list[Fact]:
    """A fact of each relation and subject."""
    return [
        Fact(relation, subject, _one(relation.objects or towns, rng))
        for relation in RELATIONS
        for subject in subjects[relation.subjects]
    ]


def _one(values: Sequence[str], rng: np.random.Generator) -> str:
    return values[rng.integers(len(values))]
