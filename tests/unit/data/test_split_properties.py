"""What holds of draws and of files of data sets whatever the data."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from study.data import dataset as form
from study.data.dataset import Dataset, content_hashes, data_digest, split
from study.data.splits import stratified

LABELS = arrays(np.int64, st.integers(1, 60), elements=st.integers(0, 4))
IMAGES = arrays(np.uint8, st.tuples(*(st.integers(1, most) for most in (6, 3, 4, 4))))


@settings(deadline=None)
@given(LABELS, st.data())
def test_a_draw_grows_by_class_and_knows_labels_only_by_their_groups(labels, data):
    count = data.draw(st.integers(0, len(labels)))

    def drawn(labels, count):
        rows = stratified(labels, count, np.random.default_rng(3))
        return rows, np.bincount(labels[rows], minlength=60)

    rows, sizes = drawn(labels, count)
    np.testing.assert_array_equal(drawn(10 * labels + 7, count)[0], rows)  # names of classes say nothing
    assert (np.bincount(labels, minlength=60) >= sizes).all()
    assert len(np.unique(rows)) == count and sizes.sum() == count
    if count == len(labels):
        np.testing.assert_array_equal(rows, np.arange(count))


@settings(deadline=None)
@given(IMAGES, IMAGES, st.text("aü \"{'", max_size=9), st.data())
def test_any_data_set_survives_its_file(images, others, name, data):
    classes = data.draw(st.integers(1, 3))

    def part(kind, inputs):
        labels = arrays(np.int64, len(inputs), elements=st.integers(0, classes - 1))
        return split("any", kind, np.arange(len(inputs)), inputs, data.draw(labels), data.draw(labels))

    train, test = part("train", images), part("test", others)
    made = Dataset(
        "any",
        train,
        test,
        tuple(f"{name}{k}" for k in range(classes)),
        name,
        data_digest(train, test, classes),
    )
    with TemporaryDirectory() as folder:
        form.save(made, Path(folder))
        read = form.check(folder)
    assert (read.classes, read.source, read.digest) == (made.classes, made.source, made.digest)
    for ours, theirs in ((made.train, read.train), (made.test, read.test)):
        for field in ("ids", "contents", "labels", "true_labels"):
            np.testing.assert_array_equal(getattr(theirs, field), getattr(ours, field))


@settings(deadline=None)
@given(IMAGES)
def test_contents_are_equal_where_inputs_are(images):
    hashes = content_hashes(images)
    equal = (images[:, None] == images[None]).all(axis=(2, 3, 4))
    np.testing.assert_array_equal(hashes[:, None] == hashes[None], equal)
