"""Slips of a name are recognised, strangers are not."""

import pytest

from study.errors import StudyError
from study.names import nearest, unknown

COLUMNS = ["loss_mean", "el2n_mean", "el2n_early", "el2n_last", "grand_early", "vog", "forgetting"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("el2n_earley", "el2n_early"),
        ("early_el2n", "el2n_early"),
        ("EL2N-early", "el2n_early"),
        ("los_mean", "loss_mean"),
        ("forgeting", "forgetting"),
        ("grand", "grand_early"),
        ("vogg", "vog"),
    ],
)
def test_slips_find_the_name(written, meant):
    assert nearest(written, COLUMNS) == meant


@pytest.mark.parametrize("written", ["", "zzz", "temperature", "_"])
def test_strangers_find_nothing(written):
    assert nearest(written, COLUMNS) is None


def test_no_choices():
    assert nearest("loss_mean", []) is None
    assert "there are none" in str(unknown("model", "resnet", []))


def test_error_names_the_nearest_and_the_place():
    error = unknown("score", "el2n_earley", COLUMNS, "difficulty.scores[2]")
    assert isinstance(error, StudyError)
    assert error.where == "difficulty.scores[2]"
    assert "'el2n_earley'" in error.what and "'el2n_early'" in error.do
    assert all(column in error.expected for column in COLUMNS)


def test_error_cuts_long_lists_and_guesses_nothing_for_strangers():
    error = unknown("score", "zzz", [f"score_{i}" for i in range(50)])
    assert "score_11" in error.expected and "score_12" not in error.expected and "50 in all" in error.expected
    assert "did you mean" not in error.do
