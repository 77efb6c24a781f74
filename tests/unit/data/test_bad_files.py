"""Data sets of local files: every mistake that is refused, in a message with all its parts."""

import json

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from tests.unit.data.pictures import FOUR, grey, parquet, png, pngs


def test_missing_file(load_files, good, refused):
    refused(
        lambda: load_files("nowhere/*.parquet", good),
        what="missing: nowhere/*.parquet", where="datasets.own.train",
        expected="seen from /", do="correct the path",
    )  # fmt: skip


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_empty_file(tmp_path, load_files, refused, format):
    path = tmp_path / f"empty.{format}"
    path.write_text("")
    refused(
        lambda: load_files(str(path), format=format),
        what="no examples", where="empty.", expected="at least one row", do="fill the file",
    )  # fmt: skip


def test_no_rows(tmp_path, load_files, good, refused):
    (tmp_path / "none.csv").write_text("image,label\n")
    nothing = parquet(tmp_path / "none.parquet", pa.array([], pa.binary()), pa.array([], pa.int64()))
    for call in (
        lambda: load_files(str(tmp_path / "none.csv"), format="csv"),
        lambda: load_files(good, nothing),
    ):
        refused(call, what="no examples", where="none.", expected="at least one row", do="fill the file")


def test_a_folder_without_pictures(tmp_path, load_files, refused):
    (tmp_path / "cats").mkdir()
    refused(
        lambda: load_files(str(tmp_path), format="imagefolder"),
        what="no examples", where=str(tmp_path), expected="at least one row", do="fill",
    )  # fmt: skip


def test_a_picture_outside_a_class(tmp_path, load_files, refused):
    (tmp_path / "a").mkdir()
    (tmp_path / "stray.png").write_bytes(png(grey(1)[0]))
    refused(
        lambda: load_files(str(tmp_path), format="imagefolder"),
        what="not in a class's folder", where="stray.png",
        expected="<class>/stray.png", do="put every picture",
    )  # fmt: skip


@pytest.mark.parametrize("format", ["parquet", "jsonl"])
def test_truncated_file(tmp_path, load_files, good, refused, format):
    path = tmp_path / f"cut.{format}"
    if format == "parquet":
        path.write_bytes((tmp_path / "good.parquet").read_bytes()[:-100])
    else:
        path.write_text('{"image": [[1, 2], [3, 4]], "label": 1}\n{"image": [[1, 2')
    refused(
        lambda: load_files([good, str(path)] if format == "parquet" else str(path), format=format),
        what="cannot be read", where=f"cut.{format}", expected="complete data", do="again",
    )  # fmt: skip


def test_missing_columns(good, load_files, refused):
    for key, name in (("image_column", "picture"), ("label_column", "y")):
        refused(
            lambda key=key, name=name: load_files(good, **{key: name}),
            what=f"no column '{name}'", where="good.parquet", expected="image, label", do=f"as {key}",
        )  # fmt: skip


def test_a_column_of_the_wrong_type(good, load_files, refused):
    refused(
        lambda: load_files(good, image_column="label", label_column="label"),
        what="image column holds int64", where="good.parquet",
        expected="PNG or JPEG bytes", do="image_column",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "what", "row"),
    [
        ([0, 1, -1, 1], "out of range: -1", 2),
        ([0, 1, 1, -(2**63)], "out of range: -9223372036854775808", 3),
        ([0.0, 1.0, 0.5, 1.0], "has a fraction: 0.5", 2),
        ([0.0, float("nan"), 0.5, 1.0], "not a number (nan)", 1),
        ([0.0, 1.0, 1.0, float("inf")], "not a number (inf)", 3),
        (["0", "1", "nan", "1"], "a label is missing: 'nan' among numbers", 2),
        ([0, 1, 0, None], "missing", 3),
        (["a", None, "b", "a"], "missing", 1),
        ([True, False, True, False], "of type bool", 0),
    ],
)
def test_bad_labels(tmp_path, load_files, good, refused, labels, what, row):
    bad = parquet(tmp_path / "bad.parquet", pngs(grey(4)), labels)
    refused(
        lambda: load_files([good, bad] if labels[0] == 0 and isinstance(labels[0], int) else bad, good),
        what=what, where=f"bad.parquet, row {row} ",
        expected="integers from 0, or class names", do="row's label",
    )  # fmt: skip


