"""Models that learn from gold and from weak labels, on 60 texts: what is drawn, told and scored."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.tiny_texts import prepare_all, text_study, tiny_texts
from tests.unit.training.test_utterances import with_slots

from study import paths
from study.config.selection import PoolSettings, SelectionSettings
from study.errors import StudyError
from study.selection.pool import KEPT, STEPS
from study.selection.uncertainty import OF_ONE, OF_TEACHER
from study.training import interpreters
from study.training.language import Language
from study.training.weak_labels import scored

SHARE = 0.3
HOW = PoolSettings(gold=SHARE, threshold=0.2, recall=0.3, false_alarms=0.1, said=6)
SETTINGS = SelectionSettings(datasets=["tiny"], model="bert", traffic=None, scorers=2, early_epoch=1)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The run, the data and the encoder's folder."""
    root = tmp_path_factory.mktemp("selection")
    made = tiny_texts(60, 12)
    data = replace(made, train=with_slots(made.train), test=with_slots(made.test))
    study = text_study({"epochs": 2, "lr": 0.01})
    prepare_all(root, study, data=data)
    run = study.run("influence", "tiny", "bert", 0)
    return run, data, root / paths.encoder("influence", "tiny", "bert")


@pytest.fixture(scope="module")
def language(prepared):
    return Language(SETTINGS, *prepared, torch.device("cpu"))


@pytest.fixture(scope="module")
def gold(language):
    return language.gold(0, SHARE)


@pytest.fixture(scope="module")
def traffic(language, gold):
    return language.traffic(0, gold)


def test_gold_and_the_others_are_the_training_set(language, gold, prepared):
    labels, others = prepared[1].train.labels, language.others(gold)
    assert len(gold) == 18 and sorted([*gold, *others]) == list(range(60))
    assert np.ptp(np.bincount(labels[gold])) <= 1
    assert gold.tolist() == language.gold(0, SHARE).tolist() != language.gold(1, SHARE).tolist()


def test_intents_that_gold_lacks_are_named(language, gold, prepared):
    intents = prepared[1].train.facts["intent"]
    assert language.unseen(gold) == []
    assert language.unseen(np.flatnonzero(intents == "i1")) == ["i0"]


def test_traffic_tells_the_truth_and_where_weak_labels_are_right(language, gold, traffic, prepared):
    data, others = prepared[1], language.others(gold)
    assert traffic["example_id"].tolist() == data.train.ids[others].tolist()
    assert traffic["domain"].tolist() == [data.classes[label] for label in data.train.labels[others]]
    for part in ("domain", "intent", "slots"):
        same = traffic[part] == traffic[f"weak_{part}"]
        assert (traffic[f"right_{part}"] == same).all()
    parts = traffic[["right_domain", "right_intent", "right_slots"]]
    assert (traffic["right_all"] == parts.all(axis=1)).all()
    assert traffic["confidence"].between(0, 1).all()


def test_scores_are_means_over_scorers_that_are_not_the_teacher(language, gold, traffic):
    others = language.others(gold)
    models = language._models
    weak, known = (models.utterances(x) for x in (language.relabelled(others, traffic), language._train))
    found = []
    for scorer in range(2):
        learnt = models.learn(gold, known, language._key(0, f"scorer-{scorer}"), 1)
        found.append(scored(learnt, weak, others))
    for column in found[0]:
        np.testing.assert_allclose(traffic[column], (found[0][column] + found[1][column]) / 2)
    for score in SETTINGS.scores:
        assert not np.allclose(traffic[score], traffic[f"{OF_TEACHER}{score}"])
        np.testing.assert_allclose(traffic[f"{OF_ONE}{score}"], found[0][score])


def test_the_pool_says_what_every_step_does(language, gold, traffic):
    pool = language.pool(0, HOW, gold, traffic)
    assert set(pool["reason"]) <= {KEPT, *STEPS} and (pool["reason"] == KEPT).any()
    kept = pool[pool["reason"] == KEPT]
    assert (kept["confidence"] >= HOW.threshold).all() and (kept["frequency"] > 0).all()
    assert not kept["defect"].any() and kept["text"].is_unique
    assert pool["frequency"].sum() == round(HOW.said * len(pool))
    looser = language.pool(0, HOW.model_copy(update={"threshold": 0.0}), gold, traffic)
    assert (looser["frequency"] == pool["frequency"]).all() and (looser["defect"] == pool["defect"]).all()


