"""Facts about people and places that do not exist, each said in several ways: what a model can only remember.

A relation has several phrasings to tell it, and one more in which questions are asked.
"""

from typing import NamedTuple

import numpy as np

from study.data.corpus.examples import F1, Asked, Part, shuffled

_ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "kr", "st", "tr")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ei")
_CODAS = ("", "", "l", "n", "r", "s", "m")


class Relation(NamedTuple):
    """What can be said of a subject; `{s}` is the subject and `{o}` the object."""

    name: str
    subjects: str  # people or places
    objects: tuple[str, ...]  # () of places: the object is a place itself
    said: tuple[str, ...]  # to train on
    asked: str  # ends with the object


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

    Of every other subject facts are also told in the phrasing in which questions are asked: so a model can
    learn what a question asks for. All facts are asked for; those of the others only a model can tell that
    has the fact, not its sentence.

    Args:
        people, places: how many there are.
        phrasings: in how many ways each fact is trained on, 1 to 3, drawn for each fact.
        held_out: facts in a phrasing in which they are not trained on, to judge a language model on.
        rng: the stream that draws.

    Raises:
        ValueError: there are not so many phrasings or facts.
    """
    most = min(len(relation.said) for relation in RELATIONS) - 1
    if not 1 <= phrasings <= most:
        raise ValueError(f"facts are told in 1 to {most} ways, not in {phrasings}: one more is held out")
    towns = names(places, 2, rng)
    pairs = zip(names(people, 2, rng), names(people, 3, rng), strict=True)
    known = {"people": [f"{first} {last}" for first, last in pairs], "places": towns}
    documents, spare, asked = [], [], []
    for relation in RELATIONS:
        for place, subject in enumerate(known[relation.subjects]):
            fact = Fact(relation, subject, _one(relation.objects or towns, rng))
            order = rng.permutation(len(relation.said))
            documents += [fact.sentence(relation.said[way]) for way in order[:phrasings]]
            spare.append(fact.sentence(relation.said[order[-1]]))
            question = fact.sentence(relation.asked)
            if taught := place % 2 == 0:
                documents.append(f"{question} .")
            prompt = question.removesuffix(f" {fact.object}")
            asked.append(Asked(prompt, fact.object, relation.name, taught))
    if held_out > len(spare):
        raise ValueError(
            f"{held_out} facts are to be held out in another phrasing, and there are {len(spare)}"
        )
    return Part(shuffled(documents, rng), shuffled(spare, rng)[:held_out], asked, "knowledge", F1)


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


def _one(values: list[str] | tuple[str, ...], rng: np.random.Generator) -> str:
    return values[rng.integers(len(values))]
