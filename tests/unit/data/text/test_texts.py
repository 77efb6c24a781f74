"""Labelled texts: as rows of bytes, from tables, without labels or with labels drawn anew, and their card."""

import json
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from study.config.datasets import DatasetSettings
from study.data.dataset import Dataset, check, data_digest, save, split
from study.data.labels import Table, read_parts
from study.data.noise import flip_labels, redraw_labels
from study.data.sources import load
from study.data.text import card
from study.data.text.baselines import baselines
from study.data.text.packed import pack, text_hashes, unpack
from study.data.text.tables import TextTable, text_part

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
EXAMPLES = st.integers(1, 2).flatmap(lambda n: st.lists(st.tuples(*[TEXT] * n), min_size=1, max_size=8))


@given(EXAMPLES)
def test_texts_survive_packing(examples):
    packed = pack(list(zip(*examples, strict=True)))
    assert unpack(packed) == examples
    assert packed.dtype == np.uint8 and packed.shape[0] == len(examples)
    longest = max(sum(len(text.encode()) for text in row) + len(row) - 1 for row in examples)
    assert packed.shape[1] == max(1, longest)


@given(EXAMPLES, st.integers(0, 5))
def test_hashes_are_equal_where_texts_are_whatever_the_width(examples, more):
    packed = pack(list(zip(*examples, strict=True)))
    hashes = text_hashes(packed)
    assert (text_hashes(np.pad(packed, ((0, 0), (0, more)))) == hashes).all()
    for i, example in enumerate(examples):
        assert [hashes[i] == other for other in hashes] == [example == other for other in examples]


def test_where_a_pair_is_divided_matters():
    pairs = [("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc")]
    hashes = {*text_hashes(pack(list(zip(*pairs, strict=True)))), *text_hashes(pack([["abc"]]))}
    assert len(hashes) == 5


def table(labels, file="here", **columns):
    facts = {name: pa.array(values) for name, values in columns.pop("facts", {}).items()}
    arrays = {name: pa.array(values) for name, values in columns.items()}
    return TextTable(file, pa.array(labels), None, arrays, facts)


def test_tables_become_one_split():
    tables = [
        table([0, 1], "first", one=[" a  b ", "c\td"], two=[["x", "y"], ["z"]], facts={"n": [1, 2]}),
        table([1], "second", one=["ü\n"], two=[["語", "!"]], facts={"n": [3]}),
    ]
    part = text_part(tables, [np.array([0, 1]), np.array([1])])
    whole = [("a  b", "x y"), ("c\td", "z"), ("ü", "語 !")]
    assert unpack(part.inputs(np.arange(3))) == whole
    assert unpack(part.inputs(np.array([2, 0]))) == [whole[2], whole[0]]
    assert part.labels.tolist() == [0, 1, 1] and part.facts["n"].tolist() == [1, 2, 3]
    assert part.where(2).startswith("second, row 0 ")


def test_facts_keep_their_kind():
    facts = {"n": [1, 2], "x": [0.5, None], "yes": [True, False], "s": ["a", None], "words": [["a", "b"], []]}
    found = text_part([table([0, 1], one=["a", "b"], facts=facts)], [np.array([0, 1])]).facts
    assert {name: values.dtype.kind for name, values in found.items()} == {
        "n": "i", "x": "f", "yes": "b", "s": "U", "words": "U",
    }  # fmt: skip
    assert found["s"].tolist() == ["a", ""] and found["words"].tolist() == ["a b", ""]


@pytest.mark.parametrize(
    ("labels", "no_label", "codes", "classes"),
    [
        ([0, -1, 1, 0], -1, [0, -1, 1, 0], ("0", "1")),
        ([0, 2, 1, 99], 99, [0, 2, 1, -1], ("0", "1", "2")),
        ([0.0, 1.0, -1.0], -1, [0, 1, -1], ("0", "1")),
        (["no", "-", "yes", "-"], "-", [0, -1, 1, -1], ("no", "yes")),
        (["-", "-"], "-", [-1, -1], ()),
        ([-1, -1], -1, [-1, -1], ()),
        (["a", "b"], "-", [0, 1], ("a", "b")),
        (["1", "NA", "0"], "NA", [1, -1, 0], ("0", "1")),  # elsewhere a gap among numbers
    ],
)
def test_rows_without_a_label(labels, no_label, codes, classes):
    def make(tables, codes):
        return [each.tolist() for each in codes]

    train, test, found = read_parts([Table("here", pa.array(labels), None)], None, make, no_label)
    assert (train, test, found) == ([codes], None, classes)


