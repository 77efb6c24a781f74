"""Utterances read back from their words: a reader of its own finds every reading that the phrases allow."""

import re
from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.mutation import mutated

from study.data.text import nlu, nlu_phrases, nlu_slips
from study.data.text.nlu_grammar import CARRIERS
from study.data.text.nlu_slips import CONFUSED, DROPPED
from study.data.text.nlu_values import LISTS


def choices(phrases):
    """Phrases in order of rank with their chances by Zipf's law."""
    whole = sum(1 / k for k in range(1, len(phrases) + 1))
    return [(phrase.split(), 1 / k / whole) for k, phrase in enumerate(phrases, start=1)]


def grouped(parts):
    """The first part of a phrase, which may be a group of several words, and the others."""
    last = next(k for k, part in enumerate(parts) if ")" in part) if parts[0].startswith("(") else 0
    return " ".join(parts[: last + 1]), parts[last + 1 :]


def read(parts, words, filled):
    """Each way to read a phrase off the start of words: (tags, words that are left, chance).

    Unless `filled` the words are those of a template, in which `_` stands for a slot of any kind.
    """
    if not parts:
        yield (), words, 1.0
        return
    first, others = grouped(parts)
    for tags, left, chance in read_part(first, words, filled):
        for more, rest, of_more in read(others, left, filled):
            yield tags + more, rest, chance * of_more


@cache
def read_part(part, words, filled):
    """As `read`, of one word, slot, list or group, and all at once."""
    kind, name = part[0], part[1:-1]
    if kind == "{" and not filled:
        return [((f"B-{name}",), words[1:], 1.0)] if words[:1] == ("_",) else []
    if kind not in "(<{":
        return [(("O",), words[1:], 1.0)] if words[:1] == (part,) else []
    options = name.split("|") if kind == "(" else LISTS[name].replace("\n", " ").split(",")
    found = []
    for phrase, chance in choices(options):
        for tags, left, of_phrase in read(phrase, words, filled):
            if kind == "{":
                tags = tuple(f"{'I' if k else 'B'}-{name}" for k in range(len(tags)))
            found.append((tags, left, chance * of_phrase))
    return found


def readings(words, filled=True):
    """Every (domain, intent, tags) of which the words are an utterance, with its chance in the domain."""
    found = Counter()
    for domain, intents in CARRIERS.items():
        for (intent, phrases), (_, weight) in zip(intents.items(), choices(list(intents)), strict=True):
            for phrase, chance in choices(phrases):
                for tags, left, of_phrase in read(phrase, tuple(words), filled):
                    if not left:
                        found[domain, intent, tags] += weight * chance * of_phrase
    return found


def clean(words, tags, template):
    """Template and slots put together: words and tags before a slip; and the slipped template."""
    values, spoken = [], []
    for word, tag in zip(words, tags, strict=True):
        if tag[0] == "I":
            values[-1].append((word, tag))
            continue
        if tag[0] == "B":
            values.append([(word, tag)])
        spoken.append("_" if tag[0] == "B" else word)
    assert template.count("_") == len(values)
    filled = [pair for word in template for pair in (values.pop(0) if word == "_" else [(word, "O")])]
    return *zip(*filled, strict=True), spoken


def is_slip(template, spoken):
    """Whether one slip makes the second of the first."""
    lost = [template[:k] + template[k + 1 :] for k, word in enumerate(template) if word in DROPPED]
    heard = [
        [*template[:k], CONFUSED[word], *template[k + 1 :]]
        for k, word in enumerate(template)
        if word in CONFUSED
    ]
    swapped = [
        [*template[:k], template[k + 1], template[k], *template[k + 2 :]]
        for k in range(len(template) - 1)
        if "_" not in template[k : k + 2]
    ]
    return spoken != template and spoken in lost + heard + swapped


def check(parts, imbalance):
    """Everything that the utterances of both parts say of themselves."""
    domains = list(CARRIERS)
    texts = [text for part in parts for text in part.texts[0]]
    assert len(set(texts)) == len(texts)
    shares = np.array([imbalance ** (-k / (len(domains) - 1)) for k in range(len(domains))])
    shares /= shares.sum()
    for part in parts:
        for row, (text, label) in enumerate(zip(part.texts[0], part.labels, strict=True)):
            facts = {name: values[row] for name, values in part.facts.items()}
            words, tags = text.split(" "), tuple(facts["slots"].split(" "))
            assert re.fullmatch(r"[a-z]+( [a-z]+){2,11}", text) and len(tags) == len(words)
            template, truth = facts["template"].split(" "), (domains[label], facts["intent"])
            before, tags_before, spoken = clean(words, tags, template)
            assert list(readings(before)) == [(*truth, tags_before)]
            if facts["slip"]:
                assert is_slip(template, spoken)
                assert {reading[:2] for reading in readings(words)} <= {truth}
            else:
                assert spoken == template
            known = readings(template, filled=False)
            opened = tuple(tag for tag in tags_before if tag[0] != "I")
            np.testing.assert_allclose(facts["traffic"], known[*truth, opened] * shares[label])
            assert facts["shared"] == (len({domain for domain, _, _ in known}) > 1)


@settings(deadline=None, max_examples=3)
@given(st.floats(1, 8), st.sampled_from([0.0, 0.3, 0.9]), st.integers(0, 2**32 - 1))
def test_every_utterance_has_one_reading_and_it_is_the_one_recorded(imbalance, slips, seed):
    check(nlu.nlu(240, 80, imbalance, slips, np.random.default_rng(seed)), imbalance)


MUTANTS = {
    "slots begin inside": (nlu_phrases, '[f"B-{slot}"', '[f"I-{slot}"'),
    "a slot ends early": (nlu_phrases, '*[f"I-{slot}"]', '*["O"]'),
    "labels of the neighbour": (
        nlu,
        "DOMAINS.index(u.carrier.domain)",
        "DOMAINS.index(u.carrier.domain) - 1",
    ),
    "utterances come again": (nlu, " and utterance.text not in seen", ""),
    "shared by three": (nlu, "len(having) > 1", "len(having) > 2"),
    "traffic of the domain left out": (nlu, "shares[labels] *", "shares[labels] ** 0 *"),
    "slips are not recorded": (nlu, ", slip=True", ""),
    "tags stay when a word is lost": (nlu_slips, "tags[:at] + tags[at + 1 :]", "tags[:-1]"),
    "slots slip": (nlu_slips, 'if tag == "O"', "if tag"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_reader_notices(name):
    module, *edit = MUTANTS[name]
    mutant = mutated(nlu, edit) if module is nlu else mutated(nlu)
    if module is nlu_slips:
        mutant.slipped = mutated(nlu_slips, edit).slipped
    if module is nlu_phrases:
        mutant.tags_of = mutated(nlu_phrases, edit).tags_of
    parts = mutant.nlu(600, 200, 5.0, 0.5, np.random.default_rng(0))
    with pytest.raises((AssertionError, IndexError)):
        check(parts, 5.0)
