"""Natural-language inference, generated: does a premise entail a hypothesis, contradict it, or neither?

The hypothesis is drawn first, whatever the label; the premise is drawn for it. Words of the hypothesis alone
therefore say nothing about the label, unless artefacts are asked for.
"""

from typing import NamedTuple

import numpy as np

from study.data.text import nli_ambiguous as ambiguous
from study.data.text import nli_world as world
from study.data.text.examples import Texts
from study.data.text.nli_families import FAMILIES, SHARES
from study.data.text.nli_logic import CONTRADICTION, ENTAILMENT, Claim, Claims, Family, Topic, choose

CLASSES = ("entailment", "neutral", "contradiction")

MARKERS = (
    ("indeed", "of course", "as expected"),
    ("perhaps surprisingly", "by the way", "for some reason"),
    ("on the contrary", "in reality", "however"),
)
"""Phrases that annotators of each class like: they change nothing in what a sentence says."""

_DENIALS = 0.4  # of the hypotheses that would deny something are kept
_EASY = 0.25  # of the premises repeat the hypothesis, deny it in its own words, or speak of something else
_ELSEWHERE = 0.8  # of the premises that speak of something else are of another family
_MANNER = 0.3  # of the premises say in passing how somebody is
_ASIDE = 0.25  # of the premises also say what else was the case
_ATTEMPTS = 200  # at a premise that has not come before


class _Pair(NamedTuple):
    premise: str
    hypothesis: str
    reasoning: str
    structure: str
    other_label: int = -1
    label_probability: float = 1.0


def nli(
    train: int, test: int, artefacts: float, ambiguity: float, rng: np.random.Generator
) -> tuple[Texts, Texts]:
    """Premises and hypotheses to train on, and others to test on: no premise of one part is in the other.

    Words are separated by blanks, and so is the full stop. Classes are of one size, within one example.

    Facts:
        `reasoning`: what the label hangs on. `identity`: the premise repeats the hypothesis, with words that
            mean the same; `negation`: it denies it so; `unrelated`: it is about something else; else the
            name of a family of `nli_families` or of a form of `nli_ambiguous`.
        `structure`: the sentence structures of premise and hypothesis, with ` / ` between them.
        `artefact`, `artefact_label`: whether a phrase of `MARKERS` in the hypothesis gives the label away,
            and which label it points to (-1 without one).
        `ambiguous`, `other_label`, `label_probability`: whether the pair has two readings, the label of the
            reading that was not drawn (-1 if there is only one), and how likely the drawn one was.

    Args:
        train, test: how many of each.
        artefacts: share of the examples with an artefact, of 0…1.
        ambiguity: share of the ambiguous examples, of 0…1.
        rng: the generator.

    Raises:
        ValueError: so many different examples were not found.
    """
    taken: set[str] = set()
    parts = []
    for size in (train, test):
        part = _part(size, artefacts, ambiguity, taken, rng)
        taken.update(part.texts[0])
        parts.append(part)
    return parts[0], parts[1]


def _part(size: int, artefacts: float, ambiguity: float, taken: set[str], rng: np.random.Generator) -> Texts:
    """One split, without the premises that are taken."""
    labels = rng.permutation(np.arange(size) % len(CLASSES))
    marked, twofold = _some(size, artefacts, rng), _some(size, ambiguity, rng)
    pairs: dict[tuple[str, str], _Pair] = {}
    for label, artefact, two in zip(labels.tolist(), marked, twofold, strict=True):
        pair = _new(label, artefact, two, taken, pairs, rng)
        if pair is None:
            raise ValueError(
                f"only {len(pairs)} different examples of {size} were found, beside {len(taken)} premises "
                "that are taken: ask for fewer"
            )
        pairs[pair.premise, pair.hypothesis] = pair
    columns = _Pair(*zip(*pairs.values(), strict=True)) if pairs else _Pair((), (), (), (), (), ())
    facts = {
        "reasoning": np.array(columns.reasoning, dtype=str),
        "structure": np.array(columns.structure, dtype=str),
        "artefact": marked,
        "artefact_label": np.where(marked, labels, -1),
        "ambiguous": twofold,
        "other_label": np.array(columns.other_label, dtype=np.int64),
        "label_probability": np.array(columns.label_probability, dtype=float),
    }
    return Texts((list(columns.premise), list(columns.hypothesis)), labels, facts)


