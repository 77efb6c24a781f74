"""Spans of BIO tags and slot errors on cases that are told by eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.analysis.slot_errors import SlotCounts, f_semer, misinterpreted, semer, slot_counts, spans


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", []),
        ("O O", []),
        ("O B-time I-time O", [("time", 1, 3)]),
        ("B-a B-a", [("a", 0, 1), ("a", 1, 2)]),
        ("B-a I-b I-b", [("a", 0, 1), ("b", 1, 3)]),
        ("I-a I-a O I-b", [("a", 0, 2), ("b", 3, 4)]),
        ("B-a O I-a", [("a", 0, 1), ("a", 2, 3)]),
        ("B-B-x I-B-x", [("B-x", 0, 2)]),
    ],
)
def test_spans(tags, expected):
    assert spans(tags.split()) == expected


@pytest.mark.parametrize("tag", ["", "o", "X-a", "B", "B-", "I-", "a", " "])
def test_what_is_no_tag_is_refused(tag):
    with pytest.raises(ValueError, match="no BIO tag"):
        spans(["O", tag])


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3), st.integers(0, 2)), max_size=5))
def test_spans_are_those_that_were_written(slots):
    tags, written = [], []
    for label, length, gap in slots:
        written.append((label, len(tags), len(tags) + length))
        tags += [f"B-{label}", *[f"I-{label}"] * (length - 1), *["O"] * gap]
    assert spans(tags) == written


# reference, prediction, (correct, changed, missed, inserted)
COUNTS = [
    ("O O O", "O O O", (0, 0, 0, 0)),
    ("B-a I-a O", "B-a I-a O", (1, 0, 0, 0)),
    ("B-a I-a O", "B-b I-b O", (0, 1, 0, 0)),  # another label
    ("B-a I-a O", "B-a O O", (0, 1, 0, 0)),  # another extent
    ("B-a O O", "O O O", (0, 0, 1, 0)),
    ("O O O", "O B-a O", (0, 0, 0, 1)),
    ("B-a O O", "O O B-a", (0, 0, 1, 1)),  # elsewhere: two errors
    ("B-a I-a I-a", "B-a B-a B-a", (0, 1, 0, 2)),  # cut in three
    ("B-a B-b B-c", "B-a I-a I-a", (0, 1, 2, 0)),  # run together
    ("B-a I-a B-b I-b", "O B-a I-a B-b", (0, 2, 0, 0)),  # moved by a word
    ("O O O B-a", "B-b O O B-a", (1, 0, 0, 1)),
]


@pytest.mark.parametrize(("reference", "predicted", "expected"), COUNTS)
def test_slot_errors(reference, predicted, expected):
    counts = slot_counts([reference.split()], [predicted.split()])
    found = counts.correct, counts.changed, counts.missed, counts.inserted
    assert tuple(int(value[0]) for value in found) == expected
    assert counts.errors.tolist() == [sum(expected[1:])]


def both():
    reference, predicted, _ = zip(*COUNTS, strict=True)
    return slot_counts([tags.split() for tags in reference], [tags.split() for tags in predicted])


def test_some_utterances_can_be_taken():
    taken = both().take(np.array([2, 7]))
    assert isinstance(taken, SlotCounts) and taken.errors.tolist() == [1, 3]
    assert taken.reference.tolist() == [1, 1] and taken.predicted.tolist() == [1, 3]


def test_rates():
    """11 utterances, 12 slots in the reference, 13 predicted; 15 slot errors, 2 wrong intents."""
    slots, wrong = both(), np.arange(11) < 2
    assert (slots.reference.sum(), slots.predicted.sum(), slots.errors.sum()) == (12, 13, 15)
    assert semer(wrong, slots) == pytest.approx(17 / 23)
    assert f_semer(wrong, slots) == pytest.approx(2 / (23 / 17 + 24 / 17))
    found = misinterpreted(np.arange(11) == 0, wrong, slots)
    assert found.all() and misinterpreted(~wrong, wrong, None).all()
    assert misinterpreted(wrong & False, wrong, slots).tolist() == [True] * 11
    assert misinterpreted(wrong & False, wrong & False, slots).sum() == 9


def test_without_errors_rates_are_0_and_without_utterances_undefined():
    right = [["O", "B-a"], ["O"]]
    slots, wrong = slot_counts(right, right), np.zeros(2, dtype=bool)
    assert (semer(wrong, slots), f_semer(wrong, slots)) == (0, 0)
    nothing = slot_counts([], [])
    assert np.isnan([semer(wrong[:0], nothing), f_semer(wrong[:0], nothing)]).all()


def test_utterances_and_words_have_to_agree():
    with pytest.raises(ValueError, match="2 utterances have reference tags, 1 predicted"):
        slot_counts([["O"], ["O"]], [["O"]])
    with pytest.raises(ValueError, match="utterance 1 has 2 reference tags and 1 predicted"):
        slot_counts([["O"], ["O", "O"]], [["O"], ["O"]])
