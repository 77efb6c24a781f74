"""Clumps against correlation matrices, names of clusters against all permutations; mutants are caught."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.analysis import clumping
from study.analysis.classifiers import match
from study.analysis.clumping import clumped, clumps
from study.analysis.selectors import by_difficulty


def runs(seed, examples=24):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), rng.integers(4, 9, 3))
    common = np.repeat(rng.normal(size=(len(labels), examples // 4)), 4, axis=1)
    share = rng.uniform(0.3, 1, examples)
    own = 2 * rng.normal(size=(3, examples))[labels]
    return own + share * common + (1 - share) * rng.normal(size=own.shape), labels


def clumps_by_loop(features, labels, k, r2):
    """{lead: [members]} from numpy's correlation of all pairs of examples."""
    residuals = features.copy()
    for run, label in enumerate(labels):
        residuals[run] = features[run] - np.mean(
            [features[s] for s in range(len(labels)) if labels[s] == label], axis=0
        )
    correlation = np.corrcoef(residuals.T)
    order = sorted(range(features.shape[1]), key=lambda example: -features[:, example].mean())
    found = {}
    for example in order:
        if len(found) == k:
            break
        squared = {lead: correlation[example, lead] ** 2 for lead in found}
        if squared and max(squared.values()) > r2:
            found[max(squared, key=squared.get)].append(example)
        else:
            found[example] = []
    return found


def check_clumps():
    for seed in range(6):
        features, labels = runs(seed)
        for k, r2 in ((3, 0.5), (6, 0.2), (12, 0.8)):
            found = clumps(by_difficulty, features, labels, k, np.random.default_rng(0), r2)
            leads = found.examples[found.lead]
            mine = {
                lead: found.examples[(found.clump == place) & ~found.lead].tolist()
                for place, lead in enumerate(leads.tolist())
            }
            expected = clumps_by_loop(features, labels, k, r2)
            assert mine == expected
            chosen = clumped(by_difficulty, r2)(features, labels, k, np.random.default_rng(0))
            assert chosen[: len(expected)].tolist() == list(expected)


def test_clumps_agree_with_all_correlations():
    check_clumps()


def of_raw_scores(unit):
    return lambda features, labels: unit(features, np.zeros_like(labels))


def not_squared(unit):
    return lambda features, labels: np.sqrt(np.abs(unit(features, labels))) * np.sign(unit(features, labels))


def not_normalised(unit):
    return lambda features, labels: 0.5 * unit(features, labels)


@pytest.mark.parametrize("mutant", [of_raw_scores, not_squared, not_normalised])
def test_wrong_correlations_are_caught(monkeypatch, mutant):
    monkeypatch.setattr(clumping, "_unit_residuals", mutant(clumping._unit_residuals))
    with pytest.raises(AssertionError):
        check_clumps()


def best_by_permutations(counts):
    return max(
        sum(counts[row][column] for row, column in enumerate(order))
        for order in permutations(range(len(counts)))
    )


def matched(counts, names):
    assert sorted(names) == list(range(len(counts)))
    return sum(counts[row, name] for row, name in enumerate(names))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.data())
def test_names_of_clusters_are_the_best_of_all_permutations(size, data):
    row = st.lists(st.integers(0, 12), min_size=size, max_size=size)
    counts = np.array(data.draw(st.lists(row, min_size=size, max_size=size)))
    assert matched(counts, match(counts)) == best_by_permutations(counts)


def test_greedy_names_are_caught():
    counts = np.array([[5, 4, 0], [5, 0, 0], [0, 3, 1]])
    assert matched(counts, [0, 2, 1]) < best_by_permutations(counts) == matched(counts, match(counts))
