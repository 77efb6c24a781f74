"""Sums that are worked out digit by digit: what a model can learn to do, not to remember."""

import numpy as np

from study.data.corpus.examples import Asked, Part, shuffled


def sums(train: int, test: int, digits: int, rng: np.random.Generator) -> Part:
    """Additions of two numbers of so many digits, with their steps; no test problem is trained on.

    Digits are tokens of their own, since they stand between blanks. Questions ask for the whole working.

    Raises:
        ValueError: there are not so many different problems.
    """
    low, high = 10 ** (digits - 1), 10**digits
    if train + test > (high - low) ** 2 / 2:
        raise ValueError(f"there are not {train + test} different sums of {digits} digits")
    problems: dict[tuple[int, int], None] = {}
    while len(problems) < train + test:
        a, b = rng.integers(low, high, 2).tolist()
        problems[a, b] = None
    pairs = list(problems)
    asked = [
        Asked(f"{spaced(a)} + {spaced(b)} :", working(a, b), "sum", place < train)
        for place, (a, b) in enumerate(pairs)
    ]
    texts = [f"{question.prompt} {question.answer}" for question in asked]
    return Part(shuffled(texts[:train], rng), texts[train:], asked)


def working(a: int, b: int) -> str:
    """The steps from the last digit to the first, and the sum: `9 + 3 = 1 2 , 1 + 2 + 1 = 4 ; 4 2 .`"""
    length, carry, steps = max(len(str(a)), len(str(b))), 0, []
    for place in range(length):
        parts = [a // 10**place % 10, b // 10**place % 10] + ([carry] if carry else [])
        total = sum(parts)
        steps.append(f"{' + '.join(map(str, parts))} = {spaced(total)}")
        carry = total // 10
    return f"{' , '.join(steps)} ; {spaced(a + b)} ."


def spaced(number: int) -> str:
    """The digits of a number, between blanks."""
    return " ".join(str(number))
