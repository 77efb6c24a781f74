"""Scores of answers against slow ones, which read letter by letter, and against the harness's own judge."""

import re
import string
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.oracle.mutation import mutated

from study.analysis.harness.tasks import number_settings
from study.data.corpus import answers

WORDS = st.lists(
    st.sampled_from(
        ["the", "A", "an", "red", "Red.", "green", "the-red", "a.", "—a—", "theatre", ";", "yes .", ""]
    )
).map(" ".join)
PIECES = [*"$420,.-+;a)_½ \n", "####", "10", "1,000", "3.50"]
NUMBERS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
TRIED = settings(max_examples=300, deadline=None)


def words_of(text):
    """Lower-case words without punctuation and articles, letter by letter."""
    words, word = [""], ""
    for letter in "".join(sign for sign in text.lower() if sign not in string.punctuation) + " ":
        if letter.isalnum() or letter == "_":
            word += letter
            continue
        if word in ("a", "an", "the"):
            words.append("")
        else:
            words[-1] += word
        word = ""
        if letter.isspace():
            words.append("")
        else:
            words[-1] += letter
    return [found for found in words if found]


def overlap(text, answer):
    """F1 by striking out words that both have."""
    given_words, right = words_of(text), words_of(answer)
    if not given_words or not right:
        return Fraction(given_words == right)
    left, common = list(right), 0
    for word in given_words:
        if word in left:
            left.remove(word)
            common += 1
    if not common:
        return Fraction(0)
    precision, recall = Fraction(common, len(given_words)), Fraction(common, len(right))
    return 2 * precision * recall / (precision + recall)


def token_at(text, start):
    """The number that begins here, and its end; None if none does."""
    at, sign = start, 1
    before = text[start - 1] if start else " "
    if text[at : at + 1] in ("-", "+") and not (before.isalnum() or before in "_)"):
        sign, at = (-1 if text[at] == "-" else 1), at + 1
    first = at
    at += run(text, at)
    digits = text[first:at]
    if digits and len(digits) <= 3:
        while text[at : at + 1] == "," and run(text, at + 1) == 3:
            digits += text[at + 1 : at + 4]
            at += 4
    before = text[at - 1] if at else " "
    part = run(text, at + 1) if text[at : at + 1] == "." else 0
    if part and (digits or not (before.isalnum() or before in "_.")):
        digits, at = f"{digits}.{text[at + 1 : at + 1 + part]}", at + 1 + part
    if not digits:
        return None
    whole, _, rest = digits.partition(".")
    return sign * (Fraction(int(whole or 0)) + Fraction(int(rest or 0), 10 ** len(rest))), at


def run(text, start):
    """How many digits follow each other from here."""
    end = start
    while end < len(text) and text[end] in string.digits:
        end += 1
    return end - start


def value_of(text):
    """The number that a text comes to."""
    for start in range(len(text)):
        if text[start : start + 4] == "####":
            at = start + 4
            while text[at : at + 1].isspace():
                at += 1
            found = token_at(text, at + (text[at : at + 1] == "$"))
            if found:
                return found[0]
    if ";" in text:
        end, sign = text[text.rindex(";") + 1 :].strip().removesuffix(".").strip(), ""
        if end[:1] in ("-", "+"):
            sign, end = end[0], end[2:] if end[1:2].isspace() else end[1:]
        digits = [letter in string.digits for letter in end]
        blanks = [letter.isspace() for letter in end]
        if end and all(map(max, digits, blanks)) and digits[0] and not any(map(min, blanks, blanks[1:])):
            return Fraction(sign + "".join(end.split()))
    at, last = 0, None
    while at < len(text):
        found = token_at(text, at)
        last, at = (found[0], found[1]) if found else (last, at + 1)
    return last


def check_words(module, text, accepted):
    assert module.normalised(text).split() == words_of(text)
    assert module.exact_match(text, accepted) == any(words_of(text) == words_of(other) for other in accepted)
    assert module.f1(text, accepted) == pytest.approx(float(max(overlap(text, other) for other in accepted)))
    ends = [other.split(";")[-1] for other in (text, *accepted)]
    right = any(words_of(ends[0]) == words_of(end) for end in ends[1:])
    assert module.same_conclusion(text, accepted) == right


def check_numbers(module, text, accepted):
    found = module.number(text)
    assert (None if found is None else Fraction(found)) == value_of(text)
    values = [value_of(other) for other in accepted]
    assert module.same_number(text, accepted) == (value_of(text) is not None and value_of(text) in values)


def check_choices(module, scores):
    choices = [chr(97 + place) * (1 + place * 7 % 5) for place in range(len(scores))]
    best = max(scores)
    each = [score / len(choice) for score, choice in zip(scores, choices, strict=True)]
    for place, choice in enumerate(choices):
        expected = (scores.index(best) == place, each.index(max(each)) == place)
        assert module.right_choice(scores, choices, [choice]) == expected


@TRIED
@given(WORDS, st.lists(WORDS, min_size=1, max_size=3))
def test_words(text, accepted):
    check_words(answers, text, accepted)