def test_a_label_beyond_the_declared_classes(tmp_path, load_files, refused):
    import datasets

    features = datasets.Features(
        {"image": datasets.Value("binary"), "label": datasets.ClassLabel(names=["a", "b"])}
    )
    table = pa.table({"image": pngs(grey(4)), "label": [0, 1, 2, 0]}).cast(features.arrow_schema)
    import pyarrow.parquet as pq

    pq.write_table(table.replace_schema_metadata(features.arrow_schema.metadata), tmp_path / "beyond.parquet")
    refused(
        lambda: load_files(str(tmp_path / "beyond.parquet")),
        what="out of range: 2", where="beyond.parquet, row 2 ",
        expected="from 0 to 1, the declared", do="row's label",
    )  # fmt: skip


def test_a_gap_in_the_labels(tmp_path, load_files, refused):
    path = parquet(tmp_path / "gap.parquet", pngs(grey(4)), [1, 2, 3, 1])
    refused(
        lambda: load_files(path),
        what="no training example has the label 0", where="gap.parquet", expected="without gaps", do="from 0",
    )  # fmt: skip


def test_labels_of_two_kinds(tmp_path, load_files, good, refused):
    names = parquet(tmp_path / "names.parquet", pngs(grey(2)), ["a", "b"])
    refused(
        lambda: load_files(good, names),
        what="the labels are names, elsewhere integers", where="names.parquet and ", expected="of one kind",
        do="in one way",
    )  # fmt: skip


def test_mixed_types_in_a_column(tmp_path, load_files, refused):
    lines = [{"image": [[1, 2], [3, 4]], "label": label} for label in (1, "a")]
    (tmp_path / "mixed.jsonl").write_text("\n".join(map(json.dumps, lines)))
    refused(
        lambda: load_files(str(tmp_path / "mixed.jsonl"), format="jsonl"),
        what="'label' are of mixed types", where="mixed.jsonl", expected="of one type", do="in one way",
    )  # fmt: skip


@pytest.mark.parametrize("labels", [[0, 1, 2], ["ant", "bee", "cat"]])
def test_a_class_that_was_never_trained_on(tmp_path, load_files, refused, labels):
    train = parquet(tmp_path / "train.parquet", pngs(grey(4)), labels[:2] * 2)
    test = parquet(tmp_path / "test.parquet", pngs(grey(3)), labels)
    refused(
        lambda: load_files(train, test),
        what=f"class '{labels[2]}' is tested but never", where="test.parquet, row 2 ", expected="every class",
        do="add training examples",
    )  # fmt: skip


def test_a_single_class(tmp_path, load_files, refused):
    path = parquet(tmp_path / "one.parquet", pngs(grey(4)), [0] * 4)
    refused(
        lambda: load_files(path),
        what="of one class", where="data set own, split train", expected="two classes", do="label_column",
    )  # fmt: skip


def test_a_split_that_is_left_empty(tmp_path, load_files, refused):
    path = parquet(tmp_path / "one.parquet", pngs(grey(1)), [0])
    refused(
        lambda: load_files(path),
        what="the train split has no examples", where="data set own",
        expected="at least one", do="test_fraction",
    )  # fmt: skip


def test_mixed_shapes(tmp_path, load_files, good, refused):
    images = [*pngs(grey(2)), png(grey(1, size=5)[0]), png(np.zeros((4, 4, 3)))]
    mixed = parquet(tmp_path / "mixed.parquet", images, FOUR)
    refused(
        lambda: load_files([good, mixed], good),
        what="5x5 grey here, 4x4 grey in", where="mixed.parquet, row 2 ", expected="of one size", do="scale",
    )  # fmt: skip
    colour = parquet(tmp_path / "colour.parquet", [images[3]] * 2, [0, 1])
    refused(
        lambda: load_files(good, colour),
        what="to test on are 4x4 colour", where="colour.parquet, row 0 ",
        expected="both splits", do="convert",
    )  # fmt: skip


