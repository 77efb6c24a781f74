"""The families of statements that premises and hypotheses are made of.

The ways that the world may be are: which leaf of a tree something is (`hypernymy`, `place`), which value a
property has (`attribute`), how many there are (`number`), how narrow a word fits what somebody does
(`action`), which of two people did something to the other (`role`), which of two has more of something
(`comparison`), and whether none, a part or all of a group did or was something (`quantifier`, in a module of
its own).
"""

from collections.abc import Callable

import numpy as np

from study.data.text import nli_quantifiers as quantifiers
from study.data.text import nli_world as world
from study.data.text.nli_logic import Claim, Claims, Family, Topic, choose, polar, two_people

_MOST = len(world.NUMBERS) + 4  # counts from 0: two of them lie beyond the largest number with a word
_LEVELS = ("top", "middle", "leaf")


def _polar_templates(
    said: tuple[str, ...], denied: tuple[str, ...], *forms: str
) -> dict[str, tuple[str, ...]]:
    """Templates of forms and of their denials; the first of `said` is also told to be true, or false."""
    yes, no = (*said, f"it is true that {said[0]}"), (*denied, f"it is false that {said[0]}")
    return {form: yes for form in forms} | {f"not {form}": no for form in forms}


def _person(rng: np.random.Generator) -> Topic:
    return {"a": choose(world.PEOPLE, rng)}