def files(folder, name="own.parquet", **columns):
    pq.write_table(pa.table(columns), folder / name)
    return str(folder / name)


def test_what_has_no_label_is_left_out_and_keeps_its_place(tmp_path, load_files):
    texts = [f"text {k}" for k in range(12)]
    labels = ["a", "b", "-"] * 4
    path = files(tmp_path, text=texts, label=labels, of=list(range(12)))
    data = load_files(path, text_columns=["text"], no_label="-", fact_columns=["of"], test_fraction=0.25)
    assert data.classes == ("a", "b")
    rows = {}
    for part in (data.train, data.test):
        places = [int(name.rsplit(":")[-1]) for name in part.ids]
        assert places == part.facts["of"].tolist()
        rows |= dict(zip(places, unpack(part.inputs), strict=True))
        assert [data.classes[k] for k in part.labels] == [labels[row] for row in places]
    assert rows == {row: (texts[row],) for row in range(12) if labels[row] != "-"}


def test_what_another_data_set_holds_is_left_out(tmp_path, load_files, settings):
    path = files(tmp_path, text=[f"text {k}" for k in range(10)], label=[0, 1] * 5)
    whole = load_files(path, text_columns=["text"])
    chosen = settings(source="files", format="parquet", train=[path], text_columns=["text"])
    fewer = load("other", chosen, 0, excluded={*whole.train.contents[:3], whole.test.contents[0]})
    assert fewer.train.contents.tolist() == whole.train.contents[3:].tolist()
    assert fewer.test.contents.tolist() == whole.test.contents[1:].tolist()


def test_a_data_set_of_texts_survives_its_file(tmp_path, load_files):
    path = files(tmp_path, a=["ü", "b b", "c"], b=["x", "y", "語"], label=[1, 0, 1], n=[0.5, 1.0, 2.0])
    data = load_files(path, path, text_columns=["a", "b"], fact_columns=["n"])
    save(data, tmp_path / "kept")
    read = check(tmp_path / "kept")
    assert unpack(read.train.inputs) == [("ü", "x"), ("b b", "y"), ("c", "語")]
    assert (read.train.contents == text_hashes(read.train.inputs)).all()
    assert read.train.facts["n"].tolist() == [0.5, 1.0, 2.0] and read.digest == data.digest


@settings(deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=40), st.floats(0, 1), st.integers(0, 5))
def test_an_exact_share_is_drawn_anew(labels, fraction, seed):
    labels = np.array(labels)
    noisy = redraw_labels(labels, fraction, 3, np.random.default_rng(seed))
    assert noisy.dtype == np.int64 and ((noisy >= 0) & (noisy < 3)).all()
    assert (noisy != labels).sum() <= round(len(labels) * fraction)
    if fraction == 1:  # every label comes from the stream, whatever it was
        others = redraw_labels((labels + 1) % 3, fraction, 3, np.random.default_rng(seed))
        assert (noisy == others).all()


def test_of_labels_drawn_anew_one_in_as_many_as_classes_stays():
    labels = np.arange(30_000) % 3
    drawn = redraw_labels(labels, 0.5, 3, np.random.default_rng(0))
    assert (drawn != labels).mean() == pytest.approx(0.5 * 2 / 3, abs=0.01)
    assert (flip_labels(labels, 0.5, 3, np.random.default_rng(0)) != labels).mean() == 0.5
    moves = Counter(zip(labels[drawn != labels].tolist(), drawn[drawn != labels].tolist(), strict=True))
    assert len(moves) == 6 and min(moves.values()) > 0.9 * max(moves.values())