def test_undecodable_pictures(tmp_path, load_files, good, refused):
    whole = png(grey(1, size=40)[0])
    for content in (b"no picture", whole[: len(whole) // 2], b""):
        bad = parquet(tmp_path / "bad.parquet", [*pngs(grey(1)), content], [0, 1])
        refused(
            lambda bad=bad: load_files([good, bad], good),
            what="cannot be decoded", where="bad.parquet, row 1 ",
            expected="complete PNG", do="remove this row",
        )  # fmt: skip


def test_an_undecodable_picture_of_a_folder_is_named(tmp_path, load_files, refused):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.png").write_bytes(png(grey(1)[0]) if name == "a" else b"no picture")
    refused(
        lambda: load_files(str(tmp_path), str(tmp_path), format="imagefolder"),
        what="cannot be decoded", where=str(tmp_path / "b" / "0.png"), expected="complete PNG", do="remove",
    )  # fmt: skip


def test_a_missing_picture_file(tmp_path, load_files, refused):
    (tmp_path / "own.csv").write_text("image,label\nnone.png,0\nnone.png,1\n")
    path = str(tmp_path / "own.csv")
    refused(
        lambda: load_files(path, path, format="csv"),
        what="a picture file is missing", where="own.csv, row 0 ",
        expected="relative to the table", do="remove",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "what", "expected"),
    [
        ([[1, 2], [3]], "lines differ in length", "equal length"),
        ([[1, 2], [3, 256]], "the pixel value 256", "from 0 to 255"),
        ([[1, -2], [3, 4]], "the pixel value -2", "from 0 to 255"),
        ([[1, 2], [3, None]], "missing pixels", "from 0 to 255"),
        ([], "no pixels", "nested lists"),
        (None, "there is no picture", "nested lists"),
    ],
)
def test_bad_pixels(tmp_path, load_files, refused, bad, what, expected):
    good = [[1, 2], [3, 4]]
    path = parquet(tmp_path / "bad.parquet", [good, good, bad], [0, 1, 0])
    refused(
        lambda: load_files(path, path),
        what=what,
        where="bad.parquet, row 2 ",
        expected=expected,
        do="mend or remove",
    )


@pytest.mark.parametrize(
    ("images", "what", "expected"),
    [
        ([[[0.5, 1.0]]], "pixels of type double", "integers"),
        ([[1, 2, 3]], "the shape (3,)", "flat square of grey"),
        ([[[[1, 2]]]], "the shape (1, 1, 2)", None),
        ([[[[1, 2], [3, 4]], [[1, 2], [3, 4]]]], "the shape (2, 2, 2)", "(height, width)"),
    ],
)
def test_pixel_lists_of_other_kinds(tmp_path, load_files, refused, images, what, expected):
    path = parquet(tmp_path / "bad.parquet", images * 2, [0, 1])
    if expected is None:  # (1, 1, 2) is one plane of one line with two pixels
        assert load_files(path, path).train.inputs.shape == (2, 1, 1, 2)
        return
    refused(lambda: load_files(path, path), what=what, where="row 0 ", expected=expected, do="mend or remove")


def test_pictures_of_more_than_eight_bits_and_with_transparency(tmp_path, load_files, refused):
    import io

    deep, clear = io.BytesIO(), io.BytesIO()
    Image.fromarray(np.full((4, 4), 40_000, np.uint16)).save(deep, format="png")
    Image.fromarray(np.full((4, 4, 4), 128, np.uint8)).save(clear, format="png")
    for buffer, what, expected in (
        (deep, "mode I;16", "8-bit grey"),
        (clear, "transparent", "without transparency"),
    ):
        path = parquet(tmp_path / "bad.parquet", [buffer.getvalue()] * 2, [0, 1])
        refused(
            lambda path=path: load_files(path, path), what=what, where="row 0 ", expected=expected, do="mend"
        )


def test_an_empty_field_of_a_csv_is_a_missing_label(tmp_path, load_files, refused):
    path = tmp_path / "own.csv"
    for labels, row in ((["0", "", "1"], 1), (["a", "b", ""], 2), (["0", "1", "NaN"], 2)):
        path.write_text("image,label\n" + "".join(f"{k}.png,{label}\n" for k, label in enumerate(labels)))
        refused(
            lambda: load_files(str(path), format="csv"),
            what="a label is", where=f"own.csv, row {row} ", expected="class names", do="row's label",
        )  # fmt: skip


def test_a_text_that_is_no_path(tmp_path, load_files, refused):
    text = "long " * 200
    path = parquet(tmp_path / "own.parquet", [text, text], [0, 1])
    refused(
        lambda: load_files(path, path),
        what="no path of a picture file", where="own.parquet, row 0 ", expected="paths of", do="remove",
    )  # fmt: skip
