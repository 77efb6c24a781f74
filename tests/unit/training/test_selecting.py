"""Adding weakly labelled utterances, on 60 texts: what is in the pool, and who learns what."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.tiny_texts import prepare_all, text_study, tiny_texts
from tests.unit.training.test_utterances import with_slots

from study import paths
from study.config.selection import PoolSettings, SelectionSettings, StrategySettings
from study.selection.pool import KEPT, STEPS
from study.training import selecting
from study.training.selecting import EVERYTHING, NOTHING, RANDOM, TRUTH, Language

HOW = PoolSettings(gold=0.3, threshold=0.2, recall=0.3, false_alarms=0.1, said=6)
SETTINGS = SelectionSettings(
    datasets=["tiny"],
    model="bert",
    traffic=None,
    scorers=2,
    early_epoch=1,
    strategies=[
        StrategySettings(strategy="top", score="entropy_joint"),
        StrategySettings(strategy="top", score="margin_intent"),
        StrategySettings(strategy="union"),
    ],
)


@pytest.fixture(scope="module")
def language(tmp_path_factory):
    root = tmp_path_factory.mktemp("selection")
    made = tiny_texts(60, 12)
    data = replace(made, train=with_slots(made.train), test=with_slots(made.test))
    study = text_study({"epochs": 2, "lr": 0.01})
    prepare_all(root, study, data=data)
    run = study.run("influence", "tiny", "bert", 0)
    folder = root / paths.encoder("influence", "tiny", "bert")
    return Language(SETTINGS, run, data, folder, torch.device("cpu")), data


@pytest.fixture(scope="module")
def pool(language):
    return language[0].pool(0, HOW)


def test_gold_and_the_others_are_the_training_set(language, pool):
    _, data = language
    assert len(pool.gold) == 18 and len(pool.table) == 42
    assert sorted([*data.train.ids[pool.gold], *pool.table["example_id"]]) == sorted(data.train.ids)
    shares = np.bincount(data.train.labels[pool.gold])
    assert shares.max() - shares.min() <= 1


def test_every_step_of_the_pool_can_be_seen(language, pool):
    _, data = language
    table = pool.table
    assert set(table["reason"]) <= {KEPT, *STEPS} and (table["reason"] == KEPT).any()
    kept = table[table["reason"] == KEPT]
    assert (kept["confidence"] >= HOW.threshold).all() and (kept["frequency"] > 0).all()
    assert table["frequency"].sum() == round(HOW.said * len(table))
    rows = np.setdiff1d(np.arange(60), pool.gold)
    assert (table["right_domain"] == (table["weak_domain"] == data.train.labels[rows])).all()
    assert (table["right_slots"] == (table["weak_slots"] == data.train.facts["slots"][rows])).all()
    scores = [name for name in table if name.startswith(("entropy", "el2n", "margin", "teacher_"))]
    assert len(scores) > 20 and kept[scores].notna().all(axis=None)
    assert table.loc[table["reason"] != KEPT, scores].isna().all(axis=None)


def test_weak_labels_are_those_that_the_pool_shows(language, pool):
    made, data = language
    rows = np.setdiff1d(np.arange(60), pool.gold)
    assert pool.weak.domains[rows].tolist() == pool.table["weak_domain"].tolist()
    assert pool.weak.domains[pool.gold].tolist() == data.train.labels[pool.gold].tolist()
    names = made._names
    for row, told in zip(rows, pool.table["weak_slots"], strict=True):
        assert " ".join(names.tags[pool.weak.tags[row]]) == told
    assert names.intents[pool.weak.intents[rows]].tolist() == pool.table["weak_intent"].tolist()


def test_scores_are_means_over_scorers_that_are_not_the_teacher(language, pool, monkeypatch):
    made, _ = language
    kept = pool.table[pool.table["reason"] == KEPT]
    rows = np.setdiff1d(np.arange(60), pool.gold)[pool.table["reason"] == KEPT]
    found = []
    for scorer in range(2):
        early = selecting.EarlyScores(made._of(pool.weak), rows, 1)
        model = made.model(pool.gold, made._of(made._train), made._key(0, f"scorer-{scorer}"), [early])
        found.append(early.columns(model)["entropy_joint"])
    np.testing.assert_allclose(kept["entropy_joint"], np.mean(found, axis=0))
    assert not np.allclose(kept["entropy_joint"], kept["teacher_entropy_joint"])


def test_what_the_arms_add(language, pool):
    made, _ = language
    arms = {(arm.strategy, arm.size): arm for arm in made.arms(0, HOW, pool, [0.5, 50])}
    others = np.setdiff1d(np.arange(60), pool.gold)
    kept = pool.table[pool.table["reason"] == KEPT]
    rows = others[pool.table["reason"] == KEPT]
    assert {size for _, size in arms if size == size} == {0.5}  # fifty times gold is more than the pool has
    nothing, everything = (
        next(arm for arm in arms.values() if arm.strategy == s) for s in (NOTHING, EVERYTHING)
    )
    assert len(nothing.rows) == 0 and everything.rows.tolist() == rows.tolist()
    assert arms[RANDOM, 0.5].rows.tolist() == arms[TRUTH, 0.5].rows.tolist()
    assert arms[RANDOM, 0.5].weak and not arms[TRUTH, 0.5].weak
    for name, column, sign in (
        ("top-entropy_joint", "entropy_joint", -1),
        ("top-margin_intent", "margin_intent", 1),
    ):
        best = rows[np.argsort(sign * kept[column].to_numpy())][:9]
        assert arms[name, 0.5].rows.tolist() == best.tolist()
    assert len(arms["union", 0.5].rows) == 9


def test_repetitions_count_where_they_are_kept(language):
    made, _ = language
    how = HOW.model_copy(update={"deduplicate": False})
    pool = made.pool(0, how)
    everything = next(arm for arm in made.arms(0, how, pool, []) if arm.strategy == EVERYTHING)
    kept = pool.table[pool.table["reason"] == KEPT]
    assert len(everything.rows) == kept["frequency"].sum() > len(kept)


def test_models_of_a_repeat_start_alike_and_learn_what_they_are_told(language, pool, monkeypatch):
    made, _ = language
    seen = []
    monkeypatch.setattr(selecting, "train", lambda model, task, *_: seen.append((model, task)))
    arms = {arm.strategy: arm for arm in made.arms(0, HOW, pool, [0.5])}
    for name in (RANDOM, TRUTH):
        made.understood(0, pool, arms[name])
    (first, weak), (second, true) = seen
    for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    rows = arms[RANDOM].rows
    assert weak.labels[rows].tolist() == pool.weak.intents[rows].tolist()
    assert true.labels[rows].tolist() == made._train.intents[rows].tolist()
    assert weak.presented == true.presented == 18 + 9


def test_answers_are_told_in_words_and_repeat(language, pool):
    made, data = language
    arm = next(arm for arm in made.arms(0, HOW, pool, [0.5]) if arm.strategy == RANDOM)
    found = made.understood(0, pool, arm)
    assert found["example_id"].tolist() == data.test.ids.tolist() and set(found["added"]) == {9}
    assert set(found["intent"]) <= {"i0", "i1"} and found["domain"].between(0, 2).all()
    for slots, text in zip(found["slots"], data.test.facts["slots"], strict=True):
        assert len(slots.split(" ")) == len(text.split(" "))
    again = made.understood(0, made.pool(0, HOW), arm)
    assert found.equals(again)
    assert made.pool(1, HOW).gold.tolist() != pool.gold.tolist()
