"""The one form of a data set, in memory and on disk."""

import hashlib
import json

import numpy as np
import pytest

from study.data import dataset as form
from study.data.dataset import Dataset, content_hashes, data_digest, split
from study.errors import StudyError
from study.files import DamagedFile


def make(seed: int = 0, name: str = "toy") -> Dataset:
    rng = np.random.default_rng(seed)
    inputs = rng.integers(0, 256, (9, 3, 2, 4), dtype=np.uint8)
    true = np.array([0, 1, 2, 0, 1, 2])
    noisy = np.array([0, 1, 2, 0, 1, 0])
    train = split(
        name, "train", np.array([0, 2, 3, 5, 7, 8]), inputs[:6], true, noisy, {"ambiguity": rng.random(6)}
    )
    test = split(name, "test", np.arange(3), inputs[6:], np.arange(3), facts={"ambiguity": rng.random(3)})
    return Dataset(name, train, test, ("a", "ü", "c c"), "made up", data_digest(train, test, 3))


def assert_same(one: Dataset, other: Dataset) -> None:
    for key in ("name", "classes", "source", "digest"):
        assert getattr(one, key) == getattr(other, key)
    for part in ("train", "test"):
        a, b = getattr(one, part), getattr(other, part)
        for key in ("ids", "contents", "labels", "true_labels", "inputs"):
            np.testing.assert_array_equal(getattr(a, key), getattr(b, key))
            assert getattr(a, key).dtype.kind == getattr(b, key).dtype.kind
        assert a.facts.keys() == b.facts.keys()
        for key in a.facts:
            np.testing.assert_array_equal(a.facts[key], b.facts[key])


def test_round_trip(tmp_path):
    form.save(make(), tmp_path)
    assert_same(form.open(tmp_path), make())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arrays.safetensors", "examples.parquet"]


def test_equal_data_sets_are_equal_files(tmp_path):
    for k in range(4):
        form.save(make(), tmp_path / str(k))
    for name in ("arrays.safetensors", "examples.parquet"):
        assert len({(tmp_path / str(k) / name).read_bytes() for k in range(4)}) == 1


def test_safetensors_reads_the_arrays_too(tmp_path):
    from safetensors.numpy import load_file

    form.save(make(), tmp_path)
    arrays = load_file(tmp_path / "arrays.safetensors")
    np.testing.assert_array_equal(arrays["train_inputs"], make().train.inputs)
    np.testing.assert_array_equal(arrays["test_labels"], make().test.labels)


def test_ids_name_the_row_of_the_source():
    assert list(make().train.ids[:3]) == ["toy:train:0", "toy:train:2", "toy:train:3"]


def test_writing_to_an_opened_data_set_leaves_the_file_alone(tmp_path):
    form.save(make(), tmp_path)
    form.open(tmp_path).train.inputs[:] = 0
    assert_same(form.open(tmp_path), make())


def test_content_is_a_hash_of_shape_type_and_bytes_alone():
    zeros = np.zeros((2, 1, 2, 8), np.uint8)
    assert len(set(content_hashes(zeros))) == 1
    assert content_hashes(zeros)[0] != content_hashes(zeros.reshape(2, 1, 4, 4))[0]
    assert content_hashes(zeros)[0] != content_hashes(zeros.view(np.int8))[0]
    expected = hashlib.sha256(b"(1, 2, 8) |u1 " + bytes(16)).hexdigest()[:16]
    assert content_hashes(zeros)[0] == expected


@pytest.mark.parametrize("change", ["input", "label", "test label", "order", "classes"])
def test_the_digest_sees_what_training_sees(change):
    data = make()
    train, test, classes = data.train, data.test, 3
    if change == "input":
        train.inputs[0, 0, 0, 0] ^= 1
    elif change == "label":
        train.labels[0] = 1
    elif change == "test label":
        test.labels[0] = 1
    elif change == "order":
        train = split("toy", "train", np.arange(6), train.inputs[::-1], train.labels[::-1])
    else:
        classes = 4
    assert data_digest(train, test, classes) != data.digest


def test_the_digest_does_not_see_names_and_true_labels():
    data, renamed = make(), make(name="other")
    assert renamed.digest == data.digest
    data.train.true_labels[:] = 0
    assert data_digest(data.train, data.test, 3) == data.digest


def test_a_missing_data_set_says_how_to_make_it(tmp_path):
    with pytest.raises(StudyError, match="not prepared") as caught:
        form.open(tmp_path)
    assert "arrays.safetensors" in caught.value.where and "snakemake" in caught.value.do


@pytest.mark.parametrize("cut", [0, 5, 100, -1])
def test_a_cut_file_of_arrays_is_damaged(tmp_path, cut):
    form.save(make(), tmp_path)
    path = tmp_path / "arrays.safetensors"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DamagedFile, match="arrays"):
        form.open(tmp_path)


def test_one_flipped_bit_in_inputs_or_labels_is_found_by_a_check(tmp_path):
    form.save(make(), tmp_path)
    assert_same(form.check(tmp_path), make())
    path = tmp_path / "arrays.safetensors"
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    for position in range(8 * start, 8 * len(content), 7):
        harmed = bytearray(content)
        harmed[position // 8] ^= 1 << position % 8
        path.write_bytes(harmed)
        with pytest.raises(DamagedFile, match=r"examples|digest"):
            form.check(tmp_path)


def test_files_of_two_data_sets_do_not_make_one(tmp_path):
    form.save(make(), tmp_path)
    arrays = (tmp_path / "arrays.safetensors").read_bytes()
    other = make()
    other.train.labels[:] = 1
    form.save(other, tmp_path)
    (tmp_path / "arrays.safetensors").write_bytes(arrays)
    with pytest.raises(DamagedFile, match="not those of"):
        form.open(tmp_path)


def test_identity_is_readable_json(tmp_path):
    form.save(make(), tmp_path)
    content = (tmp_path / "arrays.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert json.loads(header["__metadata__"]["dataset"])["classes"] == ["a", "ü", "c c"]
