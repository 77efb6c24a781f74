"""Utterances to a voice assistant with their domain, intent and slots, in the form of MASSIVE and SNIPS.

Utterances are drawn from a grammar (`nlu_grammar`, `nlu_values`), so the truth of each is known, and how
usual it is. What makes them hard is what makes real ones hard: phrases that several domains share, fillers
that training never showed or showed elsewhere, domains with few examples, and slips of the recogniser.
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from math import prod

import numpy as np

from study.data.splits import class_quotas
from study.data.text.examples import Texts
from study.data.text.nlu_grammar import CARRIERS
from study.data.text.nlu_languages import ENGLISH, said_in
from study.data.text.nlu_phrases import Words, mixed, slot_of, tags_of, values, zipf
from study.data.text.nlu_slips import slipped

DOMAINS: tuple[str, ...] = tuple(CARRIERS)
SHORTEST, LONGEST = 3, 12  # words of an utterance
_DRAWS = 50  # for each utterance that is wanted
_PARTS = 10**9  # shares are counted in: class_quotas takes whole numbers


@dataclass(frozen=True)
class _Carrier:
    """A phrase with its slots open."""

    domain: str
    intent: str
    words: Words
    chance: float
    """In its domain."""

    @property
    def slots(self) -> list[str]:
        return [slot for slot in map(slot_of, self.words) if slot]

    @property
    def template(self) -> str:
        """The phrase with `_` for each slot, whatever fills it."""
        return " ".join("_" if slot_of(word) else word for word in self.words)


@dataclass(frozen=True)
class _Utterance:
    words: list[str]
    tags: list[str]
    carrier: _Carrier
    slip: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.words)


def nlu(
    train: int,
    test: int,
    imbalance: float,
    slips: float,
    rng: np.random.Generator,
    language: str = ENGLISH,
) -> tuple[Texts, Texts]:
    """Different utterances to train on and to test on, in random order; labels are places in `DOMAINS`.

    Training examples become fewer from domain to domain by one factor; of test examples each domain has
    equally many, to within one. Both parts of a domain are drawn together and parted at random.

    Facts: `intent`; `slots`, a BIO tag for each word, joined by blanks; `template`, the carrier phrase with
    `_` for each slot; `shared`, whether another domain has this phrase too; `slip`, whether a word slipped;
    `traffic`, the chance of the phrase and its slots (not of what fills them) in training traffic, over all
    domains: they sum to 1, and the tail has the small ones.

    Args:
        train, test: utterances in all.
        imbalance: training examples of the first domain for each of the last, before rounding.
        slips: share of the utterances of each part in which a word slipped, 0…1.
        rng: the generator.
        language: in which they are said, one of `nlu_languages.LANGUAGES`; templates are in English.

    Raises:
        ValueError: a domain is left without an example, or there are not so many different utterances, or
            not so many that can slip.
    """
    shares = float(imbalance) ** -np.linspace(0, 1, len(DOMAINS))
    shares /= shares.sum()
    in_train = class_quotas(np.rint(_PARTS * shares).astype(np.int64), train)
    in_test = class_quotas(np.full(len(DOMAINS), _PARTS), test)
    for part, sizes in (("training", in_train), ("test", in_test)):
        if sizes.min() == 0:
            raise ValueError(f"{sizes.sum()} {part} utterances leave {DOMAINS[sizes.argmin()]} without one")
    seen: set[str] = set()
    parts: tuple[list[_Utterance], list[_Utterance]] = ([], [])
    for domain, few, others in zip(DOMAINS, in_train, in_test, strict=True):
        drawn = _drawn(domain, few + others, seen, rng)
        order = rng.permutation(len(drawn))  # what is drawn first is usual
        parts[0].extend(drawn[place] for place in order[:few])
        parts[1].extend(drawn[place] for place in order[few:])
    made = []
    for utterances in parts:
        spoken = _with_slips(utterances, slips, seen, rng)
        made.append(_texts([spoken[place] for place in rng.permutation(len(spoken))], shares, language))
    return made[0], made[1]


@cache
def _carriers(domain: str) -> tuple[_Carrier, ...]:
    """Every carrier phrase of a domain."""
    intents = CARRIERS[domain]
    return tuple(
        _Carrier(domain, intent, words, weight * chance)
        for (intent, phrases), weight in zip(intents.items(), zipf(len(intents)), strict=True)
        for words, chance in mixed(phrases).items()
    )


@cache
def _shared_templates() -> frozenset[str]:
    """Templates that more than one domain has."""
    domains: dict[str, set[str]] = {}
    for carrier in chain.from_iterable(map(_carriers, DOMAINS)):
        domains.setdefault(carrier.template, set()).add(carrier.domain)
    return frozenset(template for template, having in domains.items() if len(having) > 1)


def _drawn(domain: str, wanted: int, seen: set[str], rng: np.random.Generator) -> list[_Utterance]:
    """Different utterances of a domain, none of which was seen; they are added to what was."""
    carriers = _carriers(domain)
    there = sum(prod(len(values(slot)) for slot in carrier.slots) for carrier in carriers)
    if wanted > there:
        raise ValueError(f"{wanted} utterances about {domain} are asked for, and there are at most {there}")
    chances = np.cumsum([carrier.chance for carrier in carriers])
    found: list[_Utterance] = []
    for _ in range(_DRAWS * wanted):
        place = np.searchsorted(chances, rng.random())
        utterance = _filled(carriers[min(place, len(carriers) - 1)], rng)
        if SHORTEST <= len(utterance.words) <= LONGEST and utterance.text not in seen:
            seen.add(utterance.text)
            found.append(utterance)
        if len(found) == wanted:
            return found
    raise ValueError(
        f"{wanted} different utterances about {domain} are asked for, and {_DRAWS * wanted} draws found "
        f"{len(found)}: ask for fewer"
    )


def _filled(carrier: _Carrier, rng: np.random.Generator) -> _Utterance:
    """An utterance with a value drawn for each slot of its carrier phrase."""
    words, tags = [], []
    for word in carrier.words:
        slot = slot_of(word)
        filler = (word,) if slot is None else _value(slot, rng)
        words.extend(filler)
        tags.extend(tags_of(slot, len(filler)))
    return _Utterance(words, tags, carrier)


@cache
def _cumulative(slot: str) -> tuple[list[Words], np.ndarray]:
    """The values of a slot, and their chances summed up."""
    return list(values(slot)), np.cumsum(list(values(slot).values()))


def _value(slot: str, rng: np.random.Generator) -> Words:
    there, chances = _cumulative(slot)
    return there[min(np.searchsorted(chances, rng.random()), len(there) - 1)]


def _with_slips(
    utterances: list[_Utterance], share: float, seen: set[str], rng: np.random.Generator
) -> list[_Utterance]:
    """The utterances, a share of them after a slip that gave a text not seen before."""
    wanted, result = round(share * len(utterances)), list(utterances)
    done = 0
    for place in rng.permutation(len(utterances)):
        if done == wanted:
            break
        slip = slipped(utterances[place].words, utterances[place].tags, SHORTEST, rng)
        if slip is not None and " ".join(slip[0]) not in seen:
            result[place] = replace(utterances[place], words=slip[0], tags=slip[1], slip=True)
            seen.add(result[place].text)
            done += 1
    if done < wanted:
        raise ValueError(f"{wanted} of {len(utterances)} utterances are to slip, and only {done} could")
    return result


def _texts(utterances: list[_Utterance], shares: np.ndarray, language: str) -> Texts:
    labels = np.array([DOMAINS.index(u.carrier.domain) for u in utterances], dtype=np.int64)
    shared = _shared_templates()
    said = [said_in(language, u.words, u.tags) for u in utterances]
    facts = {
        "intent": np.array([u.carrier.intent for u in utterances]),
        "slots": np.array([" ".join(tags) for _, tags in said]),
        "template": np.array([u.carrier.template for u in utterances]),
        "shared": np.array([u.carrier.template in shared for u in utterances]),
        "slip": np.array([u.slip for u in utterances]),
        "traffic": shares[labels] * [u.carrier.chance for u in utterances],
    }
    return Texts(([" ".join(words) for words, _ in said],), labels, facts)
