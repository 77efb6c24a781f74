"""Which utterances a sample leaves: weights by hand, and how often each is drawn."""

import numpy as np
import pytest

from study.selection.strategies import linear_weights
from study.training.samples import drawn, slot_trails

DOMAINS = np.repeat([0, 1], [90, 30])
VOG = np.concatenate([np.linspace(1, 2, 90), np.linspace(5, 9, 30)])  # the small domain is harder throughout


def shares(sampling: str, draws: int = 300, size: int = 60) -> np.ndarray:
    """How often each utterance is left."""
    rng, counts = np.random.default_rng(0), np.zeros(120)
    for _ in range(draws):
        rows = drawn(sampling, size, DOMAINS, VOG, VOG[::-1], 0.01, rng)
        assert len(rows) == size == len(set(rows.tolist())) and (np.diff(rows) > 0).all()
        counts[rows] += 1
    return counts / draws


def test_weights_rise_from_the_floor_to_one():
    np.testing.assert_allclose(linear_weights(np.array([2.0, 4.0, 3.0]), 0.2), [0.2, 1.0, 0.6])
    assert linear_weights(np.full(3, 7.0), 0.2).tolist() == [1, 1, 1]


def test_random_and_stratified():
    assert shares("random") == pytest.approx(0.5, abs=0.15)
    assert shares("stratified")[DOMAINS == 1].sum() == pytest.approx(15)


def test_vog_over_all_leaves_the_hard_domain_and_within_domains_its_hard_utterances():
    over_all, within = shares("vog_dataset"), shares("vog_class")
    assert over_all[DOMAINS == 1].mean() > 0.85 > 0.5 > over_all[DOMAINS == 0].mean()
    assert abs(within[DOMAINS == 1].mean() - within[DOMAINS == 0].mean()) < 0.1
    for domain in (0, 1):
        own = within[domain == DOMAINS]
        assert own[-10:].mean() > own[:10].mean() + 0.3


def test_mixed_counts_unusual_slots_as_much():
    found = shares("mixed")
    assert found[:30].mean() > shares("vog_dataset")[:30].mean() + 0.2


def test_trails_are_entropies_of_slot_sequences_within_an_intent():
    intents = ["set", "set", "set", "set", "ask", "ask"]
    slots = ["B-time O", "O B-time", "B-date B-time", "B-time I-time", "O O", "O"]
    quarter = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    np.testing.assert_allclose(slot_trails(intents, slots), [quarter] * 4 + [0, 0])
