"""Scores of answers on cases that follow from the definitions of the metrics."""

from decimal import Decimal

import pytest

from study.data.corpus.answers import (
    SCORERS,
    conclusion,
    conclusion_of_harness,
    exact_match,
    f1,
    normalised,
    number,
    right_choice,
    same_conclusion,
    same_number,
    words_of_harness,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Eiffel Tower.", "eiffel tower"),
        ("an apple a day", "apple day"),
        ("Theatre, anthem", "theatre anthem"),  # articles are words, not letters
        ("U.S.", "us"),
        ("it's 1,000", "its 1000"),
        ("the-end", "theend"),  # punctuation goes before articles do
        ("\tA\n", ""),
        ("Zoë’s", "zoë’s"),  # of punctuation, ASCII alone is taken away
    ],
)
def test_normalisation(text, expected):
    assert normalised(text) == expected


def test_exact_match_of_any_answer():
    assert exact_match("the Denver Broncos!", ["Broncos", "Denver Broncos"])
    assert not exact_match("Denver", ["Broncos", "Denver Broncos"])
    assert exact_match("a", ["the"])  # nothing is left of either


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("Denver Broncos", ["denver broncos"], 1),
        ("the Denver Broncos of 2015", ["Denver Broncos"], 2 * (2 / 4) * (2 / 2) / (2 / 4 + 2 / 2)),
        ("Broncos", ["Denver Broncos"], 2 * 1 * 0.5 / 1.5),
        ("Broncos", ["Denver Broncos", "Broncos", "the team"], 1),  # the best answer counts
        ("Panthers", ["Denver Broncos"], 0),
        ("no no no", ["no"], 2 * (1 / 3) * 1 / (1 / 3 + 1)),  # a word is matched as often as it occurs
        ("no no no", ["no yes no"], 2 / 3),
        ("broncos denver", ["Denver Broncos"], 1),  # order does not matter
        ("", ["Denver"], 0),
        ("the", ["a"], 1),
        ("the", ["Denver"], 0),
    ],
)
def test_f1(text, answers, expected):
    assert f1(text, answers) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Janet sells 16 - 3 - 4 = 9 eggs. She makes 9 * 2 = $18.\n#### 18", "18"),
        ("#### 18\n\nQuestion: 2 + 2?\n#### 4", "18"),  # what runs on does not count
        ("#### is it 7? #### 8", "8"),
        ("####$1,200", "1200"),
        ("#### -5", "-5"),
        ("the answer is 1,234,567.80 dollars", "1234567.8"),
        ("so 3.0", "3"),
        ("it costs $.50", "0.5"),
        ("between 3 and 12.", "12"),
        ("10-3", "3"),  # the minus takes away
        ("10 - 3", "3"),
        ("it is -3", "-3"),
        ("(2)-3", "3"),
        ("+7", "7"),
        ("wait...5", "5"),
        ("1,2", "2"),
        ("12,3456", "3456"),
        ("1.2.3", "3"),
        ("9 + 3 = 1 2 , 1 + 2 + 1 = 4 ; 4 2 .", "42"),
        ("9 + 3 = 1 2 ; 0 4 2", "42"),
        ("1 ; 2 ; - 3 .", "-3"),
        ("he has 3; she has 4 apples", "4"),
        ("1 2 ; it is 42.0", "42"),
        ("none", None),
        ("", None),
        ("####", None),
    ],
)
def test_numbers(text, expected):
    assert number(text) == (None if expected is None else Decimal(expected))


def test_numbers_are_equal_by_value():
    assert same_number("3.0", ["3"]) and same_number("#### 1,000", ["about 7", "1000.00"])
    assert same_number("4 + 8 = 1 2 ; 1 2 .", ["12"]) and same_number("12", ["4 + 8 = 1 2 ; 1 2 ."])
    assert not same_number("3.01", ["3"]) and not same_number("-3", ["3"])
    assert not same_number("none", ["none"])  # no number is no answer


def test_conclusions():
    assert conclusion("a so b , b so c ; yes .") == "yes"
    assert conclusion("one ; two ; no") == "no" and conclusion("a so b ;") == ""
    assert conclusion(" yes. ") == "yes"
    assert same_conclusion("a so b ; Yes .", ["b so a ; yes ."]) and same_conclusion("a so b ; yes", ["yes"])
    assert not same_conclusion("a so yes , b so c", ["a so b ; yes ."])
    assert not same_conclusion("a so b ; no .", ["a so b ; yes ."])


@pytest.mark.parametrize(
    ("log_likelihoods", "expected"),
    [
        ([-3.0, -4.0, -9.0], (True, False)),  # a character: -3, -2, -3
        ([-6.0, -4.0, -9.0], (False, False)),
        ([-1.0, -4.0, -9.0], (True, True)),
        ([-2.0, -4.0, -6.0], (True, True)),  # the first of equals
        ([-9.0, -9.0, -9.0], (True, False)),
    ],
)
def test_choices(log_likelihoods, expected):
    assert right_choice(log_likelihoods, ["a", "bb", "ccc"], ["a"]) == expected


def test_every_measure_has_its_scorer():
    assert list(SCORERS.items()) == [("f1", f1), ("exact", same_conclusion), ("number", same_number)]


def test_the_harness_is_told_the_same():
    doc = {"answers": ["Denver Broncos", "yes"]}
    assert words_of_harness(doc, ["the Broncos"]) == {"f1": pytest.approx(2 / 3), "exact_match": 0.0}
    assert words_of_harness(doc, ["Denver Broncos."]) == {"f1": 1.0, "exact_match": 1.0}
    assert conclusion_of_harness(doc, ["a so b ; yes ."]) == {"exact_match": 1.0}
    assert conclusion_of_harness(doc, ["a so b ; no ."]) == {"exact_match": 0.0}
