"""Runs on questions: their files, killed and resumed, and the choice of a learning rate."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from tests.tiny_study import with_memory
from tests.unit.training.killing import Killed, kill_at

from study import paths
from study.chapters.data import prepare
from study.config import parse_study
from study.errors import StudyError
from study.kinds import QUESTION
from study.scores.registry import columns_of
from study.training import question_runs, recorders
from study.training import question_tuning as tuning
from study.training.run import train_runs

# Families of scores that answers do not have, as results/README.md says.
TASKS = {
    "phone_book": {
        "letters": 2, "digits": 2, "strangers": 5, "books": {"dense": [12, 20], "moe": [12, 20]},
    },
    "shortest_path": {
        "models": ["moe"], "graphs": 6, "held_out": 4, "queries": 3, "vertices": 6, "edge_probability": 0.5,
        "elsewhere": {"larger": {"vertices": 7}},
    },
}  # fmt: skip


def study(**changes):
    experts = {
        "seeds": 3,
        "learning_rates": [0.01, 0.02],
        "recording": {"evaluations": 3, "trajectory_seeds": None, "keep_model": True},
        **TASKS,
        **changes,
    }
    return parse_study(
        {
            "name": "tiny",
            "datasets": {},
            "models": {
                "dense": {"architecture": "decoder", "dim": 8},
                "moe": {"architecture": "decoder", "dim": 8, "experts": 4, "layers": 2},
            },
            "training": {"epochs": 6, "batch_size": 6, "optimizer": "adamw", "schedule": "linear", "lr": 0.5},
            "runtime": {"checkpoint_seconds": 0, "device": "cpu"},
            "experts": experts,
        }
    )


def prepared(root, monkeypatch, dataset="phone-book-12", model="moe"):
    """A folder with a prepared data set and a chosen learning rate."""
    monkeypatch.chdir(root)
    prepare(study(), dataset)
    task = study().experts.task_of(dataset).tuning_name
    rates = pd.DataFrame({"learning_rate": [0.01, 0.02], "weight_decay": 0.1, "chosen": [False, True]})
    path = root / paths.tuning("experts", task, model)
    path.parent.mkdir(parents=True)
    rates.to_csv(path, index=False)


def train(root, dataset="phone-book-12", model="moe", seeds=(0,)):
    train_runs(study(), "experts", dataset, model, list(seeds), root)


def files(root, dataset="phone-book-12", model="moe", seed=0):
    folder = root / paths.run_folder("experts", dataset, model, seed)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "resources.json"
    }


@pytest.fixture
def finished(tmp_path, monkeypatch):
    prepared(tmp_path, monkeypatch)
    train(tmp_path)
    return tmp_path


def test_a_run_has_its_files(finished):
    names = set(study().experts.recording.files(0)) - {"resources.json"}
    assert set(files(finished)) == names and "model/model.safetensors" in names
    folder = finished / paths.run_folder("experts", "phone-book-12", "moe", 0)
    settings = json.loads((folder / "config.json").read_text())
    assert settings["training"]["lr"] == 0.02  # the chosen one, not the study's
    metrics = json.loads((folder / "metrics.json").read_text())
    answers = pd.read_parquet(folder / paths.ANSWERS)
    assert answers["split"].value_counts().to_dict() == {"train": 12, "test": 5}
    book = answers[answers["split"] == "train"]
    assert metrics["train_accuracy"] == pytest.approx(book["exact"].mean())
    assert metrics["train_bits"] == pytest.approx(book["bits"].mean())
    assert metrics["train_loss"] == pytest.approx((book["bits"] * np.log(2) / 3).mean())
    assert len(metrics["balance"]) == 2 and all(0 < value <= 1 for value in metrics["balance"])
    assert pd.read_csv(folder / "history.csv")["epoch"].tolist() == [2, 4, 6]
    examples = pd.read_parquet(folder / "examples.parquet")
    recorded = set(columns_of(QUESTION))
    assert set(examples.columns) == recorded | {"example_id", "content", "label", "never_learned"}
    assert (examples["accuracy_last"] == book["exact"].to_numpy()).all()
    assert sorted(set(pd.read_parquet(folder / paths.TRAJECTORY)["epoch"])) == [1, 2, 3]


def test_a_kept_model_gives_the_recorded_answers(finished):
    from transformers import AutoModelForCausalLM

    folder = finished / paths.run_folder("experts", "phone-book-12", "moe", 0)
    model = AutoModelForCausalLM.from_pretrained(folder / paths.MODEL_FOLDER).eval()
    arrays = study().all_datasets["phone-book-12"]
    from study.data.questions.load import load

    data = load("phone-book-12", arrays, 0)
    tokens = torch.from_numpy(data.train.inputs.astype(np.int64))
    with torch.no_grad():
        predicted = model(tokens).logits.argmax(-1)
    right = (predicted[:, 3:6] == tokens[:, 4:7]).all(dim=1).numpy()
    answers = pd.read_parquet(folder / paths.ANSWERS)
    assert (answers.loc[answers["split"] == "train", "exact"].to_numpy() == right).all()


def test_paths_are_generated_and_checked(tmp_path, monkeypatch):
    prepared(tmp_path, monkeypatch, "shortest-path")
    train(tmp_path, "shortest-path")
    folder = tmp_path / paths.run_folder("experts", "shortest-path", "moe", 0)
    answers = pd.read_parquet(folder / paths.ANSWERS)
    test = answers[answers["split"] == "test"]
    assert test["kind"].value_counts().to_dict() == {"held out": 12, "larger": 12}
    assert not (answers["optimal"] & ~answers["valid"]).any()
    assert not (answers["exact"] & ~answers["optimal"]).any()  # the reference is a shortest path


@pytest.mark.parametrize(
    ("dataset", "moment"),
    [("phone-book-12", 3), ("phone-book-12", 9), ("phone-book-12", 14), ("shortest-path", 5)],
)
def test_killed_and_resumed_gives_the_same_bytes(tmp_path, monkeypatch, dataset, moment):
    finished, other = tmp_path / "finished", tmp_path / "killed"
    for root in (finished, other):
        root.mkdir()
        prepared(root, monkeypatch, dataset)
    train(finished, dataset)
    with monkeypatch.context() as patch:
        kill_at(patch, moment, recorders.Recorder)
        with pytest.raises(Killed):
            train(other, dataset)
    assert not (other / paths.run_folder("experts", dataset, "moe", 0) / "examples.parquet").exists()
    train(other, dataset)
    assert files(other, dataset) == files(finished, dataset)


def test_a_killed_choice_of_rates_repeats_no_finished_run(tmp_path, monkeypatch):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    tuning.tune(study(), "experts", "phone-book", "dense", whole)
    train_one, calls = question_runs.train_one, []

    def counted(*args):
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        return train_one(*args)

    monkeypatch.setattr(question_runs, "train_one", counted)
    with pytest.raises(Killed):
        tuning.tune(study(), "experts", "phone-book", "dense", killed)
    tuning.tune(study(), "experts", "phone-book", "dense", killed)
    assert len(calls) == 3  # two rates, one of them killed once
    path = paths.tuning("experts", "phone-book", "dense")
    assert (whole / path).read_bytes() == (killed / path).read_bytes()


def test_seeds_differ_and_families_of_questions_do_not_mix(finished):
    train(finished, seeds=(1,))
    one, other = files(finished), files(finished, seed=1)
    assert one["examples.parquet"] != other["examples.parquet"]


def test_tuning_takes_the_rate_with_the_lowest_loss_on_another_book(tmp_path, monkeypatch):
    seen = []

    def trained(data, device, seconds, job):
        training = job.run.training
        seen.append((training.lr, job.run.seed, data.digest, job.run.dataset.entries))
        job.work.mkdir(parents=True)
        loss = {0.01: 2.0, 0.02: 1.0}[training.lr] - 0.5 * training.weight_decay
        metrics = {"train_loss": loss, "train_accuracy": 0.5, "test_loss": 9.0, "test_accuracy": 0.0}
        (job.work / "metrics.json").write_text(json.dumps(metrics))
        (job.work / "examples.parquet").write_text("")
        return 1.0

    monkeypatch.setattr(question_runs, "train_one", trained)
    tried = study(tuning_seeds=2, weight_decays=[0.0, 0.1])
    tuning.tune(tried, "experts", "phone-book", "moe", tmp_path)
    table = pd.read_csv(tmp_path / paths.tuning("experts", "phone-book", "moe"))
    # Other weight decays are tried with the best rate.
    assert table["learning_rate"].tolist() == [0.01, 0.01, 0.02, 0.02, 0.02, 0.02]
    assert table["weight_decay"].tolist() == [0, 0, 0, 0, 0.1, 0.1]
    assert table["chosen"].tolist() == [False] * 4 + [True] * 2
    assert table["loss"].tolist() == [2, 2, 1, 1, 0.95, 0.95]
    run = question_runs.settled(tried.run("experts", "phone-book-12", "moe", 0), tried, tmp_path)
    assert (run.training.lr, run.training.weight_decay) == (0.02, 0.1)
    from study.data.questions.load import load

    book = load("phone-book-12", study().all_datasets["phone-book-12"], 0)
    assert {digest for _, _, digest, _ in seen} != {book.digest} and {size for *_, size in seen} == {12}
    assert not list((tmp_path / paths.WORK).rglob("*.json"))


def test_a_model_that_bears_no_rate_says_so(tmp_path, monkeypatch):
    with pytest.raises(StudyError, match="diverged at every learning rate"):
        tuning.tune(study(learning_rates=[1e20, 1e25]), "experts", "phone-book", "dense", tmp_path)


def test_too_little_memory_is_told_before_training(tmp_path, monkeypatch):
    prepared(tmp_path, monkeypatch)
    with pytest.raises(StudyError, match="needs about"):
        train_runs(with_memory(study(), 100), "experts", "phone-book-12", "moe", [0], tmp_path)


def test_the_chapter_synthesis_tunes_and_trains_on_a_book_of_its_own(tmp_path, monkeypatch):
    """Its runs record what its fingerprint and its gains are made of."""
    decoder = {"architecture": "decoder", "dim": 8}
    models = {"dense": decoder, "moe": decoder | {"experts": 4}, "wide": decoder | {"ffn": 16}}
    chapter = {"mixture": "moe", "equal_active": "dense", "equal_total": "wide", "entries": 24}
    chapter |= {"learning_rates": [0.01, 0.02], "training": {"epochs": 4}, "recording": {"evaluations": 2}}
    found = parse_study(
        {
            "name": "tiny",
            "datasets": {},
            "models": models,
            "training": {"batch_size": 8, "optimizer": "adamw", "lr": 0.5},
            "runtime": {"device": "cpu"},
            "synthesis": chapter,
        }
    )
    monkeypatch.chdir(tmp_path)
    prepare(found, "shared-book-24")
    tuning.tune(found, "synthesis", "shared-book", "moe", tmp_path)
    tried = pd.read_csv(tmp_path / paths.tuning("synthesis", "shared-book", "moe"))
    train_runs(found, "synthesis", "shared-book-24", "moe", [0], tmp_path)
    folder = tmp_path / paths.run_folder("synthesis", "shared-book-24", "moe", 0)
    settings, metrics = (json.loads((folder / f"{name}.json").read_text()) for name in ("config", "metrics"))
    assert settings["training"]["lr"] == tried.loc[tried["chosen"], "learning_rate"].iloc[0]
    scores = pd.read_parquet(folder / "examples.parquet")
    assert len(scores) == 24 and set(columns_of(QUESTION)) <= set(scores)
    assert scores["accuracy_last"].mean() == pytest.approx(metrics["train_accuracy"])
    assert scores["confidence_mean"].between(0, 1).all()
