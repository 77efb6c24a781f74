"""Data sets of local files: every form that is read."""

import json

import numpy as np
import pytest
from PIL import Image
from tests.unit.data.pictures import FOUR, grey, parquet, png, pngs


@pytest.mark.parametrize("held", ["bytes", "struct", "lists", "flat", "extra axis", "planes"])
def test_pictures_in_every_form_are_the_same(tmp_path, load_files, held):
    pictures = grey(4)
    images = {
        "bytes": lambda: pngs(pictures),
        "struct": lambda: [{"bytes": content, "path": None} for content in pngs(pictures)],
        "lists": lambda: pictures.tolist(),
        "flat": lambda: pictures.reshape(4, -1).tolist(),
        "extra axis": lambda: pictures[..., None].tolist(),
        "planes": lambda: pictures[:, None].tolist(),
    }[held]()
    path = parquet(tmp_path / "train.parquet", images, FOUR)
    data = load_files(path, path)
    assert data.train.inputs.dtype == np.uint8
    np.testing.assert_array_equal(data.train.inputs, pictures[:, None])
    assert list(data.train.ids) == [f"own:train:{k}" for k in range(4)]
    assert list(data.test.ids) == [f"own:test:{k}" for k in range(4)]
    np.testing.assert_array_equal(data.train.contents, data.test.contents)


def test_rows_count_over_files_and_patterns_are_sorted(tmp_path, load_files):
    pictures = grey(8)
    for k in (3, 1, 0, 2):
        parquet(tmp_path / f"part-{k}[x].parquet", pngs(pictures[2 * k : 2 * k + 2]), [0, 1])
    data = load_files(str(tmp_path / "part-*.parquet"), str(tmp_path / "part-1[x].parquet"))
    np.testing.assert_array_equal(data.train.inputs[:, 0], pictures)
    np.testing.assert_array_equal(data.test.inputs[:, 0], pictures[2:4])


def test_a_table_of_paths_and_names(tmp_path, load_files):
    pictures = grey(4)
    for k, content in enumerate(pngs(pictures)):
        (tmp_path / f"{k}.png").write_bytes(content)
    (tmp_path / "own.csv").write_text("file,kind\n0.png,dog\n1.png,cat\n2.png,dog\n3.png,ant\n")
    data = load_files(
        str(tmp_path / "own.csv"),
        str(tmp_path / "own.csv"),
        format="csv",
        image_column="file",
        label_column="kind",
    )
    assert data.classes == ("ant", "cat", "dog") and list(data.train.labels) == [2, 1, 2, 0]
    np.testing.assert_array_equal(data.train.inputs[:, 0], pictures)


def test_jsonl_with_nested_colours(tmp_path, load_files):
    pictures = np.random.default_rng(0).integers(0, 256, (4, 5, 4, 3))
    lines = [json.dumps({"image": p.tolist(), "label": k}) for p, k in zip(pictures, FOUR, strict=True)]
    (tmp_path / "own.jsonl").write_text("\n".join(lines))
    data = load_files(str(tmp_path / "own.jsonl"), str(tmp_path / "own.jsonl"), format="jsonl")
    np.testing.assert_array_equal(data.train.inputs, pictures.transpose(0, 3, 1, 2))


def test_an_imagefolder(tmp_path, load_files):
    for part, names in (("train", ["b", "a", "C"]), ("test", ["b", "a"])):
        for k, name in enumerate(names):
            (tmp_path / part / name).mkdir(parents=True)
            for j in range(2):
                (tmp_path / part / name / f"{j}.PNG").write_bytes(png(np.full((3, 5), 10 * k + j)))
    (tmp_path / "train" / "notes.txt").write_text("no picture")
    data = load_files(str(tmp_path / "train"), str(tmp_path / "test"), format="imagefolder")
    assert data.classes == ("C", "a", "b")
    assert list(data.train.labels) == [0, 0, 1, 1, 2, 2] and list(data.test.labels) == [1, 1, 2, 2]
    assert list(data.train.inputs[:, 0, 0, 0]) == [20, 21, 10, 11, 0, 1]
    assert data.train.inputs.shape == (6, 1, 3, 5)


def test_without_a_test_split_some_training_examples_are_held_out(tmp_path, load_files):
    path = parquet(tmp_path / "train.parquet", pngs(grey(20)), FOUR * 5)
    data = load_files(path, test_fraction=0.25)
    assert (len(data.train.ids), len(data.test.ids)) == (15, 5)
    rows = [int(example.split(":")[2]) for example in [*data.train.ids, *data.test.ids]]
    assert sorted(rows) == list(range(20))


def test_a_file_that_changed_is_read_anew(tmp_path, load_files):
    path = parquet(tmp_path / "train.parquet", pngs(grey(4)), FOUR)
    first = load_files(path, path)
    stamp = (tmp_path / "train.parquet").stat().st_mtime
    parquet(tmp_path / "train.parquet", pngs(grey(4, seed=1)), FOUR)
    import os

    os.utime(path, (stamp, stamp))
    assert load_files(path, path).digest != first.digest


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
def test_picture_modes(tmp_path, load_files, mode, channels):
    import io

    colours = np.random.default_rng(0).integers(0, 2, (4, 6, 6, 3), dtype=np.uint8) * 255
    contents = []
    for picture in colours:
        buffer = io.BytesIO()
        Image.fromarray(picture).convert(mode).save(buffer, format="png")
        contents.append(buffer.getvalue())
    path = parquet(tmp_path / "train.parquet", contents, FOUR)
    data = load_files(path, path)
    assert data.train.inputs.shape == (4, channels, 6, 6)
    if channels == 3:
        np.testing.assert_array_equal(data.train.inputs, colours.transpose(0, 3, 1, 2))


def test_duplicates_and_overlap_are_no_error(tmp_path, load_files):
    pictures = pngs(grey(4))
    train = parquet(tmp_path / "train.parquet", [*pictures, pictures[0]], [*FOUR, 0])
    data = load_files(train, parquet(tmp_path / "test.parquet", pictures[:2], [0, 1]))
    assert len(np.unique(data.train.contents)) == 4 and set(data.test.contents) < set(data.train.contents)


def test_nothing_is_sent_anywhere(monkeypatch, load_files, good):
    import socket

    def refuse(*_, **__):
        raise AssertionError("a local file was read over the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    load_files(good, good)


def test_names_of_classes_may_be_words_for_nothing(tmp_path, load_files):
    names = ["null", "nan", "NA", "None"]
    for k, content in enumerate(pngs(grey(4))):
        (tmp_path / f"{k}.png").write_bytes(content)
    (tmp_path / "own.csv").write_text(
        "image,label\n" + "".join(f"{k}.png,{name}\n" for k, name in enumerate(names))
    )
    path = str(tmp_path / "own.csv")
    assert load_files(path, path, format="csv").classes == ("NA", "None", "nan", "null")


def test_whole_numbers_are_labels_whatever_their_type(tmp_path, load_files, good):
    floats = parquet(tmp_path / "floats.parquet", pngs(grey(4)), [0.0, 1.0, 0.0, 1.0])
    data = load_files([good, floats], floats)
    assert list(data.train.labels) == FOUR * 2 and data.classes == ("0", "1")