def test_weak_labels_are_those_that_the_table_shows(language, gold, traffic, prepared):
    data, others = prepared[1], language.others(gold)
    weak, names = language.relabelled(others, traffic), language._names
    assert [data.classes[k] for k in weak.domains[others]] == traffic["weak_domain"].tolist()
    assert names.intents[weak.intents[others]].tolist() == traffic["weak_intent"].tolist()
    for row, told in zip(others, traffic["weak_slots"], strict=True):
        assert " ".join(names.tags[weak.tags[row]]) == told
    assert weak.domains[gold].tolist() == data.train.labels[gold].tolist()
    assert weak.intents[gold].tolist() == language._train.intents[gold].tolist()


def test_models_of_a_repeat_start_alike_and_learn_what_they_are_told(language, gold, traffic, monkeypatch):
    seen, others = [], language.others(gold)
    monkeypatch.setattr(interpreters, "train", lambda model, task, *_: seen.append((model, task)))
    rows = np.concatenate([gold, others[[3, 1, 1]]])
    weak = language.relabelled(others, traffic)
    for labels in (weak, None):
        language.understood(0, rows, labels)
    language.understood(1, rows)
    states = [list(model.state_dict().values()) for model, _ in seen]
    assert all(torch.equal(a, b) for a, b in zip(states[0], states[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(states[0], states[2], strict=True))
    tasks = [task for _, task in seen]
    assert [task.presented for task in tasks] == [21, 21, 21]  # what comes twice is learnt twice
    assert tasks[0].labels[others].tolist() == weak.intents[others].tolist()
    assert tasks[1].labels[others].tolist() == language._train.intents[others].tolist()


def test_answers_are_told_in_words_and_repeat(language, gold, prepared):
    data = prepared[1]
    found = language.understood(0, gold)
    assert found["example_id"].tolist() == data.test.ids.tolist()
    assert set(found["intent"]) <= {"i0", "i1"} and set(found["domain"]) <= set(data.classes)
    for slots, text in zip(found["slots"], data.test.facts["slots"], strict=True):
        assert len(slots.split(" ")) == len(text.split(" "))
    assert found.equals(language.understood(0, gold))


def test_a_corpus_without_slots_has_no_columns_of_slots(prepared, gold):
    settings = SETTINGS.model_copy(update={"slots": None, "scorers": 1})
    language = Language(settings, *prepared, torch.device("cpu"))
    traffic = language.traffic(0, gold)
    assert not [name for name in traffic if "slots" in name]
    assert (traffic["right_all"] == traffic["right_domain"] & traffic["right_intent"]).all()
    weak = language.relabelled(language.others(gold), traffic)
    assert weak.tags is None and "slots" not in language.understood(0, gold, weak)


def test_utterances_that_the_encoder_does_not_take_are_told(prepared):
    run, data, folder = prepared
    short = run.model_copy(update={"model": run.model.model_copy(update={"positions": 5})})
    with pytest.raises(StudyError, match="longer than bert takes") as error:
        Language(SETTINGS, short, data, folder, torch.device("cpu"))
    assert "tiny:train:" in str(error.value)


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ("O", "words has 1 tags"),
        ("B-thing X-thing", "'X-thing' is no BIO tag"),
        ("O I-thing", "'I-thing' goes on with a slot that did not start"),
        ("B-thing I-other", "'I-other' goes on"),
        ("B-thing I-", "'I-' is no BIO tag"),
    ],
)
def test_malformed_tags_are_told_with_row_and_text(prepared, tags, told):
    run, data, folder = prepared
    row = next(k for k, text in enumerate(data.train.facts["slots"]) if text.count(" ") == 1)
    slots = data.train.facts["slots"].astype(object)
    slots[row] = tags
    broken = replace(data.train, facts=data.train.facts | {"slots": slots.astype(str)})
    with pytest.raises(StudyError, match=told) as error:
        Language(SETTINGS, run, replace(data, train=broken), folder, torch.device("cpu"))
    assert f"tiny:train:{row}" in str(error.value)
