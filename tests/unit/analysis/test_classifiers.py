"""Clusters with names: assignment, degenerate inputs, determinism."""

import numpy as np

from study.analysis.classifiers import named_clusters


def blobs(seed=0, classes=4, each=6, k=3, spread=0.1):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    return 4 * rng.normal(size=(classes, k))[labels] + spread * rng.normal(size=(len(labels), k)), labels


def test_separated_models_are_named_right():
    features, labels = blobs()
    fitted = named_clusters(features, labels, 0)
    assert (fitted.predict(features + 0.01) == labels).all()
    assert sorted(fitted.names) == list(range(4))


def test_the_same_seed_gives_the_same_clusters():
    features, labels = blobs(1, spread=3)
    one, other = named_clusters(features, labels, 7), named_clusters(features, labels, 7)
    assert np.array_equal(one.centres, other.centres) and np.array_equal(one.names, other.names)


def test_fewer_different_runs_than_models_are_named_by_their_means():
    features, labels = np.zeros((6, 2)), np.repeat(np.arange(3), 2)
    features[labels == 1] = 1.0
    assert named_clusters(features, labels, 0).predict(features).tolist() == [0, 0, 1, 1, 0, 0]
