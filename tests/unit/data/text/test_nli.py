"""Generated inference: what is promised of its sizes, classes and facts, and what simple models learn."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from study.data.text import nli as nli_module
from study.data.text.nli import CLASSES, MARKERS, nli
from study.data.text.nli_families import FAMILIES, SHARES

TRAIN, TEST = 3000, 4000


@pytest.fixture(scope="module")
def plain():
    return nli(TRAIN, TEST, 0.0, 0.0, np.random.default_rng(11))


def pairs(part):
    return list(zip(*part.texts, strict=True))


def accuracy(parts, sides, ngrams):
    """Of a logistic regression on the words of these sides of the pairs, each with features of its own."""
    train, test = parts
    counted = []
    for side in sides:
        words = CountVectorizer(token_pattern=r"\S+", ngram_range=(1, ngrams))
        counted.append((words.fit_transform(train.texts[side]), words.transform(test.texts[side])))
    inputs = [hstack(columns).tocsr() for columns in zip(*counted, strict=True)]
    fitted = LogisticRegression(C=0.3, max_iter=1000).fit(inputs[0], train.labels)
    return fitted.score(inputs[1], test.labels)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 150), st.integers(0, 150), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_sizes_classes_and_shares_are_as_asked_for(train, test, artefacts, ambiguity, seed):
    parts = nli(train, test, artefacts, ambiguity, np.random.default_rng(seed))
    for part, size in zip(parts, (train, test), strict=True):
        assert len(part.labels) == size and part.labels.dtype == np.int64 and len(part.texts) == 2
        assert all(len(column) == size for column in (*part.texts, *part.facts.values()))
        assert np.ptp(np.bincount(part.labels, minlength=len(CLASSES))) <= 1
        assert part.facts["artefact"].sum() == round(artefacts * size)
        assert part.facts["ambiguous"].sum() == round(ambiguity * size)
        assert len(set(pairs(part))) == size
    assert not set(parts[0].texts[0]) & set(parts[1].texts[0])


def test_facts_mean_what_they_say():
    for part in nli(1500, 500, 0.3, 0.2, np.random.default_rng(3)):
        facts = part.facts
        np.testing.assert_array_equal(facts["artefact_label"], np.where(facts["artefact"], part.labels, -1))
        two = facts["ambiguous"]
        assert (facts["other_label"][~two] == -1).all() and (facts["label_probability"][~two] == 1).all()
        assert np.isin(facts["other_label"][two], range(3)).all()
        assert (facts["other_label"] != part.labels).all()
        assert set(facts["label_probability"][two]) <= {0.3, 1 - 0.7, 0.5, 0.7}
        for fact, kind in (("artefact", bool), ("ambiguous", bool), ("label_probability", float)):
            assert facts[fact].dtype == kind
        for fact in ("reasoning", "structure"):
            assert facts[fact].dtype.kind == "U"


def test_marked_hypotheses_hold_a_phrase_of_their_label_and_no_others_do():
    part, _ = nli(900, 0, 0.4, 0.3, np.random.default_rng(2))
    for hypothesis, pointed in zip(part.texts[1], part.facts["artefact_label"].tolist(), strict=True):
        found = [
            label
            for label, phrases in enumerate(MARKERS)
            if hypothesis.startswith(tuple(f"{phrase} , " for phrase in phrases))
        ]
        assert found == ([] if pointed == -1 else [pointed])


def test_the_same_seed_gives_the_same_corpus_and_another_one_another():
    first, again, other = (nli(200, 100, 0.2, 0.1, np.random.default_rng(seed)) for seed in (5, 5, 6))
    for one, two in zip(first, again, strict=True):
        assert one.texts == two.texts
        np.testing.assert_array_equal(one.labels, two.labels)
        for name in one.facts:
            np.testing.assert_array_equal(one.facts[name], two.facts[name])
    assert first[0].texts != other[0].texts


def test_it_is_no_toy(plain):
    train, test = plain
    sentences = [sentence for column in train.texts for sentence in column]
    assert len({word for sentence in sentences for word in sentence.split()}) >= 500
    structures = {name for both in train.facts["structure"] for name in both.split(" / ")}
    assert 50 <= len(structures) <= sum(len(family.structures) for family in FAMILIES)
    assert max(len(sentence.split()) for sentence in sentences) <= 22
    for part in (train, test):
        by_reasoning = dict(zip(*np.unique(part.facts["reasoning"], return_counts=True), strict=True))
        assert set(by_reasoning) == {family.reasoning for family in FAMILIES} | {
            "identity",
            "negation",
            "unrelated",
        }
        assert min(by_reasoning.values()) >= 10


def test_a_structure_is_named_once():
    names = [name for family in FAMILIES for name in family.structures.values()]
    templates = [template for family in FAMILIES for template in family.structures]
    assert len(set(names)) == len(names) and len(set(templates)) == len(templates)
    assert sum(SHARES) == pytest.approx(1) and len(SHARES) == len(FAMILIES)


def test_a_hypothesis_alone_says_nothing(plain):
    assert abs(accuracy(plain, [1], 2) - 1 / 3) < 0.03


def test_artefacts_tell_labels_from_the_hypothesis_alone():
    parts = nli(TRAIN, TEST, 0.3, 0.0, np.random.default_rng(12))
    assert 0.48 < accuracy(parts, [1], 2) < 0.58  # 0.3 + 0.7 / 3 is 0.53


def test_words_of_both_sentences_without_their_relation_say_little(plain):
    assert 0.4 < accuracy(plain, [0, 1], 1) < 0.55
    majority = np.bincount(plain[0].labels).argmax()
    assert np.mean(plain[1].labels == majority) == pytest.approx(1 / 3, abs=1e-3)


def test_more_examples_than_there_are_are_refused(monkeypatch):
    """With one family of two topics and one aside, some thousand pairs are left."""
    (deed,) = (family for family in FAMILIES if family.name == "deed")
    voters = {"one": "voter", "many": "voters"}
    topics = ({**voters, "do": "wave", "did": "waved"}, {**voters, "do": "cry", "did": "cried"})
    monkeypatch.setattr(nli_module, "FAMILIES", (replace(deed, topic=lambda rng: topics[rng.integers(2)]),))
    monkeypatch.setattr(nli_module, "SHARES", (1.0,))
    monkeypatch.setattr(nli_module.world, "ASIDES", ("it rained",))
    with pytest.raises(ValueError, match=r"only \d+ different examples of 3000"):
        nli(3000, 0, 0.0, 0.0, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"of 40 were found, beside [1-9]\d* premises"):
        nli(500, 40, 0.0, 0.0, np.random.default_rng(0))
