"""Models of depth 1 trained on length-2 paths: how wide must one be, and do experts help?"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from study import paths
from study.config.question_chapter import QuestionRecording
from study.config.study import StudySettings
from study.config.training import TrainingSettings, resolve
from study.config.walls import Arm, WidthWallSettings
from study.data.questions.length_two_path import length_two_paths, tokens_that_there_are
from study.errors import StudyError
from study.files import read_json, write_csv, write_json
from study.models.decoder import Predictions
from study.models.depth_one import DepthOne
from study.models.routing import load_balance_loss, z_loss
from study.provenance import code_version, digest, package_versions
from study.seeds import generator, torch_seed
from study.training.contracts import Batch, RunKey
from study.training.device import prepare_device
from study.training.faults import DivergedError
from study.training.loop import train

_STEPS_OF_EPOCH = 50
_TUNING = -1  # the seed whose run chooses a rate: no other run has it


class LengthTwoPaths:
    """Length-2 paths as a task of the loop: minibatches drawn with replacement.

    Args:
        questions: (N, L) tokens and (N,) classes.
        batch_size: questions of a minibatch.
        weights: of the load-balance loss and of the z-loss of routers.
        run: what minibatches are derived from.
    """

    steps = _STEPS_OF_EPOCH
    chance_loss = float(np.log(2))

    def __init__(
        self,
        questions: tuple[np.ndarray, np.ndarray],
        batch_size: int,
        weights: tuple[float, float],
        run: RunKey,
    ) -> None:
        self._tokens, self._labels = map(torch.from_numpy, questions)
        self._size, self._weights, self._run = batch_size, weights, run

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The minibatches of an epoch."""
        drawn = generator(*self._run, "order", epoch).integers(
            len(self._labels), size=(self.steps, self._size)
        )
        for chosen in drawn:
            yield Batch(chosen, self._tokens[chosen], self._labels[chosen])

    def loss(self, output: Predictions, batch: Batch) -> Tensor:
        """Mean cross-entropy in nats, plus what keeps the router healthy."""
        loss = functional.cross_entropy(output.logits, batch.labels)
        if output.router_logits:
            balance, z = self._weights
            loss = (
                loss + balance * load_balance_loss(output.router_logits, 1) + z * z_loss(output.router_logits)
            )
        return loss

    def right(self, output: Predictions, batch: Batch) -> Tensor:
        """(B,) bool."""
        return output.logits.argmax(dim=1) == batch.labels


class _Data(NamedTuple):
    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def train_walls(study: StudySettings, vertices: int, experts: int, root: str | Path = ".") -> None:
    """Train every arm with so many vertices and experts, and write a row per run.

    Each arm tries every learning rate once, with a seed of its own, and trains its runs at the one with the
    lowest training loss. Finished runs wait in work/, so that a second call repeats nothing.

    Raises:
        StudyError: training diverged at every rate, or a file cannot be written.
    """
    settings, root = study.experts.width_wall, Path(root)
    prepare_device("cpu", study.runtime.threads)  # a step takes a millisecond: a GPU would only wait
    sizes = settings.questions_of(vertices)
    data = _Data(*length_two_paths(*sizes, vertices, generator(study.seed, "length-two-path", vertices)))
    trainer = _Trainer(study, data, vertices, experts, root)
    rows = []
    for arm in settings.arms(vertices, experts):
        rate = _chosen_rate(trainer, arm, settings)
        rows += [trainer.result(arm, rate, seed) for seed in range(settings.seeds)]
    write_csv(root / paths.wall(vertices, experts), pd.DataFrame(rows))
    shutil.rmtree(trainer.folder)


def _chosen_rate(trainer: "_Trainer", arm: Arm, settings: WidthWallSettings) -> float:
    losses = {rate: trainer.result(arm, rate, _TUNING)["train_loss"] for rate in settings.learning_rates}
    finite = {rate: loss for rate, loss in losses.items() if loss is not None}
    if not finite:
        raise StudyError(
            f"training a model of width {arm.width} diverged at every learning rate",
            where=f"experts.width_wall.learning_rates: {settings.learning_rates}",
            expected="a rate that the model can bear",
            do="add lower rates",
        )
    return min(finite, key=finite.get)


class _Trainer:
    """Trains runs, each once: rows are kept in a folder of this version of all that they depend on."""

    def __init__(self, study: StudySettings, data: _Data, vertices: int, experts: int, root: Path) -> None:
        self._study, self._data, self._vertices, self._experts = study, data, vertices, experts
        settings = study.experts.width_wall
        recording: QuestionRecording = study.experts.recording
        self._weights = (recording.load_balance, recording.z_loss)
        training = resolve(study.training, study.experts.training, settings.training)
        self._training = training.model_copy(update={"epochs": -(-settings.steps // _STEPS_OF_EPOCH)})
        sizes = (len(data.train[1]), len(data.test[1]), study.runtime.threads)
        told = f"{settings.model_dump_json()} {self._training} {self._weights} {study.seed} {sizes}"
        code = f"{code_version(__name__)} {package_versions()} {told}"
        self.folder = root / paths.WORK / "experts" / "walls" / f"{vertices}-{experts}" / digest(code)

    def result(self, arm: Arm, rate: float, seed: int) -> dict:
        """The row of a run; of one that diverged, without a loss and as right as a guess."""
        name = f"{arm.initial}-{arm.width}-{rate}-{seed}"
        path = self.folder / f"{name}.json"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, self._train(arm, rate, seed))
        return read_json(path)

    def _train(self, arm: Arm, rate: float, seed: int) -> dict:
        settings = self._study.experts.width_wall
        training: TrainingSettings = self._training.model_copy(update={"lr": rate})
        key = RunKey(
            self._study.seed, seed, f"wall/{self._vertices}/{self._experts}/{arm.width}/{arm.initial}"
        )
        torch.manual_seed(torch_seed(*key, "init"))
        model = DepthOne(
            tokens_that_there_are(self._vertices), arm.width, self._experts, settings.hidden, arm.one_hot
        )
        task = LengthTwoPaths(self._data.train, training.batch_size, self._weights, key)
        row = {
            "vertices": self._vertices,
            "experts": self._experts,
            "width": arm.width,
            "initial": arm.initial,
            "seed": seed,
            "learning_rate": rate,
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "train_questions": len(self._data.train[1]),
            "test_questions": len(self._data.test[1]),
            "steps": training.epochs * _STEPS_OF_EPOCH,
        }
        diverged = row | {"train_loss": None, "train_accuracy": 0.5, "test_accuracy": 0.5}
        try:
            train(model, task, training, key)
        except DivergedError:
            return diverged
        loss, accuracy = _evaluated(model, self._data.train)
        if not np.isfinite(loss):
            return diverged
        return row | {
            "train_loss": loss,
            "train_accuracy": accuracy,
            "test_accuracy": _evaluated(model, self._data.test)[1],
        }


@torch.inference_mode()
def _evaluated(model: DepthOne, questions: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    """Mean loss and accuracy."""
    model.eval()
    tokens, labels = map(torch.from_numpy, questions)
    logits = model(tokens).logits
    right = (logits.argmax(dim=1) == labels).double().mean()
    return float(functional.cross_entropy(logits, labels)), float(right)
