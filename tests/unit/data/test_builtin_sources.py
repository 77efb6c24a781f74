"""Data sets that need no file: scikit-learn's digits and generated images."""

import numpy as np
import pytest

from study.data.sources import load


@pytest.fixture
def digits(settings):
    return lambda name="digits", seed=0, **keys: load(
        name, settings(source="sklearn", name="digits", **keys), seed
    )


@pytest.fixture
def blends(settings):
    def run(name="blends", seed=0, **keys):
        keys = {"train_size": 60, "test_size": 20, "classes": 3, **keys}
        return load(name, settings(source="generated", family="blends", **keys), seed)

    return run


def test_digits_are_the_originals_without_loss(digits):
    from sklearn.datasets import load_digits

    data, original = digits(), load_digits()
    assert (len(data.train.ids), len(data.test.ids)) == (1437, 360)
    assert data.train.inputs.shape[1:] == (1, 8, 8) and data.train.inputs.dtype == np.uint8
    for part, split in (("train", data.train), ("test", data.test)):
        name, middle, rows = zip(*(example.split(":") for example in split.ids), strict=True)
        rows = np.array(rows, dtype=int)
        assert set(name) == {"digits"} and set(middle) == {part} and (np.diff(rows) > 0).all()
        np.testing.assert_array_equal(np.round(split.inputs[:, 0] / 255 * 16), original.images[rows])
        np.testing.assert_array_equal(split.true_labels, original.target[rows])
    shares = [np.bincount(split.labels) / len(split.labels) for split in (data.train, data.test)]
    assert np.abs(shares[0] - shares[1]).max() < 1 / 360
    assert data.source == "sklearn:digits"


def test_the_same_seed_gives_the_same_digest_and_another_does_not(digits):
    assert digits().digest == digits().digest
    assert digits().digest != digits(seed=1).digest


def test_noise_moves_labels_and_nothing_else(digits):
    clean, noisy = digits(), digits("digits-noisy", label_noise=0.1)
    assert (noisy.train.labels != noisy.train.true_labels).sum() == 144
    np.testing.assert_array_equal(noisy.train.true_labels, clean.train.labels)
    np.testing.assert_array_equal(noisy.train.contents, clean.train.contents)
    np.testing.assert_array_equal(noisy.test.labels, clean.test.labels)
    np.testing.assert_array_equal(noisy.test.contents, clean.test.contents)
    assert noisy.digest != clean.digest


def test_noise_depends_on_the_study_seed_and_the_name(digits):
    def flipped(**keys):
        train = digits(label_noise=0.1, **keys).train
        return set(train.ids[train.labels != train.true_labels])

    assert flipped() == flipped()
    rows = [{example.split(":")[2] for example in flipped(name=name)} for name in ("one", "two")]
    assert rows[0] != rows[1]
    assert flipped(seed=1) != flipped()


def test_a_subsample_keeps_the_original_index(digits):
    whole, part = digits(), digits(train_examples=100, test_examples=50)
    assert (len(part.train.ids), len(part.test.ids)) == (100, 50)
    by_id = dict(zip(whole.train.ids, whole.train.contents, strict=True))
    assert all(
        by_id[example] == content
        for example, content in zip(part.train.ids, part.train.contents, strict=True)
    )
    assert set(digits(train_examples=100, seed=1).train.contents) != set(part.train.contents)


def test_too_many_examples_asked_for(digits, refused):
    refused(
        lambda: digits(test_examples=361),
        what="test_examples asks for 361 examples, and there are 360",
        where="data set digits, split test",
        expected="test_examples of at most 360",
        do="lower test_examples",
    )


def test_blends_are_what_their_facts_say(blends):
    data = blends(train_size=4000, pixel_noise=0.0, image_size=8)
    train, ambiguity = data.train, data.train.facts["ambiguity"]
    assert ambiguity.min() >= 0 and ambiguity.max() < 0.5
    assert (train.facts["other_label"] != train.labels).all()
    assert (train.facts["noise_rms"] == 0).all()
    assert np.ptp(np.bincount(train.labels)) <= 1
    # Without noise the pure pictures of a class are alike, and a blend lies on the way to the other class.
    pure = np.stack([train.inputs[(train.labels == k) & (ambiguity < 1e-3)].mean(axis=0) for k in range(3)])
    own, other = pure[train.labels], pure[train.facts["other_label"]]
    weight = ambiguity[:, None, None, None]
    error = np.abs(train.inputs - ((1 - weight) * own + weight * other))
    # Where a pattern's own pixel was cut to its range, this sum does not hold.
    uncut = (own > 1) & (own < 254) & (other > 1) & (other < 254)
    assert uncut.mean() > 0.8
    assert error[uncut].max() < 1.5


def test_noise_of_blends_is_recorded(blends):
    quiet, loud = blends(pixel_noise=0.05), blends(pixel_noise=0.3)
    assert quiet.train.facts["noise_rms"].mean() == pytest.approx(0.05, rel=0.05)
    assert loud.train.facts["noise_rms"].mean() == pytest.approx(0.3, rel=0.05)
    assert quiet.train.facts["noise_rms"].std() > 0


def test_blends_depend_on_study_seed_and_name_alone(blends):
    assert blends().digest == blends().digest
    assert len({blends().digest, blends(seed=1).digest, blends(name="others").digest}) == 3


def test_more_test_examples_leave_the_training_examples_alone(blends):
    np.testing.assert_array_equal(blends().train.contents, blends(test_size=50).train.contents)


def test_facts_follow_the_subsample(blends):
    whole, part = blends(), blends(train_examples=12)
    facts = dict(zip(whole.train.ids, whole.train.facts["ambiguity"], strict=True))
    assert [facts[example] for example in part.train.ids] == list(part.train.facts["ambiguity"])


def test_colour_blends(blends):
    assert blends(channels=3, image_size=12).train.inputs.shape == (60, 3, 12, 12)


def test_examples_of_another_data_set_are_left_out_before_anything_is_drawn(blends, settings):
    whole = blends()
    excluded = {whole.train.contents[3], whole.train.contents[40], whole.test.contents[0]}
    keys = {"source": "generated", "family": "blends", "train_size": 60, "test_size": 20, "classes": 3}
    rest = load("blends", settings(**keys, train_examples=50), 0, excluded)
    assert len(rest.train.ids) == 50 and len(rest.test.ids) == 19
    assert not excluded & {*rest.train.contents, *rest.test.contents}
    kept = ~np.isin(whole.test.contents, list(excluded))
    np.testing.assert_array_equal(rest.test.ids, whole.test.ids[kept])
