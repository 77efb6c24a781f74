"""Clumping: linked examples count once, and a choice of j is the beginning of a choice of k."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.analysis.clumping import clump_table, clumped, clumps, selectors_named
from study.analysis.selectors import SELECTORS, by_difficulty


def runs(seed=0, models=3, each=8, examples=30, shared=0.0):
    """Examples 0 … 4, 5 … 9, … share a part of their noise over runs, on top of models' own means."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(models), each)
    means = 3 * rng.normal(size=(models, examples))[labels]
    common = np.repeat(rng.normal(size=(len(labels), examples // 5)), 5, axis=1)
    return means + np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.normal(size=means.shape), labels


@pytest.mark.parametrize("name", SELECTORS)
def test_choices_are_nested_and_distinct(name):
    features, labels = runs(shared=0.9)
    select = clumped(SELECTORS[name], 0.5)
    choices = [select(features, labels, k, np.random.default_rng(3)) for k in (1, 4, 6, 30)]
    for fewer, more in pairwise(choices):
        assert fewer.tolist() == more[: len(fewer)].tolist()
    assert sorted(choices[-1]) == list(range(30))


def test_of_linked_examples_the_first_stands_for_all():
    features, labels = runs(1, shared=0.98)
    found = clumps(by_difficulty, features, labels, 6, np.random.default_rng(0), 0.5)
    leads = found.examples[found.lead]
    assert sorted(leads // 5) == list(range(6))
    assert (found.examples // 5 == leads[found.clump] // 5).all()
    assert (found.r2[found.lead] == 1).all() and (found.r2[~found.lead] > 0.5).all()


def test_differences_between_models_link_nothing():
    # Means of models make raw scores correlate; what links examples is what they share beyond that.
    features, labels = runs(2)
    features += 50.0 * labels[:, None]
    found = clumps(by_difficulty, features, labels, 30, np.random.default_rng(0), 0.5)
    assert found.lead.sum() == 30


def test_examples_without_spread_are_linked_to_nothing():
    features, labels = runs(3)
    features[:, :3] = 0.1 * (1 + labels[:, None])
    assert clumps(by_difficulty, features, labels, 30, np.random.default_rng(0), 0.5).lead[:30].all()


def test_where_too_few_are_unlinked_the_others_follow():
    features, labels = runs(4, shared=0.999)
    chosen = clumped(by_difficulty, 0.5)(features, labels, 10, np.random.default_rng(0))
    assert sorted(chosen[:6] // 5) == list(range(6))
    linked = [x for x in by_difficulty(features, labels, 30, None) if x not in chosen[:6]]
    assert chosen[6:].tolist() == linked[:4]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.floats(0.0, 1.0), st.floats(0.05, 0.95), st.integers(1, 30))
def test_no_two_leads_are_linked_and_every_member_is(seed, shared, r2, k):
    features, labels = runs(seed, shared=shared)
    found = clumps(SELECTORS["random"], features, labels, k, np.random.default_rng(seed), r2)
    residuals = features - np.array([features[labels == m].mean(axis=0) for m in range(3)])[labels]
    squared = np.corrcoef(residuals, rowvar=False) ** 2
    leads = found.examples[found.lead]
    between = squared[np.ix_(leads, leads)] - np.eye(len(leads))
    assert between.max() <= r2 + 1e-9
    members = ~found.lead
    to_lead = squared[found.examples, leads[found.clump]]
    np.testing.assert_allclose(found.r2[members], to_lead[members])
    assert len(leads) == k or len(found.examples) == 30


def test_the_table_names_leads_and_counts_the_dropped():
    features, labels = runs(1, shared=0.98)
    table = clump_table(features, labels, ["difficulty", "random"], 6, np.random.default_rng(0), 0.5)
    assert list(table["features"].unique()) == ["difficulty", "random"]
    for _, clump in table.groupby(["features", "place"]):
        assert clump["chosen"].sum() == 1 and clump["chosen"].iloc[0]
        assert (clump["lead"] == clump["example"].iloc[0]).all()
        assert (clump["dropped"] == len(clump) - 1).all()


def test_names_say_whether_clumps_count_once():
    found = selectors_named(["p_value", "p_value_clumped"], 0.5)
    features, labels = runs(5, shared=0.98)
    plain, once = (select(features, labels, 6, None) for select in found.values())
    assert len(set(once // 5)) == 6 > len(set(plain // 5))
