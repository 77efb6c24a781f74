"""Slot errors against every one-to-one pairing of spans, error rates by hand, and intervals by their test."""

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.oracle.mutation import mutated

from study.analysis import slot_errors, understanding

TAGS = st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"])
UTTERANCES = st.integers(0, 6).flatmap(lambda n: st.tuples(*[st.lists(TAGS, min_size=n, max_size=n)] * 2))


def slots_in(tags):
    """{(label, words)}: a word joins the slot of the word before if it is tagged inside and alike."""
    slots = []
    for word, tag in enumerate(tags):
        joins = tag.startswith("I") and word and tags[word - 1][1:] == tag[1:]
        if joins:
            slots[-1][1].append(word)
        elif tag != "O":
            slots.append((tag[2:], [word]))
    return {(label, tuple(words)) for label, words in slots}


def best_pairing(reference, predicted):
    """(correct, changed) by trying, for every reference slot, every partner or none.

    Exact pairs count first, then pairs that share a word; both as many as can be.
    """
    reference, predicted = sorted(reference), sorted(predicted)
    outcomes = []
    for partners in product([None, *range(len(predicted))], repeat=len(reference)):
        chosen = [p for p in partners if p is not None]
        pairs = [(r, predicted[p]) for r, p in zip(reference, partners, strict=True) if p is not None]
        if len(set(chosen)) == len(chosen) and all(set(r[1]) & set(p[1]) for r, p in pairs):
            correct = sum(r == p for r, p in pairs)
            outcomes.append((correct, len(pairs) - correct))
    return max(outcomes)


def check_counts(module, right, given_tags):
    counts = module.slot_counts([right], [given_tags])
    reference, predicted = slots_in(right), slots_in(given_tags)
    correct, changed = best_pairing(reference, predicted)
    missed, inserted = (len(slots) - correct - changed for slots in (reference, predicted))
    for field, value in (("correct", correct), ("changed", changed), ("missed", missed)):
        assert getattr(counts, field).tolist() == [value]
    assert counts.inserted.tolist() == [inserted]
    assert counts.errors.tolist() == [missed + inserted + changed]
    assert module.slot_counts([given_tags], [right]).errors.tolist() == counts.errors.tolist()


@settings(max_examples=200, deadline=None)
@given(UTTERANCES)
@example((["B-a", "I-a", "I-a", "B-b"], ["B-a", "B-b", "B-a", "I-a"]))
@example((["B-a", "B-a", "B-a"], ["B-a", "I-a", "I-a"]))
def test_counts_are_those_of_the_best_pairing(tags):
    check_counts(slot_errors, *tags)


def rates_by_hand(utterances):
    """SEMER, F-SEMER, IRER and slot F1 of (wrong domain, wrong intent, reference tags, predicted tags)."""
    errors = there = taken = wrong = exact = 0
    for domain, intent, right, given_tags in utterances:
        reference, predicted = slots_in(right), slots_in(given_tags)
        correct, changed = best_pairing(reference, predicted)
        own = len(reference) + len(predicted) - 2 * correct - changed
        errors += own + intent
        there += 1 + len(reference)
        taken += 1 + len(predicted)
        wrong += bool(domain or intent or own)
        exact += len(reference & predicted)
    forth, back = errors / there, errors / taken
    harmonic = 0 if errors == 0 else 2 / (1 / forth + 1 / back)
    precision, recall = (
        exact / number if number else np.nan for number in (taken - len(utterances), there - len(utterances))
    )
    f1 = np.nan
    if not np.isnan([precision, recall]).all():  # slots on one side alone are all wrong
        f1 = 0.0 if exact == 0 else 2 / (1 / precision + 1 / recall)
    return forth, harmonic, wrong / len(utterances), f1


def check_rates(module, utterances):
    domain, intent, right, given_tags = zip(*utterances, strict=True)
    domain, intent = np.array(domain, dtype=bool), np.array(intent, dtype=bool)
    slots = module.slot_counts(right, given_tags)
    rates = (
        module.semer(intent, slots),
        module.f_semer(intent, slots),
        module.misinterpreted(domain, intent, slots).mean(),
        module.slot_f1(slots),
    )
    assert rates == pytest.approx(rates_by_hand(utterances), rel=1e-12, nan_ok=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), UTTERANCES), min_size=1, max_size=6))
def test_rates_are_those_by_hand(utterances):
    check_rates(slot_errors, [(domain, intent, *tags) for domain, intent, tags in utterances])