def _with_article(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _tree_claims(tree: world.Tree, written: Callable[[str], str]) -> Claims:
    """That something is, or is not, of some sort, on each of the three levels of a tree."""
    leaves = [leaf for middle in tree.values() for group in middle.values() for leaf in group]
    claims = []

    def add(level: str, word: str, below: tuple[str, ...]) -> None:
        ways = [leaves.index(leaf) for leaf in below]
        claims.extend(polar(level, (("x", written(word)),), ways, len(leaves)))

    for top, middle in tree.items():
        add("top", top, sum(middle.values(), ()))
        for word, group in middle.items():
            add("middle", word, group)
            for leaf in group:
                add("leaf", leaf, (leaf,))
    return Claims(claims)


def _hypernymy() -> Family:
    claims = _tree_claims(world.KINDS, _with_article)
    said = ("what {a} {got} is {x}", "the thing that {a} {got} is {x}", "{a} {got} one thing and it is {x}")
    denied = (
        "what {a} {got} is not {x}",
        "the thing that {a} {got} is not {x}",
        "{a} {got} one thing and it is not {x}",
    )
    return Family(
        "hypernymy",
        "hypernymy",
        lambda rng: {**_person(rng), "got": choose(world.GETTING, rng)},
        lambda topic: claims,
        _polar_templates(said, denied, *_LEVELS),
        ("a", "got"),
    )


def _place() -> Family:
    claims = _tree_claims(world.PLACES, str)
    said = ("{a} is in {x}", "{a} is somewhere in {x}", "{x} is where {a} is")
    denied = ("{a} is not in {x}", "{a} is nowhere in {x}", "{x} is not where {a} is")
    templates = _polar_templates(said, denied, *_LEVELS)
    return Family("place", "place", _person, lambda topic: claims, templates, ("a",))


def _attribute() -> Family:
    claims = {}
    for name, (_, values) in world.DIMENSIONS.items():
        every = [polar("value", (("x", value),), [k], len(values)) for k, value in enumerate(values)]
        claims[name] = Claims([claim for both in every for claim in both])

    def topic(rng: np.random.Generator) -> Topic:
        name = choose(tuple(world.DIMENSIONS), rng)
        return {"thing": choose(world.DIMENSIONS[name][0], rng), "dimension": name}

    said = ("the {thing} is {x}", "the {thing} here is {x}", "anybody can see that the {thing} is {x}")
    denied = (
        "the {thing} is not {x}",
        "the {thing} here is not {x}",
        "anybody can see that the {thing} is not {x}",
    )
    return Family(
        "attribute",
        "attribute",
        topic,
        lambda topic: claims[topic["dimension"]],
        _polar_templates(said, denied, "value"),
        ("thing", "dimension"),
    )


def _number() -> Family:
    quantities = {
        "exactly": lambda n: range(n, n + 1),
        "at least": lambda n: range(n, _MOST),
        "more than": lambda n: range(n + 1, _MOST),
        "at most": lambda n: range(n + 1),
        "fewer than": lambda n: range(n),
    }
    claims = Claims(
        [
            Claim(form, (("q", form), ("n", word)), frozenset(holds(n)))
            for form, holds in quantities.items()
            for n, word in enumerate(world.NUMBERS, start=2)
        ]
    )
    said = (
        "{a} has {q} {n} {things}",
        "{q} {n} {things} belong to {a}",
        "the number of {things} that {a} has is {q} {n}",
        "it is true that {a} has {q} {n} {things}",
    )
    return Family(
        "number",
        "number",
        lambda rng: {**_person(rng), "things": choose(world.COUNTED, rng)},
        lambda topic: claims,
        dict.fromkeys(quantities, said),
        ("a", "things"),
    )


def _action() -> Family:
    """Two leaves may be done at once, so a topic is one path down the tree."""
    every = (polar(level, (), range(1 + k, 4), 4) for k, level in enumerate(_LEVELS))
    claims = Claims([claim for both in every for claim in both])

    def topic(rng: np.random.Generator) -> Topic:
        top = choose(tuple(world.ACTIONS), rng)
        middle = choose(tuple(world.ACTIONS[top]), rng)
        return {**_person(rng), "top": top, "middle": middle, "leaf": choose(world.ACTIONS[top][middle], rng)}

    templates = {}
    for level in _LEVELS:
        said = (f"{{a}} is {{{level}}}", f"{{a}} is {{{level}}} now")
        denied = (f"{{a}} is not {{{level}}}", f"{{a}} is not {{{level}}} now")
        templates |= _polar_templates(said, denied, level)
    return Family("action", "action", topic, lambda topic: claims, templates, ("a", "top"))


def _role() -> Family:
    nobody, first, second, both = range(4)
    claims = Claims(
        [
            *polar("forth", (), [first, both], 4),
            *polar("back", (), [second, both], 4),
            Claim("mutual", (), frozenset([both])),
            Claim("neither", (), frozenset([nobody])),
        ]
    )

    def topic(rng: np.random.Generator) -> Topic:
        base, past = choose(world.TRANSITIVE, rng)
        return {**two_people(rng), "do": base, "did": past}

    templates = {
        "mutual": ("{a} and {b} {did} each other",),
        "neither": ("neither {a} nor {b} {did} the other",),
    }
    for form, who, whom in (("forth", "{a}", "{b}"), ("back", "{b}", "{a}")):
        said = (f"{who} {{did}} {whom}", f"{whom} was {{did}} by {who}")
        denied = (f"{who} did not {{do}} {whom}", f"{whom} was not {{did}} by {who}")
        templates |= _polar_templates(said, denied, form)
    return Family("role", "role", topic, lambda topic: claims, templates, ("pair", "do"))


def _comparison() -> Family:
    less, equal, more = range(3)
    claims = Claims(
        [
            *polar("more", (), [more], 3),
            *polar("less", (), [less], 3),
            Claim("equal", (), frozenset([equal])),
        ]
    )

    def topic(rng: np.random.Generator) -> Topic:
        above, below, same = choose(world.COMPARISONS, rng)
        return {**two_people(rng), "more": above, "less": below, "same": same}

    templates = {"equal": ("{a} and {b} are equally {same}", "{a} is exactly as {same} as {b}")}
    for form, turned in (("more", "less"), ("less", "more")):
        said = (f"{{a}} is {{{form}}} than {{b}}", f"{{b}} is {{{turned}}} than {{a}}")
        denied = (f"{{a}} is not {{{form}}} than {{b}}", f"{{b}} is not {{{turned}}} than {{a}}")
        templates |= _polar_templates(said, denied, form)
    return Family("comparison", "comparison", topic, lambda topic: claims, templates, ("pair", "more"))


FAMILIES = (
    *(make() for make in (quantifiers.deeds, quantifiers.moods, quantifiers.venues, quantifiers.stores)),
    *(make() for make in (_hypernymy, _place, _attribute, _number, _action, _role, _comparison)),
)
# Most are of one sort, which a small encoder can learn from 3,000 pairs; the others stay hard for it.
SHARES = (0.22, 0.2, 0.2, 0.18, 0.04, 0.03, 0.04, 0.04, 0.02, 0.015, 0.015)