def _some(size: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """(size,) bool: this share of the examples, at random."""
    return rng.permutation(size) < round(share * size)


def _new(
    label: int,
    artefact: bool,
    two: bool,
    taken: set[str],
    pairs: dict[tuple[str, str], _Pair],
    rng: np.random.Generator,
) -> _Pair | None:
    """A pair with this label that has not come before, if one is found."""
    form = ambiguous.draw(label, rng) if two else None  # once: rare forms would make others likelier
    for _ in range(_ATTEMPTS):
        pair = _ambiguous(form, label, rng) if form else _certain(label, rng)
        if artefact:
            pair = pair._replace(hypothesis=f"{choose(MARKERS[label], rng)} , {pair.hypothesis}")
        if pair.premise not in taken and (pair.premise, pair.hypothesis) not in pairs:
            return pair
    return None


def _ambiguous(form: ambiguous.Ambiguity, label: int, rng: np.random.Generator) -> _Pair:
    topic = form.topic(rng)
    premise = _with_aside(form.premise.format(**topic), rng)
    hypothesis = f"{form.hypothesis.format(**topic)} ."
    structure = f"{form.name} 0 / {form.name} 1"
    return _Pair(premise, hypothesis, form.name, structure, form.other(label), form.chance(label))


def _certain(label: int, rng: np.random.Generator) -> _Pair:
    family = _family(rng)
    topic = family.topic(rng)
    claims = family.claims(topic)
    claim = _asked(claims, rng)
    hypothesis, asked = family.say(topic, claim, rng)
    speaker, about, told = _premise(family, topic, claim, label, rng)
    if about is not topic:
        reasoning = "unrelated"
    elif told == claim:
        reasoning = "identity"
    else:
        reasoning = "negation" if told == claims.denied(claim) else family.reasoning
    premise, given = speaker.say(_with_manner(about, rng), told, rng)
    return _Pair(_with_aside(premise, rng), f"{hypothesis} .", reasoning, f"{given} / {asked}")


def _asked(claims: Claims, rng: np.random.Generator) -> Claim:
    """What a hypothesis says: a denial less often than another claim."""
    while True:
        claim = claims.any(rng)
        if not claim.form.startswith("not ") or rng.random() < _DENIALS:
            return claim


def _premise(
    family: Family, topic: Topic, hypothesis: Claim, label: int, rng: np.random.Generator
) -> tuple[Family, Topic, Claim]:
    """A claim that has the label for a hypothesis, with its family and its topic."""
    claims = family.claims(topic)
    told = claims.premise(hypothesis, label, rng)
    if rng.random() < _EASY:
        simple = {ENTAILMENT: hypothesis, CONTRADICTION: claims.denied(hypothesis) or told}
        told = simple.get(label)
    if told is not None:
        return family, topic, told
    speaker = _family(rng) if rng.random() < _ELSEWHERE else family
    about = family.unrelated(topic, rng) if speaker is family else speaker.topic(rng)
    return speaker, about, speaker.claims(about).any(rng)


def _family(rng: np.random.Generator) -> Family:
    return FAMILIES[rng.choice(len(FAMILIES), p=SHARES)]


def _with_manner(topic: Topic, rng: np.random.Generator) -> Topic:
    """A topic in which the first person may be told to be clever, say."""
    if "a" not in topic or rng.random() >= _MANNER:
        return topic
    *article, name = topic["a"].split()
    return {**topic, "a": " ".join([*article, choose(world.MANNERS, rng), name])}


def _with_aside(sentence: str, rng: np.random.Generator) -> str:
    """A whole sentence, in which something else may be told too."""
    if rng.random() >= _ASIDE:
        return f"{sentence} ."
    return f"{sentence} {choose(('while', 'although'), rng)} {choose(world.ASIDES, rng)} ."