CASES = [
    (False, False, ["O", "B-a", "I-a", "O"], ["O", "B-a", "I-a", "O"]),
    (False, True, ["B-a", "I-a", "O", "B-b"], ["B-a", "O", "O", "O"]),
    (True, False, ["O", "O", "O"], ["B-a", "O", "B-b"]),
    (False, False, ["B-a", "B-a", "B-b"], ["B-a", "I-a", "I-a"]),
    (False, False, ["B-a", "I-a", "I-a"], ["O", "B-b", "B-a"]),
    (False, False, ["B-a", "I-a", "O"], ["B-b", "I-b", "O"]),
    (False, False, ["B-a", "I-a", "O"], ["O", "O", "I-a"]),
    (False, False, ["B-a", "I-b", "B-b"], ["B-a", "I-b", "I-b"]),
    (True, False, ["B-a"], ["B-a"]),
]
MUTANTS = {
    "an I- tag of another label goes on": ('kind == "I-" and name == label', 'kind == "I-" and label'),
    "B- goes on": ('kind == "I-" and name == label', "name and name == label"),
    "neighbours pair": ("right.end <= given.start", "right.end < given.start"),
    "labels do not matter": ("right == given", "right[1:] == given[1:]"),
    "a span pairs twice": ("i, j = i + 1, j + 1", "i, j = i + 1, j"),
    "a changed slot counts twice": (
        "self.missed + self.inserted + self.changed",
        "self.missed + self.inserted + 2 * self.changed",
    ),
    "the intent is no slot": ("len(wrong_intent) + slots.reference.sum()", "1 + slots.reference.sum()"),
    "the mean is not harmonic": ("both / 2", "both"),
    "F1 knows no inserted slots": (
        "slots.reference.sum() + slots.predicted.sum())",
        "2 * slots.reference.sum())",
    ),
    "F1 of changed slots": ("2 * slots.correct.sum()", "2 * (slots.correct + slots.changed).sum()"),
    "a wrong domain is no error": ("wrong_domain | wrong_intent\n", "wrong_intent\n"),
}


def check_all(module):
    for case in CASES:
        check_counts(module, *case[2:])
        check_rates(module, [case])
    check_rates(module, CASES)


def test_cases_by_name():
    check_all(slot_errors)


@pytest.mark.parametrize("edit", MUTANTS.values(), ids=MUTANTS)
def test_mutants_of_slot_errors_are_caught(edit):
    mutant = mutated(slot_errors, edit)
    with pytest.raises(AssertionError):
        check_all(mutant)


def check_interval(module, pruned, full):
    """The paired t-test of mean(pruned - ratio * full) = 0 rejects outside the interval, and only there."""
    change = module.relative_change(pruned, full)
    assert change.estimate == pytest.approx(100 * (sum(pruned) / sum(full) - 1), abs=1e-9)
    assert change.n == len(full) and change.low < change.estimate < change.high
    for end, outwards in ((change.low, -1), (change.high, 1)):
        p = [
            stats.ttest_rel(pruned, (1 + at / 100) * full).pvalue
            for at in (end, end - outwards * 1e-3, end + outwards * 1e-3)
        ]
        assert p[0] == pytest.approx(0.05, abs=1e-6) and p[1] > 0.05 > p[2]


def drawn(rng, seeds):
    full = 0.1 + 0.01 * rng.standard_normal(seeds)
    return 1.3 * full + 0.008 * rng.standard_normal(seeds), full


@settings(max_examples=80, deadline=None)
@given(st.integers(3, 12), st.integers(0, 9999))
def test_intervals_hold_the_ratios_that_are_not_rejected(seeds, seed):
    check_interval(understanding, *drawn(np.random.default_rng(seed), seeds))


FIELLER = {
    "another quantile": ("stdtrit(n - 1, 0.975) ** 2", "stdtrit(n - 1, 0.95) ** 2"),
    "not paired": (
        "np.cov(pruned - ratio * full, full)",
        "np.cov(pruned - ratio * full, np.sort(full))",
    ),
    "the spread of the denominator is left out": ("full.mean() ** 2 - spread", "full.mean() ** 2"),
    "the mean of ratios": ("ratio = pruned.mean() / full.mean()", "ratio = (pruned / full).mean()"),
}


@pytest.mark.parametrize("edit", FIELLER.values(), ids=FIELLER)
def test_mutants_of_the_interval_are_caught(edit):
    mutant = mutated(understanding, edit)
    with pytest.raises(AssertionError):
        check_interval(mutant, *drawn(np.random.default_rng(1), 5))


def test_intervals_of_few_seeds_cover_the_true_change():
    """Four seeds, 4,000 studies: 95 % of intervals hold the ratio of the true means."""
    rng = np.random.default_rng(0)
    held = []
    for _ in range(4000):
        full = 0.1 + 0.01 * rng.standard_normal(4)
        pruned = 0.125 + 0.5 * (full - 0.1) + 0.01 * rng.standard_normal(4)
        change = understanding.relative_change(pruned, full)
        held.append(change.low <= 25 <= change.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.0125)
