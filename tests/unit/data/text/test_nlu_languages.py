"""Languages of their own: every word has one, every filler stays whole, and nothing is lost on the way."""

import numpy as np
import pytest

from study.data.text.nlu import nlu
from study.data.text.nlu_languages import ENGLISH, FRONTED, LANGUAGES, MIRRORED, lexicon, said_in


@pytest.fixture(scope="module")
def utterances():
    """(words, tags), slips among them."""
    train, _ = nlu(400, 80, 4.0, 0.3, np.random.default_rng(3))
    return [
        (text.split(" "), tags.split(" "))
        for text, tags in zip(train.texts[0], train.facts["slots"], strict=True)
    ]


def filled(words, tags):
    """[(slot, its words)], in the order of the utterance."""
    found = []
    for word, tag in zip(words, tags, strict=True):
        if tag[0] == "B":
            found.append((tag[2:], [word]))
        elif tag[0] == "I":
            assert found[-1][0] == tag[2:]
            found[-1][1].append(word)
    return found


@pytest.mark.parametrize("language", [MIRRORED, FRONTED])
def test_no_two_words_share_one(language, utterances):
    known = lexicon(language)
    assert len(set(known.values())) == len(known)
    assert {word for words, _ in utterances for word in words} <= set(known)
    same = {word for word, said in known.items() if word == said}
    assert {"tokyo", "nina", "lanterns"} <= same and not {"play", "the", "seven", "rain"} & same
    assert not set(known) & {said for word, said in known.items() if word not in same}
    assert all(said.isascii() and said.isalpha() and said.islower() for said in known.values())


def test_languages_share_names_alone():
    here, there = lexicon(MIRRORED), lexicon(FRONTED)
    shared = set(here.values()) & set(there.values())
    assert {word for word, said in here.items() if said in shared} >= {"tokyo", "nina"}
    assert len(shared - {word for word in here if here[word] == word}) < 5  # by chance


def test_english_is_what_the_grammar_says(utterances):
    assert all(said_in(ENGLISH, words, tags) == (words, tags) for words, tags in utterances)


def test_mirrored_is_english_read_from_its_end(utterances):
    known = lexicon(MIRRORED)
    for words, tags in utterances:
        said, marked = said_in(MIRRORED, words, tags)
        assert said == [known[word] for word in reversed(words)]
        expected = [(slot, [known[word] for word in reversed(own)]) for slot, own in filled(words, tags)]
        assert filled(said, marked) == expected[::-1]


def test_fronted_says_first_what_it_is_about(utterances):
    known = lexicon(FRONTED)
    english = {said: word for word, said in known.items()}
    for words, tags in utterances:
        said, marked = said_in(FRONTED, words, tags)
        assert filled(said, marked) == [
            (slot, [known[word] for word in own]) for slot, own in filled(words, tags)
        ]
        front = sum(len(own) + 1 for _, own in filled(words, tags))
        particles = [word for word, tag in zip(said[:front], marked[:front], strict=True) if tag == "O"]
        assert particles == [known[f"{{{slot}}}"] for slot, _ in filled(words, tags)]
        rest = [english[word] for word in said[front:]]
        assert rest[-1:] + rest[:-1] == [word for word, tag in zip(words, tags, strict=True) if tag == "O"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_different_utterances_stay_different(language, utterances):
    said = {" ".join(said_in(language, words, tags)[0]) for words, tags in utterances}
    assert len(said) == len(utterances)


@pytest.mark.parametrize("language", [MIRRORED, FRONTED])
def test_the_corpus_of_a_language(language):
    """The same draws say the same, in other words."""
    english, other = (nlu(200, 80, 4.0, 0.2, np.random.default_rng(5), each) for each in (ENGLISH, language))
    for here, there in zip(english, other, strict=True):
        assert here.labels.tolist() == there.labels.tolist()
        assert all((here.facts[name] == there.facts[name]).all() for name in set(here.facts) - {"slots"})
        for row in range(len(here.labels)):
            words, tags = (part[row].split(" ") for part in (here.texts[0], here.facts["slots"]))
            said = said_in(language, words, tags)
            assert (there.texts[0][row], there.facts["slots"][row]) == tuple(map(" ".join, said))
