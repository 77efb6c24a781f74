"""Statements about one topic, and what follows from what among them.

A claim holds in some of the ways that the world may be, as far as its topic goes. A premise entails a
hypothesis on the same topic if its ways are among those of the hypothesis, contradicts it if they share none,
and leaves it open otherwise: the set relations of MacCartney and Manning 2009, *An extended model of natural
logic* (IWCS), as far as three labels tell them apart. Claims on unrelated topics leave each other open.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from study.data.text import nli_world as world

ENTAILMENT, NEUTRAL, CONTRADICTION = range(3)
LABELS = (ENTAILMENT, NEUTRAL, CONTRADICTION)
_LOOKS = 30  # for a topic that shares a word with another one: some topics share none

Topic = dict[str, str]
Words = tuple[tuple[str, str], ...]


class Claim(NamedTuple):
    form: str
    """Which templates say it; one that begins with `not ` denies the form behind it."""
    words: Words
    """What fills the templates, beside the words of the topic."""
    ways: frozenset[int]
    """In which of the ways that the world may be it holds."""

    @property
    def denial(self) -> str:
        """The form that says the opposite in the same words."""
        return self.form.removeprefix("not ") if self.form.startswith("not ") else f"not {self.form}"


def polar(form: str, words: Words, ways: Sequence[int] | frozenset[int], every: int) -> list[Claim]:
    """A claim and its denial, out of `every` ways that the world may be."""
    held = frozenset(ways)
    return [Claim(form, words, held), Claim(f"not {form}", words, frozenset(range(every)) - held)]


def relation(premise: frozenset[int], hypothesis: frozenset[int]) -> int:
    """The label of two claims on one topic, by the ways in which they hold."""
    if premise <= hypothesis:
        return ENTAILMENT
    return NEUTRAL if premise & hypothesis else CONTRADICTION


class Claims:
    """All claims on a topic. A form is as likely as any other, however many claims have it."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._every = _by_form(claims)
        self._premises = {
            (claim, label): _by_form([c for c in claims if relation(c.ways, claim.ways) == label])
            for claim in claims
            for label in LABELS
        }

    def any(self, rng: np.random.Generator) -> Claim:
        return _pick(self._every, rng)

    def premise(self, hypothesis: Claim, label: int, rng: np.random.Generator) -> Claim | None:
        """A claim that stands in this relation to the hypothesis, if one does."""
        fitting = self._premises[hypothesis, label]
        return _pick(fitting, rng) if fitting else None

    def denied(self, claim: Claim) -> Claim | None:
        """The opposite in the same words, if there is a form for it."""
        return next((c for c in self._every.get(claim.denial, ()) if c.words == claim.words), None)


def _by_form(claims: Sequence[Claim]) -> dict[str, list[Claim]]:
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(claim.form, []).append(claim)
    return groups


def _pick(groups: dict[str, list[Claim]], rng: np.random.Generator) -> Claim:
    return choose(choose(list(groups.values()), rng), rng)


def choose(options: Sequence, rng: np.random.Generator):
    """One of the options, all equally likely."""
    return options[rng.integers(len(options))]


def two_people(rng: np.random.Generator) -> Topic:
    """Two of them, and the pair whichever way around."""
    a, b = (world.PEOPLE[k] for k in rng.choice(len(world.PEOPLE), 2, replace=False))
    return {"a": a, "b": b, "pair": " and ".join(sorted((a, b)))}


@dataclass(frozen=True)
class Family:
    """Statements that are alike: the same claims on many topics, in the same words."""

    name: str
    reasoning: str
    """What the labels of its pairs hang on."""
    topic: Callable[[np.random.Generator], Topic]
    claims: Callable[[Topic], Claims]
    templates: dict[str, tuple[str, ...]]
    """Of each form, with the words of topic and claim in braces."""
    about: tuple[str, ...]
    """Topics that differ in one of these words are unrelated."""

    @cached_property
    def structures(self) -> dict[str, str]:
        """A name for each template."""
        every = dict.fromkeys(template for some in self.templates.values() for template in some)
        return {template: f"{self.name} {number}" for number, template in enumerate(every)}

    def say(self, topic: Topic, claim: Claim, rng: np.random.Generator) -> tuple[str, str]:
        """A sentence without its full stop, and the name of its structure."""
        template = choose(self.templates[claim.form], rng)
        return template.format(**topic, **dict(claim.words)), self.structures[template]

    def unrelated(self, topic: Topic, rng: np.random.Generator) -> Topic:
        """Another topic; one that shares a word with this one, if such a topic comes up."""
        other = None
        for _ in range(_LOOKS):
            drawn = self.topic(rng)
            if any(drawn[word] != topic[word] for word in self.about):
                other = drawn
                if set(drawn.values()) & set(topic.values()):
                    break
        return other
