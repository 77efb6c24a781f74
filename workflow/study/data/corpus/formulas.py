"""Formulas of truth values, worked out from left to right: logic that needs no looking things up."""

import numpy as np

from study.data.corpus.examples import EXACT, Asked, Part, shuffled, some_asked

_VALUES = ("no", "yes")
_OPERATORS = {"and": min, "or": max, "xor": lambda a, b: int(a != b)}


def there_are(terms: int) -> int:
    """How many formulas of so many terms there are."""
    return 2**terms * len(_OPERATORS) ** (terms - 1)


def formulas(train: int, test: int, terms: int, rng: np.random.Generator) -> Part:
    """Formulas such as `yes and no or yes :`, with their steps; no test formula is trained on.

    Operators bind from left to right, whatever they are. Asked are all test formulas and as many that are
    trained on.

    Raises:
        ValueError: there are not so many.
    """
    if train + test > there_are(terms):
        raise ValueError(
            f"{train + test} formulas of {terms} terms are asked for, and there are {there_are(terms)}"
        )
    drawn = rng.choice(there_are(terms), train + test, replace=False)
    asked = []
    for place, number in enumerate(drawn.tolist()):
        values, operators = _formula(number, terms)
        words = [_VALUES[values[0]]]
        for operator, value in zip(operators, values[1:], strict=True):
            words += [operator, _VALUES[value]]
        asked.append(Asked(f"{' '.join(words)} :", _working(values, operators), "formula", place < train))
    texts = [f"{question.prompt} {question.answer}" for question in asked]
    return Part(shuffled(texts[:train], rng), texts[train:], some_asked(asked, test), "reasoning", EXACT)


def _formula(number: int, terms: int) -> tuple[list[int], list[str]]:
    """The values and operators of a formula, by its number."""
    values, operators = [], []
    for _ in range(terms):
        number, value = divmod(number, 2)
        values.append(value)
    for _ in range(terms - 1):
        number, operator = divmod(number, len(_OPERATORS))
        operators.append(list(_OPERATORS)[operator])
    return values, operators


def _working(values: list[int], operators: list[str]) -> str:
    """The steps from left to right, and the value: `yes and no = no , no or yes = yes ; yes .`"""
    found, steps = values[0], []
    for operator, value in zip(operators, values[1:], strict=True):
        result = _OPERATORS[operator](found, value)
        steps.append(f"{_VALUES[found]} {operator} {_VALUES[value]} = {_VALUES[result]}")
        found = result
    return f"{' , '.join(steps)} ; {_VALUES[found]} ."
