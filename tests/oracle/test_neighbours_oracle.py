"""Prediction depth against scikit-learn's classifier and plain loops, example by example."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier

from study.scores import neighbours
from study.scores.neighbours import neighbour_votes, prediction_depth


def sklearn_votes(outputs, labels, k, include_self):
    """By brute force in double precision; without the example itself, a classifier for each example."""
    outputs = np.asarray(outputs, dtype=np.float64)
    if include_self:
        return KNeighborsClassifier(k, algorithm="brute").fit(outputs, labels).predict(outputs)
    votes = []
    for i in range(len(outputs)):
        rest = np.arange(len(outputs)) != i
        classifier = KNeighborsClassifier(k, algorithm="brute").fit(outputs[rest], labels[rest])
        votes.append(classifier.predict(outputs[i : i + 1])[0])
    return np.array(votes)


def loop_votes(outputs, labels, k, include_self):
    """Neighbours sorted by (distance, position), votes counted by hand."""
    votes = []
    for i, a in enumerate(outputs):
        others = [j for j in range(len(outputs)) if include_self or j != i]
        near = sorted(
            others, key=lambda j: (sum((x - y) ** 2 for x, y in zip(a, outputs[j], strict=True)), j)
        )
        counted: dict[int, int] = {}
        for j in near[:k]:
            counted[labels[j]] = counted.get(labels[j], 0) + 1
        votes.append(min(counted, key=lambda y: (-counted[y], y)))
    return votes


def loop_depth(votes, target):
    """The first probe, counted from 0, from which on all agree; the number of probes if there is none."""
    depths = []
    for i, wanted in enumerate(target):
        own = [probe[i] for probe in votes]
        depths.append(next(d for d in range(len(own) + 1) if all(vote == wanted for vote in own[d:])))
    return depths


def clusters(n=90, width=40, classes=4, seed=0):
    """Overlapping classes, far from the origin: votes are not unanimous, and rounding would show."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    return rng.normal(size=(n, width)) + 50 + 0.35 * rng.normal(size=(classes, width))[labels], labels


def ours(outputs, labels, k, include_self, dtype):
    tensor = torch.tensor(outputs, dtype=dtype)
    return neighbour_votes(tensor, torch.tensor(labels), k, include_self).numpy()


def check(outputs, labels, k=30, include_self=False, dtype=torch.float32):
    expected = sklearn_votes(outputs, labels, k, include_self)
    assert len({*map(tuple, [expected, labels])}) == 2  # neighbours do not just say each example's own label
    np.testing.assert_array_equal(ours(outputs, labels, k, include_self, dtype), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("include_self", [False, True])
@pytest.mark.parametrize("k", [1, 7, 30, 89])
def test_votes_are_those_of_scikit_learn(k, include_self, dtype):
    if k > 1 or not include_self:  # of its own, an example says its label
        check(*clusters(), k, include_self, dtype)


def test_blocks_of_rows_make_no_difference(monkeypatch):
    monkeypatch.setattr(neighbours, "WORKSPACE", 4 * 90 * 7)
    check(*clusters())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_ties_are_broken_as_documented(data):
    """A grid of few points: many equal distances, many equal votes."""
    n = data.draw(st.integers(3, 25))
    points = st.tuples(st.integers(0, 2), st.integers(0, 2))
    outputs = data.draw(st.lists(points, min_size=n, max_size=n))
    labels = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    k, include_self = data.draw(st.integers(1, n - 1)), data.draw(st.booleans())
    expected = loop_votes(outputs, labels, k, include_self)
    assert ours(outputs, labels, k, include_self, torch.float64).tolist() == expected


def test_more_neighbours_than_examples_are_all_of_them():
    outputs, labels = clusters(n=12)
    for include_self in (False, True):
        expected = loop_votes(outputs.tolist(), labels.tolist(), 12, include_self)
        assert ours(outputs, labels, 30, include_self, torch.float32).tolist() == expected


def test_probabilities_near_one_keep_the_digits_that_tell_them_apart():
    """Two classes on a line of probabilities 1 − 1e-10 … 1 − 1e-9: inner products would see one point."""
    rest = np.linspace(1e-10, 1e-9, 40)
    outputs, labels = np.stack([1 - rest, rest], axis=1), np.repeat([0, 1], 20)
    assert ours(outputs, labels, 5, False, torch.float64).tolist() == labels.tolist()


@given(st.data())
def test_depth_of_any_votes(data):
    probes, n = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 8))
    row = st.lists(st.integers(0, 2), min_size=n, max_size=n)
    votes = data.draw(st.lists(row, min_size=probes, max_size=probes))
    target = data.draw(row)
    assert prediction_depth(np.array(votes), np.array(target)).tolist() == loop_depth(votes, target)


def test_depths_at_the_ends():
    votes = np.array([[1, 0, 1, 0], [1, 1, 0, 1], [1, 1, 1, 0]])
    assert prediction_depth(votes, np.ones(4)).tolist() == [0, 1, 2, 3]


# Mutants: each must be caught.


def mutants():
    nearest, products = neighbours._nearest, neighbours._inner_products

    def manhattan(outputs):
        return lambda window: torch.cdist(outputs[window], outputs, p=1)

    yield "a neighbour too few", "_nearest", lambda d, k: nearest(d, k - 1)
    yield "the farthest", "_nearest", lambda d, k: nearest(-d, k)
    yield "itself not excluded", "_nearest", lambda d, k: nearest(d.masked_fill(d.isinf(), -1e9), k)
    yield "Manhattan distance", "_inner_products", manhattan
    yield "cosine", "_inner_products", lambda x: products(x / x.norm(dim=1, keepdim=True))
    yield "norms forgotten", "_inner_products", lambda x: lambda window: -(x[window] @ x.T)


@pytest.mark.parametrize("mutant", list(mutants()), ids=lambda mutant: mutant[0])
def test_mutants_of_votes_are_caught(mutant, monkeypatch):
    monkeypatch.setattr(neighbours, mutant[1], mutant[2])
    with pytest.raises(AssertionError):
        check(*clusters())


def test_any_of_equally_near_examples_is_not_good_enough(monkeypatch):
    monkeypatch.setattr(neighbours, "_nearest", lambda d, k: d.flip(1).topk(k, largest=False).indices)
    with pytest.raises(AssertionError):
        test_ties_are_broken_as_documented()


@pytest.mark.parametrize(
    "depth",
    [
        lambda votes, target: (votes == target).argmax(0),  # the first that agrees, whatever follows
        lambda votes, target: (votes != target).sum(0),
        lambda votes, target: prediction_depth(votes, target) + 1,
        lambda votes, target: prediction_depth(votes[:-1], target),
    ],
    ids=["first agreement", "number of disagreements", "counted from 1", "without the softmax"],
)
def test_mutants_of_depth_are_caught(depth):
    rng = np.random.default_rng(0)
    votes, target = rng.integers(0, 2, (5, 50)), rng.integers(0, 2, 50)
    assert depth(votes, target).tolist() != loop_depth(votes.tolist(), target.tolist())
