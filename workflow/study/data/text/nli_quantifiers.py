"""Statements that all, some, none or not all of a group did or were something.

A group is never empty. So the claims are those of the square of opposition: `all` entails `some` and denies
`no` and `not all`; `some` and `not all` leave each other open.
"""

from collections.abc import Callable

import numpy as np

from study.data.text import nli_world as world
from study.data.text.nli_logic import Claims, Family, Topic, choose, polar

_NONE, _PART, _WHOLE = range(3)
_CLAIMS = Claims([*polar("all", (), [_WHOLE], 3), *polar("some", (), [_PART, _WHOLE], 3)])


def _family(
    name: str,
    topic: Callable[[np.random.Generator], Topic],
    templates: dict[str, tuple[str, ...]],
    about: tuple[str, ...],
) -> Family:
    return Family(name, "quantifier", topic, lambda topic: _CLAIMS, templates, about)


def _group(rng: np.random.Generator) -> Topic:
    one, many = choose(world.GROUPS, rng)
    return {"one": one, "many": many}


def _deed(deeds: tuple[tuple[str, str], ...], rng: np.random.Generator) -> Topic:
    do, did = choose(deeds, rng)
    return {"do": do, "did": did}


def deeds() -> Family:
    """What a group did."""
    templates = {
        "all": ("all {many} {did}", "every {one} {did}", "all of the {many} {did}"),
        "not all": ("not all {many} {did}", "not every {one} {did}"),
        "some": ("some {many} {did}", "at least one {one} {did}", "some of the {many} {did}"),
        "not some": ("no {one} {did}", "none of the {many} {did}", "no {many} {did}"),
    }
    return _family("deed", lambda rng: {**_group(rng), **_deed(world.DEEDS, rng)}, templates, ("one", "do"))


def moods() -> Family:
    """How a group felt."""
    templates = {
        "all": ("all {many} were {mood}", "every {one} was {mood}", "all of the {many} were {mood}"),
        "not all": ("not all {many} were {mood}", "not every {one} was {mood}"),
        "some": (
            "some {many} were {mood}",
            "at least one {one} was {mood}",
            "some of the {many} were {mood}",
        ),
        "not some": ("no {one} was {mood}", "none of the {many} were {mood}"),
    }
    return _family(
        "mood", lambda rng: {**_group(rng), "mood": choose(world.MOODS, rng)}, templates, ("one", "mood")
    )


def venues() -> Family:
    """What a group did somewhere."""
    templates = {
        "all": ("all {many} in the {venue} {did}", "every {one} in the {venue} {did}"),
        "not all": ("not all {many} in the {venue} {did}", "not every {one} in the {venue} {did}"),
        "some": ("some {many} in the {venue} {did}", "at least one {one} in the {venue} {did}"),
        "not some": ("no {one} in the {venue} {did}", "none of the {many} in the {venue} {did}"),
    }
    return _family(
        "venue",
        lambda rng: {**_group(rng), **_deed(world.LOCAL_DEEDS, rng), "venue": choose(world.VENUES, rng)},
        templates,
        ("one", "do", "venue"),
    )


def stores() -> Family:
    """How things are that somebody keeps."""
    templates = {
        "all": ("all {things} of {a} are {quality}", "all of the {things} of {a} are {quality}"),
        "not all": ("not all {things} of {a} are {quality}", "not all of the {things} of {a} are {quality}"),
        "some": ("some {things} of {a} are {quality}", "some of the {things} of {a} are {quality}"),
        "not some": ("no {things} of {a} are {quality}", "none of the {things} of {a} are {quality}"),
    }

    def topic(rng: np.random.Generator) -> Topic:
        return {
            "a": choose(world.PEOPLE, rng),
            "things": choose(world.KEPT, rng),
            "quality": choose(world.QUALITIES, rng),
        }

    return _family("store", topic, templates, ("a", "things", "quality"))
