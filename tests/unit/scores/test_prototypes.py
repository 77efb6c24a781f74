"""Distances to prototypes: what a centroid is, ends of the scale, and repeatability."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.scores.prototypes import prototype, self_prototype


def blobs(n=90, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 4)) + 8 * np.repeat(np.eye(3, 4), n // 3, axis=0), np.repeat(
        np.arange(3), n // 3
    )


def test_clusters_that_are_classes_have_their_prototypes():
    features, labels = blobs()
    np.testing.assert_allclose(self_prototype(features, 3, seed=1), prototype(features, labels), rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_distances_are_to_the_nearest_centre_of_mass(seed, clusters):
    """Groups of equal nearest centre are not known here, but their cost is: no single mean does better."""
    features = np.random.default_rng(seed % 7).normal(size=(40, 3))
    distances = self_prototype(features, clusters, seed)
    to_mean = [math.dist(row, features.mean(axis=0)) for row in features]
    assert np.square(distances).sum() <= np.square(to_mean).sum() * (1 + 1e-9)
    if clusters == 1:
        np.testing.assert_allclose(distances, to_mean)


def test_the_same_seed_gives_the_same_bytes():
    features, _ = blobs()
    once, again = (self_prototype(features, 5, seed=3).tobytes() for _ in range(2))
    assert once == again != self_prototype(features, 5, seed=4).tobytes()


def test_an_example_alone_is_its_own_prototype():
    features, _ = blobs(n=3)
    assert prototype(features, np.arange(3)).tolist() == [0, 0, 0]
    assert self_prototype(features, 10, 0).max() < 1e-12


@pytest.mark.filterwarnings("error")
def test_examples_that_are_all_the_same_have_no_distance():
    assert self_prototype(np.ones((20, 3)), 4, 0).tolist() == [0] * 20
    assert prototype(np.ones((20, 3)), np.arange(20) % 2).tolist() == [0] * 20


def test_distances_that_lie_far_from_the_origin_keep_their_digits():
    features, labels = blobs()
    np.testing.assert_allclose(prototype(features + 1e6, labels), prototype(features, labels), rtol=1e-8)
