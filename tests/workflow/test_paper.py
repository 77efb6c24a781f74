"""The papers' study: planned with the right jobs, and its models go through on few images and questions."""

import re

import pandas as pd
import pytest
import torch
import yaml
from transformers import BertConfig, BertModel

from study import paths
from study.config import parse_study
from study.config.corpus import CorpusData
from study.data.corpus.make import prepare
from study.data.corpus.store import open as open_corpus
from study.data.questions.load import load
from study.files import read_csv, read_json
from study.models.tokenizer import train_tokenizer
from study.training.corpus_runs import train_one as pretrain
from study.training.jobs import Job
from study.training.question_runs import estimate_mb, train_one

PAPER = "config/paper.yaml"


def test_the_jobs_of_a_thousand_runs(checkout, tmp_path):
    ran = checkout.snakemake("--dry-run", config=(PAPER,), folder=tmp_path)
    assert ran.code == 0, ran.text
    jobs = {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", ran.text, flags=re.MULTILINE)}
    training = [count for name, count in jobs.items() if name.startswith("difficulty_train_seeds")]
    # Six models on CIFAR-10, three on CIFAR-100, one on CINIC-10; 100 seeds of each in jobs of five.
    assert len(training) == 20 and set(training) == {6 + 3 + 1}
    assert jobs["difficulty_aggregate"] == 10
    # Images; SNLI and MASSIVE twice; four more of MASSIVE; books, paths, atlas; two corpora; shared book.
    assert jobs["prepare_data"] == 3 + 4 + 4 + 4 + 2 + 2 + 1
    # Two encoders on SNLI, one on it with noise, one on each MASSIVE; its noisy variant takes SNLI's encoder.
    assert jobs["influence_encoder"] == jobs["influence_tune"] == 4
    encoders = {name: count for name, count in jobs.items() if name.startswith("influence_train_seeds")}
    assert encoders == {f"influence_train_seeds_{seed}_to_{seed}": 5 for seed in range(10)}
    # Runs are long: those on empty texts, without a fold and for forgetting are trained apart.
    assert jobs["influence_train_null_0"] == jobs["influence_train_folds_0"] == 5
    assert jobs["influence_train_cadence_0"] == 5 and "influence_train_for_scores_0" not in jobs
    assert jobs["influence_understand"] == 6
    assert jobs["selection_encoder"] == 1  # of all languages
    assert jobs["selection_add"] == 4 * 10 and jobs["selection_add_in_grid"] == 10
    # Nine decoders on four books, sixteen on shortest paths and the atlas; five seeds, a job each. Seventeen
    # language models on two corpora, once.
    decoders = {name: count for name, count in jobs.items() if name.startswith("experts_train_seeds")}
    assert decoders == {f"experts_train_seeds_{seed}_to_{seed}": 9 * 4 + 16 + 16 for seed in range(5)}
    assert jobs["experts_train_corpus_seeds_0_to_0"] == 17 * 2
    assert jobs["experts_walls"] == 4 * 4 + 1
    # Three models on one book, twelve seeds, a job each.
    shared = {name: count for name, count in jobs.items() if name.startswith("synthesis_train_seeds")}
    assert shared == {f"synthesis_train_seeds_{seed}_to_{seed}": 3 for seed in range(12)}
    assert jobs["ask_harness"] == 17 * 2
    assert jobs["tune_on_questions"] == (9 + 16 + 16 + 17 * 2) + 3
    assert {"synthesis_fingerprint", "synthesis_gained", "synthesis_claims"} <= jobs.keys()
    assert jobs["difficulty_sensitivity"] == jobs["difficulty_fingerprint"] == 2  # CINIC-10 has one model
    assert jobs["total"] < 5000


def make(checkout, folder, study, wanted):
    """Make some files of a study."""
    (checkout.root / "config/few.yaml").write_text(yaml.safe_dump(study))
    ran = checkout.snakemake("--", *wanted, config=("config/few.yaml",), folder=folder)
    assert ran.code == 0, ran.text


def test_every_model_trains_and_records(checkout, tmp_path):
    """A run of each model, two epochs on 60 images of the papers' size."""
    study = yaml.safe_load((checkout.root / PAPER).read_text())
    sizes = {"image_size": 32, "channels": 3, "train_size": 60, "test_size": 20}
    study["datasets"] = {"few": {"source": "generated", "family": "blends", **sizes}}
    study["training"] |= {"epochs": 2, "batch_size": 30}
    few_runs = {"seeds": 4, "seeds_per_job": 1, "recording": {"vog_checkpoints": 2, "tracin_checkpoints": 2}}
    models = study["difficulty"]["models"]
    study["difficulty"] |= {"datasets": ["few"], "models_of": {}, **few_runs}
    study["runtime"]["device"] = "cpu"
    del study["experts"], study["influence"], study["selection"], study["synthesis"]
    wanted = [f"{paths.run_folder('difficulty', 'few', model, 0)}/metrics.json" for model in models]
    make(checkout, tmp_path, study, wanted)
    for path in wanted:
        history = read_csv((tmp_path / path).with_name("history.csv"))
        assert history["epoch"].tolist() == [1, 2] and history.notna().all(axis=None)


SENTENCES = [
    f"a {who} {does} in the {place}"
    for who in ("man", "dog")
    for does in ("runs", "eats")
    for place in ("park", "house", "car")
]
ENCODERS = {
    "bert-small": {
        "num_hidden_layers": 4,
        "hidden_size": 512,
        "num_attention_heads": 8,
        "intermediate_size": 2048,
    },
    "bert-base": {},
}


def test_every_encoder_goes_through_from_a_folder_in_the_layout_of_the_hub(checkout, tmp_path):
    """A run of each, on a few pairs of sentences; the weights are random, the sizes those of the papers."""
    study = yaml.safe_load((checkout.root / PAPER).read_text())
    tokenizer = train_tokenizer(SENTENCES * 4, 120, 128)
    for model, sizes in ENCODERS.items():
        place = tmp_path / f"hub/{model}"
        BertModel(BertConfig(vocab_size=len(tokenizer), **sizes)).save_pretrained(place)
        tokenizer.save_pretrained(place)
        study["models"][model]["start"] = str(place)
    pairs = pd.DataFrame(
        {"premise": SENTENCES, "hypothesis": SENTENCES[::-1], "label": ["yes", "no", "maybe"] * 4}
    )
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    columns = {"text_columns": ["premise", "hypothesis"], "label_column": "label"}
    study["datasets"] = {
        "few": {
            "source": "files",
            "format": "csv",
            "train": [str(tmp_path / "pairs.csv")],
            "test_fraction": 0.25,
            **columns,
        }
    }
    study["runtime"]["device"] = "cpu"
    del study["selection"]
    study["influence"] |= {"datasets": ["few"], "variants_of": {}, "models": list(ENCODERS), "models_of": {}}
    study["influence"] |= {"pruning": {}, "understanding": None, "tuning_seeds": 1}
    study["influence"]["training"] |= {"epochs": 2, "batch_size": 6}
    study["influence"]["recording"] = {"vog_checkpoints": 2, "tracin_checkpoints": 2, "trajectory_seeds": 0}
    del study["experts"], study["difficulty"], study["synthesis"]
    wanted = [f"{paths.run_folder('influence', 'few', model, 0)}/examples.parquet" for model in ENCODERS]
    make(checkout, tmp_path, study, wanted)
    for path in wanted:
        scores = pd.read_parquet(tmp_path / path)
        assert scores[["vog_embedding", "tracin_last_layers", "el2n_last"]].notna().all(axis=None)


FEW = {
    "phone-book-100000": {"entries": 24, "strangers": 4},
    "shortest-path": {"graphs": 12, "held_out": 3, "elsewhere": {}},
    "atlas": {"vertices": 12, "asked": [8, 8, 8], "held_out": [4, 4, 4]},
}


@pytest.mark.parametrize("dataset", FEW)
@pytest.mark.parametrize("model", ["dense-256", "moe-256-16"])
def test_every_kind_of_question_is_learnt_by_decoders_of_twelve_blocks(checkout, tmp_path, dataset, model):
    study = parse_study(yaml.safe_load((checkout.root / PAPER).read_text()))
    run = study.run("experts", dataset, model, 0)
    changes = {
        "dataset": run.dataset.model_copy(update=FEW[dataset]),
        "training": run.training.model_copy(update={"epochs": 2, "lr": 0.001}),
    }
    run = run.model_copy(update=changes)
    train_one(load(dataset, run.dataset, 0), torch.device("cpu"), 1e9, Job(run, tmp_path))
    metrics = read_json(tmp_path / "metrics.json")
    assert metrics["epochs"] == 2 and len(metrics["balance"]) == (12 if "moe" in model else 0)
    assert read_csv(tmp_path / "history.csv")["train_loss"].notna().all()


@pytest.mark.parametrize("model", ["lm-256", "lm-256-8"])
def test_language_models_of_twenty_blocks_read(checkout, tmp_path, model):
    """In bfloat16 and in parts, as there, a corpus of some hundred tokens."""
    study = parse_study(yaml.safe_load((checkout.root / PAPER).read_text()))
    run = study.run("experts", "language", model, 0)
    part = {"family": "sums", "digits": 1, "train": 20, "test": 4}
    corpus = CorpusData(parts={"sums": part}, vocabulary=320, row=32)
    prepare("language", corpus, 0, tmp_path / "corpus")
    training = run.training.model_copy(update={"batch_size": 4, "accumulate": 2})
    changes = {"dataset": corpus, "training": training, "processes": 1}
    recording = run.recording.model_copy(update={"evaluations": 2, "keep_model": False})
    run = run.model_copy(update=changes | {"recording": recording})
    pretrain(open_corpus(tmp_path / "corpus"), torch.device("cpu"), 1e9, Job(run, tmp_path))
    metrics = read_json(tmp_path / "metrics.json")
    assert len(metrics["balance"]) == (20 if "-8" in model else 0) and metrics["steps"] >= 2
    assert read_csv(tmp_path / "history.csv")["test_loss"].notna().all()


def test_decoders_fit_into_the_memory_that_their_jobs_ask_for(checkout):
    """On a GPU the host holds rows; of a million graphs one in a thousand is made, and counted for all."""
    study = parse_study(yaml.safe_load((checkout.root / PAPER).read_text()))
    run = study.run("experts", "shortest-path", "dense-1024", 0)
    few = run.dataset.model_copy(update={"graphs": 1000})
    data = load("shortest-path", few, 0)
    sizes = [estimate_mb(run, data, torch.device(kind)) for kind in ("cuda", "cpu")]
    rows, questions = data.train.inputs.nbytes, len(data.train.labels)
    of_all = sizes[0] + (1000 - 1) * (6 * rows + 600 * questions) / 2**20
    assert of_all < study.runtime.memory_mb < sizes[1]
