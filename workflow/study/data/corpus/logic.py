"""Chains of made-up kinds: does it follow that one thing is of a kind? The working names every step."""

import numpy as np

from study.data.corpus.examples import Asked, Part, shuffled
from study.data.corpus.facts import names

_YES, _NO = "yes", "no"


def chains(train: int, test: int, longest: int, kinds: int, rng: np.random.Generator) -> Part:
    """Problems with rules in random order; half of the answers are no, and no test problem is trained on.

    Two chains of rules are told that are equally long, of which one starts at the kind of the thing. Asked is
    whether the thing is of the kind at the end of that chain, or of the other: only who follows the rules can
    tell. The working follows them from the thing to their end.

    Args:
        train, test: how many.
        longest: rules of a chain at most; each length equally often.
        kinds: how many made-up kinds there are, of which each problem names some.
        rng: the stream that draws.

    Raises:
        ValueError: there are too few kinds for the longest chains.
    """
    if kinds < 2 * longest + 2:
        raise ValueError(f"two chains of {longest} rules name {2 * longest + 2} kinds, and there are {kinds}")
    words = names(kinds, 2, rng)
    problems: dict[str, Asked] = {}
    while len(problems) < train + test:
        steps, follows = 1 + len(problems) % longest, len(problems) // longest % 2 == 0
        question = _problem(words, steps, follows, rng)
        problems[question.prompt] = question
    drawn = [list(problems.values())[place] for place in rng.permutation(train + test)]
    asked = [question._replace(trained=place < train) for place, question in enumerate(drawn)]
    texts = [f"{question.prompt} {question.answer}" for question in asked]
    return Part(texts[:train], texts[train:], asked)


def _problem(words: list[str], steps: int, follows: bool, rng: np.random.Generator) -> Asked:
    drawn = [words[place] for place in rng.choice(len(words), 2 * steps + 2, replace=False)]
    chain, other = drawn[: steps + 1], drawn[steps + 1 :]
    rules = [(of[place], of[place + 1]) for of in (chain, other) for place in range(steps)]
    told = shuffled([f"every {a} is a {b} ." for a, b in rules], rng)
    worked = " , ".join(f"{a} so {b}" for a, b in rules[:steps])
    goal = chain[-1] if follows else other[-1]
    prompt = f"{' '.join(told)} this is a {chain[0]} . is it a {goal} ?"
    return Asked(prompt, f"{worked} ; {_YES if follows else _NO} .", f"chain of {steps}", False)
