"""Parts of a corpus from files or the hub: texts, problems with answers, facts with ways to tell them."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

import numpy as np

from study.config.corpus import FactRows, ProblemRows, TextRows
from study.data.corpus.examples import F1, Asked, Part, shuffled, some_asked
from study.data.corpus.rows import Read, Written, filled
from study.errors import StudyError

_SUBJECT, _OBJECT = "[X]", "[Y]"


def texts(settings: TextRows, where: str) -> Part:
    """Texts to read; nothing is asked about them."""
    rows = Read(settings.train, f"{where}.train")
    written = Written(rows, settings.text, f"{where}.text")
    if settings.held_out is None:
        return Part(_Behind(written, settings.held_out_rows), [*islice(written, settings.held_out_rows)], [])
    held_out = Written(Read(settings.held_out, f"{where}.held_out"), settings.text, f"{where}.text")
    return Part(written, [*held_out], [])


class _Behind:
    """What follows the first so many texts."""

    def __init__(self, written: Written, first: int) -> None:
        self._written, self._first = written, first

    def __iter__(self) -> Iterator[str]:
        return islice(self._written, self._first, None)


def problems(settings: ProblemRows, where: str) -> Part:
    """Problems with answers: those to train on are documents, those of the test are held out and asked."""
    found = []
    for part, rows in (("train", settings.train), ("test", settings.test)):
        for row in Read(rows, f"{where}.{part}") if rows else ():
            prompt, answer = (filled(text, row, where) for text in (settings.prompt, settings.answer))
            found.append(Asked(prompt, answer, "problem", part == "train"))
    told = {question.prompt for question in found if question.trained}
    found = [question for question in found if question.trained or question.prompt not in told]
    documents = [f"{question.prompt} {question.answer}" for question in found if question.trained]
    held_out = [f"{question.prompt} {question.answer}" for question in found if not question.trained]
    asked = some_asked(found, settings.asked)
    return Part(documents, held_out, asked, settings.category, settings.measure)


def facts(settings: FactRows, where: str, rng: np.random.Generator) -> Part:
    """Facts, each told in several ways and asked for in another, in which half of them are told too.

    A subject with several objects has several right answers. Held out are facts of subjects that are never
    told of; of relations without a way to ask, nothing is told.

    Raises:
        StudyError: a column is missing, or no relation can be told and asked.
    """
    ways = _ways(settings, where)
    objects: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in Read(settings.facts, f"{where}.facts"):
        subject, relation, told = (
            filled(f"{{{key}}}", row, where) for key in ("subject", "relation", "object")
        )
        if relation in ways and told not in objects[subject, relation]:
            objects[subject, relation].append(told)
    pairs = [list(objects)[place] for place in rng.permutation(len(objects))]
    strangers = {subject for subject, _ in pairs[: settings.held_out]}
    documents, held_out, asked = [], [], []
    for place, (subject, relation) in enumerate(pairs):
        told, (others, ask) = objects[subject, relation], ways[relation]
        if subject in strangers:
            held_out.append(_said(others[0], subject, told[0]))
            continue
        chosen = [others[way] for way in rng.permutation(len(others))[: settings.phrasings]]
        if taught := place % 2 == 0:
            chosen.append(ask)
        documents += [_said(way, subject, each) for each in told for way in chosen]
        prompt = ask.replace(_SUBJECT, subject).partition(_OBJECT)[0].strip()
        asked.append(Asked(prompt, told[0], relation, taught, tuple(told[1:])))
    asked = some_asked(asked, settings.asked)  # in random order as they are
    return Part(shuffled(documents, rng), held_out, asked, "knowledge", F1)


def _ways(settings: FactRows, where: str) -> dict[str, tuple[list[str], str]]:
    """By relation: the ways to tell it, and the one to ask for its object."""
    patterns: dict[str, list[str]] = defaultdict(list)
    for row in Read(settings.patterns, f"{where}.patterns"):
        pattern = filled("{pattern}", row, where)
        if _SUBJECT in pattern and _OBJECT in pattern:
            patterns[filled("{relation}", row, where)].append(pattern)
    ways = {}
    for relation, of_relation in patterns.items():
        asking = [pattern for pattern in of_relation if pattern.rstrip(" .").endswith(_OBJECT)]
        telling = [pattern for pattern in of_relation if asking and pattern != asking[-1]]
        if telling:
            ways[relation] = (telling, asking[-1])
    if not ways:
        raise StudyError(
            "no relation can be told and asked for",
            where=f"{where}.patterns",
            expected=f"two patterns of a relation with {_SUBJECT} and {_OBJECT}, one ending with {_OBJECT}",
            do="add patterns",
        )
    return ways


def _said(pattern: str, subject: str, told: str) -> str:
    return pattern.replace(_SUBJECT, subject).replace(_OBJECT, told)
