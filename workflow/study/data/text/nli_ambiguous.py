"""Pairs of sentences that have two readings, and a label for each.

The first label of each form is drawn with a fixed probability, which stands for how many readers take the
sentences so. Over all forms every label is equally likely, so that classes that are to be of one size do not
change the probabilities.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from study.data.text import nli_world as world
from study.data.text.nli_logic import CONTRADICTION, ENTAILMENT, LABELS, NEUTRAL, Topic, choose, two_people


class Ambiguity(NamedTuple):
    name: str
    labels: tuple[int, int]
    probability: float
    """Of the first label."""
    premise: str
    hypothesis: str
    topic: Callable[[np.random.Generator], Topic]

    def chance(self, label: int) -> float:
        """The probability of a label."""
        first, second = self.labels
        return {first: self.probability, second: 1 - self.probability}.get(label, 0.0)

    def other(self, label: int) -> int:
        """The label of the other reading."""
        first, second = self.labels
        return second if label == first else first


def draw(label: int, rng: np.random.Generator) -> Ambiguity:
    """A form, given the label that was drawn for it: forms are equally likely before."""
    return FORMS[rng.choice(len(FORMS), p=_GIVEN[label])]


def _two_men(rng: np.random.Generator) -> Topic:
    a, b = rng.choice(len(world.MEN), 2, replace=False)
    return {"a": world.MEN[a], "b": world.MEN[b], "mood": choose(world.MOODS, rng)}


def _group(rng: np.random.Generator) -> Topic:
    (one, many), (do, did) = choose(world.GROUPS, rng), choose(world.DEEDS, rng)
    return {"one": one, "many": many, "do": do, "did": did}


def _count(rng: np.random.Generator) -> Topic:
    n = choose(world.NUMBERS, rng)
    return {"a": choose(world.PEOPLE, rng), "n": n, "things": choose(world.COUNTED, rng)}


def _either(rng: np.random.Generator) -> Topic:
    return {**two_people(rng), "did": choose(world.DEEDS, rng)[1]}


def _between(values: tuple[str, ...]) -> Callable[[np.random.Generator], Topic]:
    def topic(rng: np.random.Generator) -> Topic:
        thing = choose(world.DIMENSIONS["colour"][0], rng)
        return {"thing": thing, "a": choose(world.PEOPLE, rng), "x": choose(values, rng)}

    return topic


FORMS = (
    # Whom does the pronoun mean?
    Ambiguity(
        "pronoun",
        (ENTAILMENT, NEUTRAL),
        0.5,
        "{a} told {b} that he was {mood}",
        "{b} was {mood}",
        _two_men,
    ),
    # Does the negation or the quantifier reach further?
    Ambiguity("scope", (ENTAILMENT, NEUTRAL), 0.7, "all {many} did not {do}", "no {one} {did}", _group),
    # Is a number without `exactly` exact?
    Ambiguity(
        "numeral",
        (NEUTRAL, CONTRADICTION),
        0.5,
        "{a} has {n} {things}",
        "{a} has more than {n} {things}",
        _count,
    ),
    # May both be the case?
    Ambiguity("either", (NEUTRAL, CONTRADICTION), 0.7, "{a} or {b} {did}", "{a} and {b} {did}", _either),
    # On which side does a case lie that lies between?
    Ambiguity(
        "hue",
        (CONTRADICTION, ENTAILMENT),
        0.5,
        "the {thing} of {a} is turquoise",
        "the {thing} of {a} is {x}",
        _between(("blue", "green")),
    ),
    Ambiguity(
        "shade",
        (CONTRADICTION, ENTAILMENT),
        0.7,
        "the {thing} of {a} is greyish",
        "the {thing} of {a} is {x}",
        _between(("white", "black")),
    ),
)
_CHANCES = np.array([[form.chance(label) for form in FORMS] for label in LABELS])
_GIVEN = _CHANCES / _CHANCES.sum(axis=1, keepdims=True)
