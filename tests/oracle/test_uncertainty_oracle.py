"""Scores of a pool, each from its formula, an utterance and a word at a time."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracle.mutation import mutated

from study.errors import StudyError
from study.selection import uncertainty
from study.selection.uncertainty import Guesses


def guesses_of(seed: int, n: int, slots: bool = True) -> Guesses:
    rng = np.random.default_rng(seed)
    words = rng.integers(1, 6, n)
    total = int(words.sum())
    return Guesses(
        rng.normal(0, 2, (n, 4)),
        rng.normal(0, 2, (n, 7)),
        rng.normal(0, 2, (total, 5)) if slots else None,
        words,
        rng.integers(0, 4, n),
        rng.integers(0, 7, n),
        rng.integers(0, 5, total) if slots else None,
    )


def softmax(logits):
    weights = [math.exp(value) for value in logits]
    return [weight / sum(weights) for weight in weights]


def normalised(p):
    return -sum(each * math.log(each) for each in p) / math.log(len(p))


def distance(p, label):
    return math.sqrt(sum((each - (k == label)) ** 2 for k, each in enumerate(p)))


def by_hand(g: Guesses) -> list[dict[str, float]]:
    rows, start = [], 0
    for k in range(len(g.words)):
        domain, intent = softmax(g.domains[k]), softmax(g.intents[k])
        row = {}
        for name, p, label in (("domain", domain, g.weak_domains[k]), ("intent", intent, g.weak_intents[k])):
            best = sorted(p, reverse=True)
            others = [each for j, each in enumerate(p) if j != label]
            row[f"entropy_{name}"] = normalised(p)
            row[f"el2n_{name}"] = distance(p, label)
            row[f"margin_{name}"] = best[0] - best[1]
            row[f"least_confidence_{name}"] = 1 - best[0]
            row[f"label_margin_{name}"] = p[label] - max(others)
        s = row["el2n_intent"]
        if g.slots is None:
            row["entropy_joint"] = (row["entropy_domain"] + row["entropy_intent"]) / 2
            row |= {"el2n_joint_root": s, "el2n_joint_sum": s, "el2n_joint_mean": s}
            rows.append(row)
            continue
        places = range(start, start + g.words[k])
        start += g.words[k]
        unsure = [normalised(softmax(g.slots[place])) for place in places]
        t = [distance(softmax(g.slots[place]), g.weak_slots[place]) for place in places]
        row["entropy_slots_mean"], row["entropy_slots_sum"] = sum(unsure) / len(unsure), sum(unsure)
        row["entropy_slots_max"] = max(unsure)
        row["entropy_joint"] = (row["entropy_domain"] + row["entropy_intent"] + row["entropy_slots_mean"]) / 3
        row["el2n_joint_root"] = math.sqrt(s * s + sum(each * each for each in t))
        row["el2n_joint_sum"] = s + sum(t)
        row["el2n_joint_mean"] = (s + sum(t) / len(t)) / 2
        rows.append(row)
    return rows


def wrong(module=uncertainty, seed=0, n=9, slots=True) -> list[str]:
    g = guesses_of(seed, n, slots)
    found, expected = module.uncertainties(g), by_hand(g)
    assert set(found) == set(expected[0])
    return [
        name for name in found if not np.allclose(found[name], [row[name] for row in expected], rtol=1e-9)
    ]


@given(seed=st.integers(0, 10**6), n=st.integers(1, 12), slots=st.booleans())
def test_every_score(seed, n, slots):
    assert wrong(seed=seed, n=n, slots=slots) == []


@pytest.mark.parametrize(
    ("old", "new", "columns"),
    [
        ("np.log(head.p.shape[1])", "np.log(2)", {"entropy_domain", "entropy_joint"}),
        ("np.cumsum(guesses.words) - guesses.words", "np.arange(len(guesses.words))", {"entropy_slots_max"}),
        ("np.maximum.reduceat", "np.minimum.reduceat", {"entropy_slots_max"}),
        ("distance**2", "distance", {"el2n_joint_root"}),
        ("sums / guesses.words) / 2", "sums / guesses.words)", {"el2n_joint_mean"}),
        ("1 - first", "first", {"least_confidence_domain"}),
    ],
)
def test_a_planted_mistake_is_found(old, new, columns):
    assert columns <= set(wrong(mutated(uncertainty, (old, new))))


def test_batches_of_utterances_score_as_all_together():
    g = guesses_of(3, 10)
    whole = uncertainty.uncertainties(g)
    ends = np.cumsum(g.words)
    for first, last in ((0, 4), (4, 10)):
        words = slice(ends[first] - g.words[first], ends[last - 1])
        rows = slice(first, last)
        part = Guesses(
            g.domains[rows], g.intents[rows], g.slots[words], g.words[rows],
            g.weak_domains[rows], g.weak_intents[rows], g.weak_slots[words],
        )  # fmt: skip
        for name, values in uncertainty.uncertainties(part).items():
            np.testing.assert_array_equal(values, whole[name][rows])


def test_low_is_what_makes_margins_worth_adding():
    g = guesses_of(1, 300)
    found = uncertainty.uncertainties(g)
    for name in uncertainty.LOW:
        high = ("el2n_" if name.startswith("label") else "least_confidence_") + name.rpartition("_")[2]
        assert np.corrcoef(found[name], found[high])[0, 1] < -0.5


def test_what_is_no_number_is_refused():
    g = guesses_of(0, 3)
    g.intents[1, 2] = np.nan
    with pytest.raises(StudyError):
        uncertainty.uncertainties(g)
