"""Pre-training runs: their files, killed and resumed, in parts, by two processes, in other numbers."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from tests.unit.training.killing import Killed, kill_at

from study import paths
from study.chapters.data import prepare
from study.completeness import is_complete
from study.config import parse_study
from study.data.corpus.answers import SCORERS
from study.data.corpus.store import open as open_corpus
from study.errors import StudyError
from study.training import corpus_recorder, corpus_runs
from study.training.question_tuning import tune
from study.training.run import train_runs

PARTS = {
    "facts": {"family": "facts", "people": 5, "places": 3, "phrasings": 2, "held_out": 4},
    "sums": {"family": "sums", "digits": 1, "train": 20, "test": 4},
    "chains": {"family": "chains", "longest": 1, "kinds": 6, "train": 12, "test": 4},
}


def study(training=None, model="dense", **changes):
    pretraining = {
        "corpora": {"tiny": {"parts": PARTS, "vocabulary": 320, "row": 32}},
        "models": ["dense", "moe"],
        "recording": {"evaluations": 3},
    }
    return parse_study(
        {
            "name": "tiny",
            "datasets": {},
            "models": {
                "dense": {"architecture": "decoder", "dim": 8},
                "moe": {"architecture": "decoder", "dim": 8, "experts": 4},
            },
            "training": {"epochs": 2, "batch_size": 4, "optimizer": "adamw", "schedule": "linear", "lr": 0.5}
            | (training or {}),
            "runtime": {"checkpoint_seconds": 0, "device": "cpu"},
            "experts": {
                "seeds": 3,
                "learning_rates": [0.01, 0.02],
                "pretraining": pretraining | changes,
            },
        }
    )


def prepared(root, monkeypatch, of=None):
    """A folder with the corpus and a chosen learning rate."""
    root.mkdir(exist_ok=True)
    monkeypatch.chdir(root)
    prepare(of or study(), "tiny")
    rates = pd.DataFrame({"learning_rate": [0.01, 0.02], "weight_decay": 0.1, "chosen": [False, True]})
    for model in ("dense", "moe"):
        path = root / paths.tuning("experts", "tiny", model)
        path.parent.mkdir(parents=True, exist_ok=True)
        rates.to_csv(path, index=False)
    return root


def folder_of(root, model="moe", seed=0):
    return root / paths.run_folder("experts", "tiny", model, seed)


def files(root, model="moe"):
    folder = folder_of(root, model)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "resources.json"
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        root = prepared(tmp_path_factory.mktemp("finished"), patch)
        train_runs(study(), "experts", "tiny", "moe", [0], root)
    return root


def test_a_run_has_its_files_and_numbers(finished):
    names = set(study().experts.pretraining.recording.files(0)) - {"resources.json"}
    assert set(files(finished)) == names and "model/tokenizer.json" in names
    assert all(is_complete(folder_of(finished) / name) for name in names)
    folder, corpus = folder_of(finished), open_corpus(finished / paths.data_folder("tiny"))
    metrics = json.loads((folder / "metrics.json").read_text())
    history, answers = pd.read_csv(folder / "history.csv"), pd.read_parquet(folder / paths.ANSWERS)
    assert len(history) == 3 and history["tokens"].iloc[-1] == metrics["training_tokens"]
    assert metrics["training_tokens"] == metrics["steps"] * 4 * 32
    assert abs(metrics["training_tokens"] - 2 * len(corpus.train.tokens)) < 3 * 4 * 32  # rounded segments
    assert metrics["test_perplexity"] == pytest.approx(np.exp(history["test_loss"].iloc[-1]), rel=1e-5)
    assert answers["example_id"].tolist() == corpus.questions["example_id"].tolist()
    for row, right in zip(answers.itertuples(), corpus.questions["answers"], strict=True):
        assert row.value == SCORERS[row.measure](row.given, list(right))
    new = answers[(answers["category"] == "reasoning") & ~answers["trained"]]
    assert history["exact_reasoning"].iloc[-1] == pytest.approx(new["exact"].mean(), abs=1e-6)
    examples = pd.read_parquet(folder / "examples.parquet")
    assert len(examples) == len(answers) and "el2n_early" in examples and "confidence_mean" in examples
    assert metrics["dropped_tokens"] == 0 and len(metrics["loads"][0]) == 4


def test_the_kept_folder_gives_the_recorded_losses(finished):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = folder_of(finished) / paths.MODEL_FOLDER
    model, tokenizer = (
        AutoModelForCausalLM.from_pretrained(folder).eval(),
        AutoTokenizer.from_pretrained(folder),
    )
    assert tokenizer.eos_token_id == model.config.eos_token_id and tokenizer.pad_token == "[PAD]"
    questions = open_corpus(finished / paths.data_folder("tiny")).questions
    answers = pd.read_parquet(folder_of(finished) / paths.ANSWERS)
    for place in (0, 12, len(questions) - 1):
        row = questions.iloc[place]
        prompt = tokenizer(row["prompt"], add_special_tokens=False)["input_ids"]
        whole = tokenizer(f"{row['prompt']} {row['answers'][0]}", add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            chances = model(torch.tensor([whole])).logits[0].log_softmax(-1)
        bits = -sum(float(chances[at - 1, whole[at]]) for at in range(len(prompt), len(whole))) / np.log(2)
        assert answers["bits"].iloc[place] == pytest.approx(bits, rel=1e-3)
        told = tokenizer.decode(tokenizer(row["prompt"], add_special_tokens=False)["input_ids"]).strip()
        assert told == row["prompt"]


@pytest.mark.parametrize("moment", [2, 9, 20, 27])
def test_killed_and_resumed_gives_the_same_bytes(tmp_path, monkeypatch, finished, moment):
    other = prepared(tmp_path / "killed", monkeypatch)
    with monkeypatch.context() as patch:
        kill_at(patch, moment, corpus_recorder.CorpusRecorder)
        with pytest.raises(Killed):
            train_runs(study(), "experts", "tiny", "moe", [0], other)
    assert not (folder_of(other) / "examples.parquet").exists()
    train_runs(study(), "experts", "tiny", "moe", [0], other)
    assert files(other) == files(finished)


def test_two_processes_give_the_losses_of_one(tmp_path, monkeypatch):
    """Through torch's own launcher: each computes one of two parts of every minibatch."""
    losses = []
    for processes in (1, 2):
        of = study({"accumulate": 2}, processes=processes)
        root = prepared(tmp_path / str(processes), monkeypatch, of)
        if processes == 1:
            train_runs(of, "experts", "tiny", "moe", [0, 1], root)
        else:
            (root / "config.json").write_text(of.model_dump_json())
            place = {"PYTHONPATH": str(paths.__file__).rpartition("/study/")[0], "OMP_NUM_THREADS": "1"}
            launcher = [
                sys.executable,
                "-m",
                "torch.distributed.run",
                "--standalone",
                "--nproc-per-node",
                "2",
            ]
            command = (
                "-m study train --chapter experts --dataset tiny --model moe --seeds 0 1 --config config.json"
            )
            done = subprocess.run(
                [*launcher, *command.split()],
                cwd=root,
                env=os.environ | place,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        losses.append([pd.read_csv(folder_of(root, seed=seed) / "history.csv") for seed in (0, 1)])
    for one, two in zip(*losses, strict=True):
        np.testing.assert_allclose(two["train_loss_running"], one["train_loss_running"], rtol=1e-4)
        np.testing.assert_allclose(two["test_loss"], one["test_loss"], rtol=1e-3)


def test_parts_and_numbers_change_a_training_a_little(tmp_path, monkeypatch, finished):
    whole = pd.read_csv(folder_of(finished) / "history.csv")["train_loss_running"].to_numpy()
    for name, training in (("parts", {"accumulate": 4}), ("bfloat16", {"precision": "bfloat16"})):
        root = prepared(tmp_path / name, monkeypatch)
        train_runs(study(training), "experts", "tiny", "moe", [0], root)
        losses = pd.read_csv(folder_of(root) / "history.csv")["train_loss_running"].to_numpy()
        assert not np.array_equal(losses, whole)
        np.testing.assert_allclose(losses, whole, rtol=0.05)


def test_rates_are_chosen_by_held_out_documents_in_runs_of_their_own(tmp_path, monkeypatch):
    root, seen = prepared(tmp_path, monkeypatch), []

    def trained(data, device, seconds, job):
        seen.append((job.run.training.lr, job.run.seed, data.name))
        job.work.mkdir(parents=True)
        loss = {0.01: 1.0, 0.02: 2.0}[job.run.training.lr]
        numbers = {"train_loss": -loss, "train_accuracy": 0.5, "test_loss": loss, "test_accuracy": 0.0}
        (job.work / "metrics.json").write_text(json.dumps(numbers))
        (job.work / "examples.parquet").write_text("")
        return 1.0

    monkeypatch.setattr(corpus_runs, "train_one", trained)
    tune(study(), "experts", "tiny", "dense", root)
    assert seen == [(0.01, 1000, "tiny"), (0.02, 1000, "tiny")]
    table = pd.read_csv(root / paths.tuning("experts", "tiny", "dense"))
    assert table.loc[table["chosen"], "learning_rate"].tolist() == [0.01]


def test_a_run_that_is_to_be_shared_is_not_started_alone(tmp_path, monkeypatch):
    of = study({"accumulate": 2}, processes=2)
    root = prepared(tmp_path, monkeypatch, of)
    with pytest.raises(StudyError, match="1 processes share the training, and the settings say 2"):
        train_runs(of, "experts", "tiny", "dense", [0], root)


@pytest.mark.parametrize(
    ("training", "changes", "told"),
    [
        ({"accumulate": 3}, {"processes": 2}, "2 processes cannot share the 3 parts"),
        ({"accumulate": 5}, {}, "4 rows of tiny cannot be computed in 5 parts"),
    ],
)
def test_parts_that_cannot_be_are_refused(training, changes, told):
    with pytest.raises(StudyError, match=told):
        study(training, **changes)
