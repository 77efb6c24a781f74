"""Labelled texts of local files: every mistake that is refused, in a message with all its parts."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.data.text.packed import unpack

FOUR = ["one two", "three", "four five", "six"]
LABELS = [0, 1, 0, 1]


@pytest.fixture
def table(tmp_path):
    """Write a parquet file of texts; columns may be given other values."""

    def write(name="own.parquet", **columns):
        pq.write_table(pa.table({"text": FOUR, "label": LABELS} | columns), tmp_path / name)
        return str(tmp_path / name)

    return write


@pytest.fixture
def texts(load_files):
    """Load files as a data set of texts."""
    return lambda *args, **keys: load_files(*args, **({"text_columns": ["text"]} | keys))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "is missing"),
        ("", "is empty"),
        (" \t\n", "is empty"),
        ("a\0b", "holds a null character"),
    ],
)
def test_bad_texts(table, texts, refused, text, what):
    good, bad = table("good.parquet"), table("bad.parquet", text=[*FOUR[:2], text, FOUR[3]])
    refused(
        lambda: texts([good, bad], good),
        what=f"text in column 'text' {what}", where="bad.parquet, row 2 ",
        expected="not empty", do="mend or remove this row",
    )  # fmt: skip


def test_lists_without_words(table, texts, refused):
    path = table(text=[["a"], ["b", "c"], [], ["d"]])
    refused(lambda: texts(path, path), what="is empty", where="row 2 ", expected="list of words", do="remove")


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ([1, 2, 3, 4], "holds int64"),
        ([[1], [2], [3], [4]], "int64>"),
        ([b"a", b"b", b"c", b"d"], "holds binary"),
        ([{"en": "a"}] * 4, "struct<en"),
    ],
)
def test_a_column_of_something_else(table, texts, refused, column, what):
    path = table(text=column)
    refused(
        lambda: texts(path, path),
        what=what, where="own.parquet, row 0 ", expected="a text", do="text_columns",
    )  # fmt: skip


def test_the_second_text_is_looked_at_too(table, texts, refused):
    path = table(other=["a", "b", None, "d"])
    refused(
        lambda: texts(path, path, text_columns=["text", "other"]),
        what="text in column 'other' is missing", where="row 2 ", expected="every row", do="remove",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "what", "do"),
    [
        ({"text_columns": ["sentence"]}, "no column 'sentence'", "as text_columns"),
        ({"text_columns": ["text", "other"]}, "no column 'other'", "as text_columns"),
        ({"fact_columns": ["intent"]}, "no column 'intent'", "as fact_columns"),
        ({"label_column": "class"}, "no column 'class'", "as label_column"),
    ],
)
def test_missing_columns(table, texts, refused, keys, what, do):
    path = table()
    refused(lambda: texts(path, path, **keys), what=what, where="own.parquet", expected="text, label", do=do)


@pytest.mark.parametrize(
    ("labels", "no_label", "what"),
    [
        ([0, 1, -1, 1], None, "out of range: -1"),
        ([0, 1, -1, 1], "-1", "out of range: -1"),  # a number is no word
        ([0, 1, -2, 1], -1, "out of range: -2"),
        ([0, 1, None, 1], -1, "a label is missing"),
        ([0.0, 1.0, 0.5, 1.0], -1, "has a fraction"),
    ],
)
def test_bad_labels(table, texts, refused, labels, no_label, what):
    path = table(label=labels)
    refused(
        lambda: texts(path, path, no_label=no_label),
        what=what, where="own.parquet, row 2 ", expected="integers from 0", do="row's label",
    )  # fmt: skip


def test_no_row_with_a_label(table, texts, refused):
    path = table(label=["-"] * 4)
    refused(
        lambda: texts(path, path, no_label="-"),
        what="the train split has no examples", where="data set own", expected="at least one", do="add",
    )  # fmt: skip


def test_a_class_of_which_only_tests_are_labelled(table, texts, refused):
    train = table("train.parquet", label=["a", "b", "-", "-"])
    test = table("test.parquet", label=["a", "b", "-", "c"])
    refused(
        lambda: texts(train, test, no_label="-"),
        what="class 'c' is tested but never", where="test.parquet, row 3 ", expected="every class", do="add",
    )  # fmt: skip


def test_one_class_is_left_where_the_others_have_no_label(table, texts, refused):
    path = table(label=["a", "-", "a", "-"])
    refused(
        lambda: texts(path, path, no_label="-"),
        what="of one class", where="split train", expected="two classes", do="label_column",
    )  # fmt: skip


def test_an_empty_field_of_a_csv_is_a_missing_text(tmp_path, texts, refused):
    path = tmp_path / "own.csv"
    path.write_text('text,label\n"a, b",0\nNA,1\n"",0\nnull,1\n')
    refused(
        lambda: texts(str(path), format="csv"),
        what="text in column 'text' is missing", where="own.csv, row 2 ", expected="not empty", do="remove",
    )  # fmt: skip


def test_words_for_gaps_are_texts_and_lines_may_break(tmp_path, texts):
    path = tmp_path / "own.csv"
    path.write_text('text,label\n"a, b",0\nNA,1\n"two\nlines",0\nnull,1\n', encoding="utf-8")
    data = texts(str(path), str(path), format="csv")
    assert unpack(data.train.inputs) == [("a, b",), ("NA",), ("two\nlines",), ("null",)]


def test_numbers_in_a_csv_are_no_texts(tmp_path, texts, refused):
    path = tmp_path / "own.csv"
    path.write_text("text,label\n1,0\n2,1\n")
    refused(
        lambda: texts(str(path), str(path), format="csv"),
        what="holds int64", where="own.csv, row 0 ", expected="a text", do="text_columns",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "what", "do"),
    [
        ([{"text": "a", "label": 0}, {"text": 1, "label": 1}], "'text' are of mixed types", "in one way"),
        ([{"text": "a", "label": 0}, {"text": ["b"], "label": 1}], "'text' are of mixed types", "in one way"),
        ([{"text": "a", "label": 0}, {"label": 1}], "is missing", "remove"),
    ],
)
def test_mixed_lines(tmp_path, texts, refused, lines, what, do):
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    refused(
        lambda: texts(str(path), str(path), format="jsonl"),
        what=what, where="own.jsonl", expected="", do=do,
    )  # fmt: skip


def test_half_of_a_surrogate_pair(tmp_path, texts, refused):
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "\\ud800", "label": 0}\n{"text": "b", "label": 1}\n')
    refused(
        lambda: texts(str(path), str(path), format="jsonl"),
        what="cannot be read", where="own.jsonl", expected="complete data", do="again",
    )  # fmt: skip


def test_more_examples_than_have_labels(table, texts, refused):
    path = table(label=["a", "b", "-", "-"])
    refused(
        lambda: texts(path, path, no_label="-", train_examples=3),
        what="asks for 3 examples, and there are 2", where="split train", expected="at most 2", do="lower",
    )  # fmt: skip
