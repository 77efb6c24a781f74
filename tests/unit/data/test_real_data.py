"""Real data sets, where they are at hand: HARD_EXAMPLES_DATA names the folder with mnist and cifar10."""

import os
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).parents[3]
DATA = REPOSITORY / os.environ.get("HARD_EXAMPLES_DATA", "../shared/data")


def files(name: str) -> tuple[str, str]:
    train, test = (DATA / name / f"{part}.parquet" for part in ("train", "test"))
    if not (train.is_file() and test.is_file()):
        pytest.skip(f"{name} is not in {DATA}")
    return str(train), str(test)


@pytest.mark.parametrize(
    ("name", "shape", "sizes"),
    [("mnist", (1, 28, 28), (60_000, 3000)), ("cifar10", (3, 32, 32), (50_000, 10_000))],
)
def test_a_sample_is_that_of_the_files(load_files, name, shape, sizes):
    import io

    import pyarrow.parquet as pq
    from PIL import Image

    train, test = files(name)
    data = load_files(train, test, train_examples=500, test_examples=100, label_noise=0.1)
    assert data.train.inputs.shape == (500, *shape) and data.test.inputs.shape == (100, *shape)
    assert len(data.classes) == 10 and (data.train.labels != data.train.true_labels).sum() == 50
    for path, part, size in ((train, data.train, sizes[0]), (test, data.test, sizes[1])):
        source = pq.read_table(path, columns=["image", "label"])
        assert len(source) == size
        rows = [int(example.split(":")[2]) for example in part.ids]
        labels = source["label"].to_numpy()
        np.testing.assert_array_equal(part.true_labels, labels[rows])
        exact = np.bincount(labels) * len(rows) / size
        assert np.abs(np.bincount(part.true_labels) - exact).max() < 1
        for k in (0, 17, 99):
            picture = np.asarray(Image.open(io.BytesIO(source["image"][rows[k]]["bytes"].as_py())))
            expected = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
            np.testing.assert_array_equal(part.inputs[k], expected)