def test_a_set_and_its_noisy_variant_hold_the_same_examples(tmp_path, load_files):
    path = files(tmp_path, text=[f"text {k}" for k in range(60)], label=[0, 1, 2] * 20)
    clean, noisy = (
        load_files(path, text_columns=["text"], train_examples=30, redrawn_labels=share) for share in (0, 0.6)
    )
    assert (clean.train.contents == noisy.train.contents).all()
    assert (clean.train.labels == noisy.train.true_labels).all()
    assert 0 < (noisy.train.labels != noisy.train.true_labels).sum() <= 18
    assert (noisy.test.labels == clean.test.labels).all()


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"fact_columns": ["n"]}, "without text_columns"),
        ({"text_columns": ["a", "b", "c"]}, "at most 2"),
        ({"text_columns": []}, "at least 1"),
        ({"text_columns": ["a", "a"]}, "named twice"),
        ({"text_columns": ["a"], "format": "imagefolder"}, "no effect on an imagefolder"),
        ({"no_label": -1, "format": "imagefolder"}, "no effect on an imagefolder"),
        ({"label_noise": 0.1, "redrawn_labels": 0.1}, "two kinds of noise"),
    ],
)
def test_settings_that_cannot_be(keys, told):
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(DatasetSettings).validate_python(
            {"source": "files", "format": "parquet", "train": ["x"], **keys}
        )


def made(train, test, classes=("no", "yes"), noisy=None):
    """A data set of (texts..., label) rows."""

    def part(name, rows, labels=None):
        *texts, true = zip(*rows, strict=True)
        facts = {"n": np.arange(len(rows)), "odd": np.arange(len(rows)) % 2 == 1}
        return split(
            "own", name, np.arange(len(rows)), pack(texts), np.array(true), labels, facts, text_hashes
        )

    parts = part("train", train, noisy), part("test", test)
    return Dataset("own", *parts, classes, "made here", data_digest(*parts, len(classes)))


def test_the_second_text_gives_the_label_away():
    rng = np.random.default_rng(0)
    words = np.array(["red", "green", "blue", "black"])
    told = (("is", "not"), ("not", "is"))  # the same words, in another order

    def rows(n):
        labels = np.arange(n) % 2
        return [
            (" ".join(rng.choice(words, 3)), f"it {' '.join(told[k])} {rng.choice(words)}", k) for k in labels
        ]

    found = baselines(made(rows(200), [*rows(60), ("red red", "it is not red", 0)]))
    assert list(found) == ["majority", "bag_of_words", "second_text_only"]
    assert found["majority"] == pytest.approx(31 / 61)
    assert found["second_text_only"] == 1.0 and found["bag_of_words"] < 0.8


def test_words_of_single_texts_and_a_split_of_one_label():
    rows = [(f"{'good' if k % 2 else 'bad'} a{k % 3}", k % 2) for k in range(40)]
    assert baselines(made(rows, rows[:7])) == {"majority": 4 / 7, "bag_of_words": 1.0}
    one = made([("a b", 1)] * 4, [("a", 1)], noisy=np.ones(4, np.int64))
    assert baselines(one) == {"majority": 1.0}


def test_a_card_counts_words_and_shows_texts(tmp_path, settings):
    train = [("<b>no</b> & way", 0), ("yes", 1), ("yes please", 1), ("no", 0)] * 2
    data = made(train, [("yes a b c d", 1), ("no", 0)], noisy=np.array([0, 1, 0, 0, 0, 1, 1, 0]))
    chosen = settings(source="files", format="csv", train=["x"], text_columns=["text"])
    card.write(data, chosen, tmp_path)
    kept = json.loads((tmp_path / "card.json").read_text())
    assert kept["words"] == {"train": {"mean": 1.75, "most": 3}, "test": {"mean": 3.0, "most": 5}}
    assert (kept["vocabulary"], kept["texts"]) == (6, 1)
    assert kept["label_noise"]["flipped"] == 1 and kept["duplicates"]["train"] == 4
    assert kept["facts"]["train"]["odd"] == {"False": 4, "True": 4}
    assert kept["shown"][0][:2] == ["<b>no</b> & way", "[wrong] yes please"]
    page = (tmp_path / "card.html").read_text()
    assert "&lt;b&gt;no&lt;/b&gt; &amp; way" in page and "<b>no</b>" not in page and "http" not in page
