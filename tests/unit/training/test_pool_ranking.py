"""The command that chooses from one's own pool, as it is typed: what it writes, and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.tiny_texts import prepare, selection_study, tiny_texts
from tests.unit.training.test_utterances import with_slots

from study import paths
from study.cli import main
from study.data.text import pool_file
from study.data.text.packed import unpack
from study.training.pretraining import prepare_encoder

N_GOLD = 24


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Gold, a pool without labels, one with, and the folder of an encoder."""
    root = tmp_path_factory.mktemp("ranking")
    made = tiny_texts(60, 3)
    data = replace(made, train=with_slots(made.train), test=with_slots(made.test))
    prepare(root, data)
    prepare_encoder(selection_study(), "selection", None, "bert", root)
    table = pd.DataFrame(
        {
            "text": [text for (text,) in unpack(data.train.inputs)],
            "domain": np.array(data.classes)[data.train.labels],
            "intent": data.train.facts["intent"],
            "slots": data.train.facts["slots"],
        }
    )
    table[:N_GOLD].to_csv(root / "gold.csv", index=False)
    table[N_GOLD:][["text"]].to_csv(root / "pool.csv", index=False)
    table[N_GOLD:].to_json(root / "labelled.jsonl", orient="records", lines=True)
    return root


@pytest.fixture
def rank(files, tmp_path, capsys):
    """Runs the command; returns the selection, or the message of what is wrong."""

    def run(pool="pool.csv", gold="gold.csv", **changes):
        options = {
            "intent": "intent",
            "slots": "slots",
            "size": 6,
            "epochs": 2,
            "scorers": 2,
            "positions": 24,
        }
        options |= {"start": files / paths.common_encoder("selection", "bert")} | changes
        output = tmp_path / "selection.csv"
        command = ["rank-pool", "--gold", files / gold, "--pool", files / pool, "--output", output]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", value] if value is not None else []
        code = main([str(word) for word in command])
        return pd.read_csv(output) if code == 0 else capsys.readouterr().err

    return run


def test_the_highest_scores_of_the_pool_in_order(rank, files, tmp_path):
    found = rank()
    assert list(found)[:5] == ["example_id", "score", "strategy", "rank", "weak_label"]
    assert found["rank"].tolist() == [1, 2, 3, 4, 5, 6] and set(found["strategy"]) == {"top-entropy_joint"}
    scored = pd.read_parquet(tmp_path / "selection.scored.parquet")
    pool = pd.read_csv(files / "pool.csv")["text"]
    assert scored["text"].tolist() == pool.tolist() and scored["row"].tolist() == list(range(36))
    first = scored.drop_duplicates("text")
    best = first.sort_values("entropy_joint", ascending=False, kind="stable")["row"][:6]
    assert found["example_id"].tolist() == best.tolist()
    assert found["text"].tolist() == pool[best].tolist()
    assert found["weak_label"].tolist() == scored["weak_domain"][best].tolist()
    np.testing.assert_allclose(found["score"], scored["entropy_joint"][best], rtol=1e-5)


def test_parts_of_the_pool_change_nothing(rank, monkeypatch):
    whole = rank(score="el2n_joint_mean")
    monkeypatch.setattr(pool_file, "ROWS", 5)
    in_parts = rank(score="el2n_joint_mean")
    assert whole["example_id"].tolist() == in_parts["example_id"].tolist()
    np.testing.assert_allclose(whole["score"], in_parts["score"], rtol=1e-4)


def test_labels_that_the_pool_brings_are_the_weak_ones(rank, files, tmp_path):
    found = rank("labelled.jsonl", strategy="mean_rank")
    labelled = pd.read_json(files / "labelled.jsonl", lines=True)
    assert found["weak_label"].tolist() == labelled["domain"][found["example_id"]].tolist()
    assert found["weak_slots"].tolist() == labelled["slots"][found["example_id"]].tolist()
    scored = pd.read_parquet(tmp_path / "selection.scored.parquet")
    assert scored["weak_intent"].tolist() == labelled["intent"].tolist() and (scored["confidence"] == 1).all()


def test_one_label_an_utterance_is_enough(rank):
    found = rank(intent=None, slots=None, strategy="stratified")
    assert set(found["weak_label"]) <= {"weather", "music", "lights"} and found["score"].isna().all()
    assert not {"weak_intent", "weak_slots"} & {*found}


def test_how_often_an_utterance_is_said_counts(rank, files):
    pool = pd.read_csv(files / "pool.csv")
    pool.assign(frequency=np.where(pool.index == 7, 10**9, 1)).to_csv(files / "often.csv", index=False)
    assert rank("often.csv", strategy="frequent")["example_id"][0] == 7


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"size": 100}, "100 are to be chosen"),
        ({"threshold": 1.0}, "holds 0 different utterances"),
        ({"strategy": "best"}, "not 'best'"),
        ({"text": "utterance"}, "utterance"),
        ({"gold": "none.csv"}, "none.csv"),
        ({"pool": "none.csv"}, "none.csv"),
        ({"score": "entropy"}, "entropy"),
        ({"early_epoch": 9}, "after the end"),
    ],
)
def test_what_cannot_be_done_is_told(rank, changes, told):
    message = rank(**changes)
    assert isinstance(message, str) and told in message and "expected" in message


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"text": "  "}, "missing or empty"),
        ({"domain": "sports"}, "the domain 'sports' is one that no gold utterance has"),
        ({"intent": "i9"}, "the intent 'i9'"),
        ({"slots": "O"}, "words has 1 tags"),
        ({"slots": "I-thing O"}, "goes on with a slot that did not start"),
        ({"slots": "B-place O"}, "no gold utterance has the tag 'B-place'"),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_file(rank, files, row, told):
    pool = pd.read_json(files / "labelled.jsonl", lines=True)
    pool.loc[17, ["text", "slots"]] = ["please dark", "O O"]
    for column, value in row.items():
        pool.loc[17, column] = value
    pool.to_csv(files / "wrong.csv", index=False)
    message = rank("wrong.csv")
    assert told in message and "wrong.csv, row 17" in message


def test_labels_of_some_parts_alone_are_refused(rank, files):
    pd.read_json(files / "labelled.jsonl", lines=True).drop(columns="slots").to_csv(files / "few.csv")
    assert "none in 'slots'" in rank("few.csv")


def test_nothing_is_left_of_what_failed(rank, tmp_path):
    rank(size=100)
    assert not (tmp_path / "selection.csv").exists()
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
