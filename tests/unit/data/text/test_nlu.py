"""Generated utterances: sizes, shares and difficulty."""

from collections import Counter

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from study.data.text import nlu
from study.data.text.nlu_grammar import CARRIERS

TRAIN, TEST = 4000, 300 * len(nlu.DOMAINS)


@pytest.fixture(scope="module")
def parts():
    return nlu.nlu(TRAIN, TEST, 40, 0.05, np.random.default_rng(0))


def words_of(texts):
    return {word for text in texts for word in text.split()}


def test_the_same_generator_gives_the_same_utterances(parts):
    for seed, same in ((0, True), (1, False)):
        again = nlu.nlu(TRAIN, TEST, 40, 0.05, np.random.default_rng(seed))
        for ours, theirs in zip(parts, again, strict=True):
            assert (ours.texts == theirs.texts) == same
            for name, fact in ours.facts.items():
                assert np.array_equal(fact, theirs.facts[name]) == same


def test_domains_decline_in_training_and_are_equal_in_the_test(parts):
    train, test = (np.bincount(part.labels, minlength=len(nlu.DOMAINS)) for part in parts)
    assert train.sum() == TRAIN and (test == 300).all()
    steps = 40 ** (-1 / (len(nlu.DOMAINS) - 1))
    np.testing.assert_allclose(train[1:], train[:-1] * steps, atol=2)
    assert abs(train[0] - 40 * train[-1]) <= 40


def test_nothing_comes_twice(parts):
    texts = parts[0].texts[0] + parts[1].texts[0]
    assert len(set(texts)) == len(texts) == TRAIN + TEST


def test_the_language_has_the_size_of_a_small_assistants(parts):
    train, test = (words_of(part.texts[0]) for part in parts)
    assert 700 <= len(train | test) <= 1000
    assert 0 < len(test - train) < 0.15 * len(test)
    slots = {tag[2:] for part in parts for tags in part.facts["slots"] for tag in tags.split() if tag != "O"}
    assert 15 <= len(slots) <= 25
    intents = Counter(intent for intents in CARRIERS.values() for intent in intents)
    assert set(intents) == set(parts[1].facts["intent"]) and set(intents.values()) == {1}
    assert all(2 <= len(intents) <= 4 for intents in CARRIERS.values())


def test_usual_and_rare_kinds_are_told_apart(parts):
    for part in parts:
        assert 0.15 < part.facts["shared"].mean() < 0.6
        assert (part.facts["traffic"] > 0).all()
        low, high = np.quantile(part.facts["traffic"], [0.1, 0.9])
        assert high > 20 * low
    counts = Counter(parts[0].facts["template"])
    assert max(counts.values()) > 30 and sum(count == 1 for count in counts.values()) > 50
    kinds = sum(carrier.chance for domain in nlu.DOMAINS for carrier in nlu._carriers(domain))
    assert kinds == pytest.approx(len(nlu.DOMAINS))


@pytest.mark.parametrize("slips", [0, 0.05, 0.5, 0.9])
def test_so_many_slip(slips):
    for part in nlu.nlu(800, 400, 10, slips, np.random.default_rng(3)):
        assert part.facts["slip"].sum() == round(slips * len(part.labels))


@pytest.mark.parametrize(
    ("train", "test", "imbalance", "message"),
    [
        (20, 80, 40, "20 training utterances leave alarm without one"),
        (400, 7, 1, "7 test utterances leave weather without one"),
        (0, 80, 1, "0 training utterances"),
        (10**9, 80, 1, "about music are asked for, and there are at most"),
    ],
)
def test_sizes_that_cannot_be_are_refused(train, test, imbalance, message):
    with pytest.raises(ValueError, match=message):
        nlu.nlu(train, test, imbalance, 0, np.random.default_rng(0))


def test_too_rare_utterances_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(nlu, "_DRAWS", 1)
    with pytest.raises(ValueError, match="101 different utterances about music are asked for, and 101 draws"):
        nlu.nlu(800, 8, 1, 0, np.random.default_rng(0))


def test_slips_beyond_what_can_slip_are_refused(monkeypatch):
    monkeypatch.setattr(nlu, "slipped", lambda *_: None)
    with pytest.raises(ValueError, match="40 of 80 utterances are to slip, and only 0 could"):
        nlu.nlu(80, 80, 1, 0.5, np.random.default_rng(0))


def test_counts_of_words_leave_errors_where_phrases_are_shared(parts):
    counter = CountVectorizer(token_pattern=r"\S+", min_df=2)
    train, test = parts
    model = LogisticRegression(max_iter=1000).fit(counter.fit_transform(train.texts[0]), train.labels)
    wrong = model.predict(counter.transform(test.texts[0])) != test.labels
    assert 0.03 < wrong.mean() < 0.15
    assert wrong[test.facts["shared"]].mean() > 1.3 * wrong[~test.facts["shared"]].mean()
