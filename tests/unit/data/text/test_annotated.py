"""Annotated utterances as words and tags, on cases written by hand and on any that can be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.data.text.annotated import words_and_tags
from study.errors import StudyError

CASES = [
    (
        "wake me up at [time : nine am] on [date : friday]",
        "wake me up at nine am on friday",
        "O O O O B-time I-time O B-date",
    ),
    ("play some jazz", "play some jazz", "O O O"),
    ("[time : 9:30]", "9:30", "B-time"),  # a colon within the value
    ("[time:9:30] [date :today]", "9:30 today", "B-time B-date"),  # blanks around the colon or not
    ("[time : : ]", ":", "B-time"),
    ("[ place_name  :  new   york ]", "new york", "B-place_name I-place_name"),
    ("[date : friday][time : five pm]", "friday five pm", "B-date B-time I-time"),  # side by side
    ("[date : may] [date : june]", "may june", "B-date B-date"),
    ("on [date : friday], please", "on friday , please", "O B-date O O"),  # brackets end words
    ("([song : yesterday])", "( yesterday )", "O B-song O"),
    ("[place : ankara]'da hava", "ankara 'da hava", "B-place O O"),
    ("olly: set [time : ten a.m.]", "olly: set ten a.m.", "O O B-time I-time"),  # a colon outside
    ("  wake\tme \n up  ", "wake me up", "O O O"),
    ("weck mich um [time : neun uhr früh]", "weck mich um neun uhr früh", "O O O B-time I-time I-time"),
]


@pytest.mark.parametrize(("utterance", "words", "tags"), CASES)
def test_words_between_blanks(utterance, words, tags):
    assert words_and_tags(utterance, "here") == (words.split(), tags.split())


CHARACTERS = [
    (
        "[date : 明日] の [weather_descriptor : 天気]",
        "明 日 の 天 気",
        "B-date I-date O B-weather_descriptor I-weather_descriptor",
    ),
    ("[date : 明日]の[weather : 天気]", "明 日 の 天 気", "B-date I-date O B-weather I-weather"),
    ("[time : 午前10時]に", "午 前 10 時 に", "B-time I-time I-time I-time O"),
    (
        "[artist : the beatles]をかけて",
        "the beatles を か け て",
        "B-artist I-artist O O O O",
    ),
    ("天気\u3000は?", "天 気 は ?", "O O O O"),  # an ideographic blank
    ("play jazz", "play jazz", "O O"),
]


@pytest.mark.parametrize(("utterance", "words", "tags"), CHARACTERS)
def test_characters_are_words_where_there_are_no_blanks(utterance, words, tags):
    assert words_and_tags(utterance, "here", by_character=True) == (words.split(), tags.split())


def test_words_beyond_ascii_stay_whole_else():
    assert words_and_tags("[date : 明日] の天気", "here") == (["明日", "の天気"], ["B-date", "O"])


@pytest.mark.parametrize(
    ("utterance", "message"),
    [
        ("wake me at [time : nine", "a bracket is not closed"),
        ("wake me [", "a bracket is not closed"),
        ("wake me at time : nine]", "closes that was not opened"),
        ("[time : nine]]", "closes that was not opened"),
        ("[time : [number : nine] am]", "opens inside another"),
        ("[time : ]", "the slot 'time' has no value"),
        ("at [time :] now", "the slot 'time' has no value"),
        ("[time]", "a slot has no colon: 'time'"),
        ("[ ]", "a slot has no colon: ''"),
        ("[ : nine]", "a slot has no label"),
        ("[time of day : nine]", "the label of a slot holds a blank: 'time of day'"),
        ("", "an utterance has no words"),
        (" \t", "an utterance has no words"),
    ],
)
@pytest.mark.parametrize("by_character", [False, True])
def test_what_cannot_be_read_is_refused(utterance, message, by_character):
    with pytest.raises(StudyError, match=message) as caught:
        words_and_tags(utterance, "en-US.jsonl, row 3", by_character)
    assert caught.value.where == f"en-US.jsonl, row 3: {utterance!r}"
    assert caught.value.expected and caught.value.do


WORDS = st.lists(st.text("ab:ü'時.-", min_size=1, max_size=4), min_size=1, max_size=3)
PIECES = st.lists(st.tuples(st.sampled_from(["", "time", "place-name"]), WORDS), min_size=1, max_size=5)


@given(PIECES, st.sampled_from([" : ", ":", ": "]), st.sampled_from(["", " "]))
def test_any_utterance_that_can_be_written_comes_back(pieces, colon, gap):
    written, words, tags = [], [], []
    for label, value in pieces:
        written.append(
            f"{gap}[{gap}{label}{colon}{' '.join(value)}{gap}]" if label else f" {' '.join(value)} "
        )
        words += value
        rest = len(value) - 1
        tags += [f"B-{label}", *[f"I-{label}"] * rest] if label else ["O"] * (rest + 1)
    assert words_and_tags("".join(written), "here") == (words, tags)
