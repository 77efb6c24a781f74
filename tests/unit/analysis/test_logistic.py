"""Logistic regression: folds, penalties and independence of the fits in a batch."""

import numpy as np
import pytest

from study.analysis import logistic


def clusters(seed, classes=3, each=6, k=4, spread=0.3):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    features = rng.normal(size=(classes, k))[labels] + spread * rng.normal(size=(len(labels), k))
    return (features - features.mean(axis=0)) / features.std(axis=0), labels


def test_separated_classes_are_named_right():
    features, labels = clusters(0)
    assert (logistic.fit(features, labels).predict(features) == labels).all()


def test_noise_takes_the_strongest_penalty():
    rng = np.random.default_rng(3)
    fitted = logistic.fit(rng.normal(size=(60, 30)), np.repeat(np.arange(4), 15))
    assert fitted.penalty == min(logistic.PENALTIES)


def test_one_number_with_close_classes_is_not_held_back_by_the_penalty():
    # One run's mean score is a baseline, and its classes can lie close together on a line.
    rng = np.random.default_rng(0)
    centres, labels, many = (
        np.linspace(-1.5, 1.5, 8),
        np.repeat(np.arange(8), 9),
        np.repeat(np.arange(8), 200),
    )
    seen, unseen = (centres[of] + 0.05 * rng.normal(size=len(of)) for of in (labels, many))
    fitted = logistic.fit(seen[:, None], labels)
    assert (fitted.predict(unseen[:, None]) == many).mean() > 0.98


def test_a_single_observation_of_a_class_leaves_nothing_to_compare():
    features, labels = clusters(1, each=1)
    assert logistic.fit(features, labels).penalty == 1.0


def test_unequal_classes_fit():
    features, labels = clusters(2)
    fitted = logistic.fit(features[:-3], labels[:-3])
    assert fitted.weights.shape == (4, 3)
    assert (fitted.predict(features) == labels).mean() > 0.8


def test_constant_features_get_no_weight():
    features, labels = clusters(4)
    features[:, 1] = 0
    fitted = logistic.fit(features, labels)
    np.testing.assert_allclose(fitted.weights[1], 0, atol=1e-12)
    everything = logistic.fit(np.zeros((6, 2)), np.repeat([0, 1], 3))
    assert np.isfinite(everything.intercept).all()


def test_unused_observations_change_nothing():
    features, labels = clusters(5)
    targets, used = np.eye(3)[labels], np.ones((1, len(labels)))
    used[0, ::4] = 0
    before = logistic.solve(features, targets, used, np.array([1.0]))
    altered = np.where(used[0][:, None] == 0, 1e3, features)
    after = logistic.solve(altered, targets, used, np.array([1.0]))
    for a, b in zip(before, after, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("k", [1, 40])
def test_shapes(k):
    features, labels = clusters(6, k=k)
    weights, intercept = logistic.solve(features, np.eye(3)[labels], np.ones((2, 18)), np.array([0.1, 1, 10]))
    assert weights.shape == (2, 3, k, 3)
    assert intercept.shape == (2, 3, 3)


def test_a_fit_does_not_depend_on_the_others_in_its_batch():
    features, labels = clusters(7)
    used = np.ones((2, len(labels)))
    used[1, :2] = 0
    together = logistic.solve(features, np.eye(3)[labels], used, np.array([0.01, 10.0]))
    alone = logistic.solve(features, np.eye(3)[labels], used[1:], np.array([10.0]))
    for batch, single in zip(together, alone, strict=True):
        np.testing.assert_allclose(batch[1, 1], single[0, 0], rtol=1e-9)