@TRIED
@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=2))
@example("1,2345", ["1"])
@example("#####42", ["42"])
@example("; - 4 2 .", ["-42"])
def test_numbers(text, accepted):
    check_numbers(answers, text, accepted)


@TRIED
@given(st.lists(st.integers(-20, -1).map(float), min_size=1, max_size=5))
def test_choices(scores):
    check_choices(answers, scores)


WORD_CASES = [
    ("The red.", ["red"]),
    ("red red green", ["red", "green red"]),
    ("red red", ["red red green"]),
    ("the-red", ["red", "thered"]),
    ("theatre", ["atre"]),
    ("the", ["an", "red"]),
    ("red", ["the"]),
    ("Red", ["green", "red"]),
    ("no ; a ; yes .", ["no ; Yes"]),
]
NUMBER_CASES = [
    ("#### 4 #### 2", ["4"]),
    ("#### a 7, then 8", ["8"]),
    ("4 + 8 = 1 2 ; 1 2 .", ["12"]),
    ("1 ; 4 2 apples", ["42", "2"]),
    ("1 ; 4 2 ; 3", ["3"]),
    ("1,000", ["1000"]),
    ("1,2345", ["2345"]),
    ("10-3", ["3"]),
    ("x -3", ["-3"]),
    ("a)-3", ["3"]),
    ("3.50", ["3.5", "50"]),
    (".5", ["0.5"]),
    ("a...5", ["5"]),
    ("$4", ["4"]),
    ("#### $4, 5", ["4"]),
    ("none", ["none"]),
]
CHOICE_CASES = [[-3.0, -4.0, -9.0], [-2.0, -2.0], [-8.0, -9.0, -1.0, -4.0, -7.0]]
MUTANTS = {
    "case matters": ("text.lower()", "text"),
    "punctuation stays": (".translate(_PUNCTUATION)", ""),
    "articles within words": (r"\b(a|an|the)\b", "(a|an|the)"),
    "words count once": ("Counter(words) & Counter(answer)", "Counter(set(words)) & Counter(set(answer))"),
    "the mean is not harmonic": ("2 * common / (len(words) + len(answer))", "common / len(words)"),
    "the first answer counts": ("max(_f1(", "next(_f1("),
    "nothing is never right": ("return float(words == answer)", "return 0.0"),
    "the first conclusion": ('text.rpartition(";")[2]', 'text.partition(";")[2]'),
    "the number behind the last mark": ("MARK}({NUMBER})", "MARK}(?!.*####)({NUMBER})"),
    "the mark does not matter": ("if marked or concluded else", "if concluded else"),
    "digits stay apart": ("[(marked or concluded)[1]]", 'marked and [marked[1]] or re.findall(NUMBER, text)'),
    "the first number": ("found[-1]", "found[0]"),
    "separators separate": ("(?:,[0-9]{3})+", "(?:;[0-9]{3})+"),
    "separators anywhere": ("(?![0-9])|[0-9]+)", "|[0-9]+)"),
    "every minus is a sign": (r"(?<![\w)])[-+]", "[-+]"),
    "no fractions": (r"(?:\.[0-9]+)?", ""),
    "a point may be an ellipsis": (r"(?<![\w.])\.", r"\."),
    "no number is one": ("value is not None and ", ""),
    "by words, not characters": ("len(choice) for", "len(choice.split()) for"),
    "the last of equals": ("scores.argmax()]", "(len(scores) - 1 - scores[::-1].argmax())]"),
}  # fmt: skip


def check_all(module):
    for case in WORD_CASES:
        check_words(module, *case)
    for case in NUMBER_CASES:
        check_numbers(module, *case)
    for case in CHOICE_CASES:
        check_choices(module, case)


def test_cases_by_name():
    check_all(answers)


@pytest.mark.parametrize("edit", MUTANTS.values(), ids=MUTANTS)
def test_mutants_are_caught(edit):
    mutant = mutated(answers, edit)
    with pytest.raises((AssertionError, TypeError)):
        check_all(mutant)


def judged_by_harness(text, accepted):
    """The harness's filter `regex` and metric `exact_match` (0.4.13) with our settings for numbers."""
    told = number_settings()
    regex = told["filter_list"][0]["filter"][0]
    found = re.compile(regex["regex_pattern"]).findall(text)
    taken = "[invalid]"
    if found:
        groups = [group for group in found[regex["group_select"]] if group]
        taken = groups[0].strip() if groups else taken
    for ignored in told["metric_list"][0]["regexes_to_ignore"]:
        taken = re.sub(ignored, "", taken)
        accepted = [re.sub(ignored, "", answer) for answer in accepted]
    return taken in accepted


@settings(max_examples=1000, deadline=None)
@given(NUMBERS, st.sampled_from(["0", "4", "-2", "42", "3.5", "0.5", "1000", "100", "0.02"]))
@example("-0.0", "0")
@example("-.0", "0")
@example("#### 042.00", "42")
@example("3.5.0", "0")
@example("0.2", "0.02")
@example("; 0 4 2 .", "42")
def test_the_harness_judges_numbers_alike(text, answer):
    assert judged_by_harness(text, [answer]) == answers.same_number(text, [answer])
