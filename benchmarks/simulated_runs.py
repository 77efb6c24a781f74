"""Runs written without training: random scores go through the study's own recorders and writers.

Examples differ in how easy they are; logits grow towards their labels over the epochs, with noise. So values
are as varied as those of trainings, and their files as large.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

import numpy as np
import pandas as pd
import torch
from torch import nn

from study.config.runs import RunSettings
from study.data.dataset import Dataset, data_digest, split
from study.files import write_csv, write_json, write_parquet
from study.kinds import IMAGE
from study.provenance import variants_version
from study.scores.pointwise import pointwise_scores
from study.training.contracts import Epoch, key_of
from study.training.histories import HISTORY
from study.training.images import Images, Normalisation
from study.training.parts import Learning, Part, Pointwise, Presentations, score_parts
from study.training.recorders import Recorder
from study.training.records import examples, provenance, resources, write_records

CPU, SIDE, PROBES = torch.device("cpu"), 2, 10


class Simulated:
    """What recorders ask of a model after an epoch; see `study.training.evaluation.Evaluation`."""

    def __init__(self, epoch: Epoch, data: Dataset, logits: np.ndarray, rng: np.random.Generator) -> None:
        n = len(logits)
        self.epoch, self.train, self.classes = epoch, data.train, len(data.classes)
        self.logits, self.predicted = logits, logits.argmax(axis=1)
        self.scores = pointwise_scores(logits, data.train.labels)
        self.test_scores = {"loss": self.scores["loss"], "accuracy": self.scores["accuracy"]}
        self.gradient_norms = tuple(rng.gamma(2.0, 1.0, (2, n)).astype(np.float32).astype(np.float64))
        self.features = rng.normal(size=(n, 4)).astype(np.float32)
        self._votes = rng.integers(self.classes, size=(PROBES, n))

    def votes(self) -> np.ndarray:
        """(P, N) classes."""
        return self._votes

    def pass_on(self, takers: Sequence[Part], rng: np.random.Generator) -> None:
        """Random input gradients, to those who want some."""
        n, labels = len(self.logits), torch.from_numpy(self.train.labels)
        for taker in takers:
            pair = torch.from_numpy(rng.normal(size=(2, n, 1, SIDE, SIDE)).astype(np.float32))
            taker.on_input_gradients(slice(0, n), torch.from_numpy(self.logits), labels, *pair)


def data_of(name: str, n: int, classes: int, rng: np.random.Generator) -> Dataset:
    """Small random images under the ids of a data set."""

    def part(which: str, size: int):
        images = rng.integers(0, 256, (size, 1, SIDE, SIDE), dtype=np.uint8)
        return split(name, which, np.arange(size), images, rng.integers(classes, size=size))

    train, test = part("train", n), part("test", max(10, n // 5))
    names = tuple(map(str, range(classes)))
    return Dataset(name, train, test, names, "simulated", data_digest(train, test, classes))


def scored_run(run: RunSettings, n: int, classes: int, folder: Path) -> None:
    """Write a run that scores n examples while it trains: of images, or of texts."""
    rng, epochs, key = np.random.default_rng(run.seed), run.training.epochs, key_of(run)
    data = data_of(run.dataset_name, n, classes, rng)
    columns = {}
    if run.dataset.kind == IMAGE:
        images = Images(data.train, Normalisation(data.train.inputs, CPU), CPU)
        parts = score_parts(images, key, epochs, run.recording)
    else:
        parts = [
            Pointwise(n, epochs, run.recording.early_epoch),
            Presentations(n, epochs),
            Learning(n, epochs),
        ]
        names = ("vog_embedding", "vog_embedding_class", "tracin_last_layers")
        columns = dict(zip(names, rng.gamma(2.0, 1.0, (len(names), n)), strict=True))
    ease, towards = rng.normal(3.0, 2.0, (n, 1)), np.eye(classes)[data.train.labels]

    def evaluate(epoch: Epoch, model: nn.Module, takers: Sequence[Part]) -> Simulated:
        logits = ease * np.sqrt(epoch.number / epochs) * towards + rng.normal(size=(n, classes))
        found = Simulated(epoch, data, logits.astype(np.float32), rng)
        found.pass_on(takers, rng)
        return found

    recorder = Recorder(
        evaluate, parts, n, key, range(1, epochs + 1), run.recording.keeps_trajectory(run.seed)
    )
    for number in range(1, epochs + 1):
        recorder.on_batch(np.arange(n), torch.from_numpy(rng.random(n) < number / epochs))
        recorder.on_epoch(Epoch(number, run.training.lr, float(rng.random())), nn.Linear(2, 2))
    write_records(folder, run, data, CPU, nn.Linear(2, 2), recorder, 1.0, columns)


def variant_run(run: RunSettings, n: int, classes: int, folder: Path) -> None:
    """Write a run on a part of n examples, as `study.training.variants` does."""
    rng = np.random.default_rng(run.seed)
    data = data_of(run.dataset_name, n, classes, rng)
    columns = {"inside": rng.random(n) < 0.5, "correct": rng.random(n) < 0.9}
    history = pd.DataFrame([[run.training.epochs, *rng.random(len(HISTORY) - 1)]], columns=list(HISTORY))
    code = variants_version(run.dataset.kind, run.model.architecture)
    metrics = dict(zip(HISTORY[3:], rng.random(4), strict=True)) | {"parameters": 10**8, "epochs": 10}
    write_json(folder / "config.json", run.model_dump(mode="json"))
    write_json(folder / "metrics.json", metrics | {"provenance": provenance(run, data, CPU, code)})
    write_csv(folder / "history.csv", history.astype({"epoch": np.int64}))
    write_parquet(folder / "examples.parquet", examples(data.train, columns))
    write_json(folder / "resources.json", resources(n, CPU, 1.0))


def metrics_of_many(template: Path, folders: Sequence[Path]) -> None:
    """Copy a run's metrics.json into other folders, each with accuracies and losses of its own."""
    metrics, rng = json.loads(template.read_text()), np.random.default_rng(0)
    numbers = [name for name, value in metrics.items() if isinstance(value, float)]
    for folder in folders:
        write_json(folder / "metrics.json", metrics | {name: float(rng.random()) for name in numbers})
