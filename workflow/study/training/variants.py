"""Variant runs: short trainings on parts of the training set, evaluated once, at their end.

They are many and none is looked at while it trains, so nothing is recorded but which examples a run trained
on and which it gets right.
"""

import logging
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from torch import nn

from study import paths
from study.config.runs import RunSettings
from study.config.study import RunName, StudySettings
from study.data.dataset import Dataset
from study.data.dataset import check as check_dataset
from study.files import write_csv, write_json, write_parquet
from study.provenance import digest, package_versions, variants_version
from study.scores.pointwise import accuracy, loss
from study.training.checkpoint import Checkpoint
from study.training.contracts import Epoch, Observer, Task, key_of
from study.training.device import device_kind, prepare_device
from study.training.evaluation import Evaluation
from study.training.histories import HISTORY
from study.training.jobs import Job, complete, remove_outdated, words
from study.training.loop import train
from study.training.memory import check_memory
from study.training.recorders import Clock
from study.training.records import examples, provenance, resources

log = logging.getLogger(__name__)


class Ground(Protocol):
    """What variant runs of a model on a data set share: `study.training.<kind>_variants.ground` makes it."""

    def part(self, run: RunSettings, root: Path) -> np.ndarray:
        """Positions in the training set, ascending, of the examples that a run trains on."""

    def model(self, run: RunSettings) -> nn.Module:
        """The run's model, freshly initialised on the device."""

    def task(self, run: RunSettings, part: np.ndarray) -> Task:
        """What it trains on."""

    def evaluated(self, run: RunSettings) -> tuple[Any, Any]:
        """The whole training set and the test set, as `Evaluation` takes them."""

    def watcher(self, run: RunSettings, task: Task) -> "Watcher":
        """Who watches it train."""

    def columns(self, run: RunSettings, evaluation: Evaluation) -> dict[str, np.ndarray]:
        """Columns of examples.parquet that this kind of run has beside, (N,) each."""


class Watcher(Observer):
    """Watches a variant run; this one sees nothing."""

    def columns(self) -> dict[str, np.ndarray]:
        """Columns of examples.parquet, (N,) each, once training is complete."""
        return {}


class LastEpoch(Observer):
    """Remembers the epoch that has just ended."""

    def __init__(self) -> None:
        self.epoch = Epoch(0, np.nan, np.nan)

    def on_epoch(self, epoch: Epoch, model: nn.Module) -> None:
        self.epoch = epoch

    def state(self) -> dict[str, np.ndarray]:
        return {"epoch": np.array(self.epoch, dtype=np.float64)}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        number, lr, mean = state["epoch"].tolist()
        self.epoch = Epoch(int(number), lr, mean)


def train_variants(
    study: StudySettings,
    names: Sequence[RunName],
    root: str | Path = ".",
) -> None:
    """Train variant runs of one model on one data set, one after the other, and publish their files.

    Runs survive being killed as those of `train_runs` do. A run whose ranking has changed since it was
    killed starts anew.

    Args:
        study: the study.
        names: which runs; each has a variant.
        root: the folder in which the study runs; the data set is prepared and the rankings are there.

    Raises:
        DamagedFile: the data set is not as it was prepared.
        StudyError: the data set or a ranking is missing; memory would not suffice; a file cannot be written;
            or some runs diverged: then the others are finished and kept in work/.
    """
    root = Path(root)
    runs = [study.run(*name) for name in names]
    data = check_dataset(root / paths.data_folder(runs[0].dataset_name))
    kind = runs[0].dataset.kind
    of_kind = import_module(f"study.training.{kind}_runs")
    runs = [of_kind.settled(run, study, root) for run in runs]
    device = prepare_device(runs[0].device, runs[0].threads)
    start = of_kind.start_of(runs[0], root)
    needed = of_kind.estimate_mb(runs[0], data, device, root)
    check_memory(runs[0], needed, study.runtime.memory_mb)
    ground = import_module(f"study.training.{kind}_variants").ground(runs[0], data, device, root)
    train_one = _Training(data, ground, device, study.runtime.checkpoint_seconds)
    jobs = []
    for run in runs:
        part = ground.part(run, root)
        jobs.append(Job(run, _work_folder(root, run, part, start, data, device)))
        train_one.parts[jobs[-1].work] = part
    remove_outdated(jobs)
    complete(jobs, train_one, root)


class _Training:
    """Trains runs of one model on one data set, evaluates them, and writes their files."""

    def __init__(
        self, data: Dataset, ground: Ground, device: torch.device, checkpoint_seconds: float
    ) -> None:
        self._data, self._ground, self._device = data, ground, device
        self._checkpoint_seconds = checkpoint_seconds
        self.parts: dict[Path, np.ndarray] = {}  # by the run's folder in work/

    def __call__(self, job: Job) -> None:
        (run, folder), data, part = job, self._data, self.parts[job.work]
        task, model = self._ground.task(run, part), self._ground.model(run)
        clock, last = Clock(), LastEpoch()
        watcher = self._ground.watcher(run, task)
        checkpoint = Checkpoint(folder / "checkpoint.safetensors", self._checkpoint_seconds)
        train(model, task, run.training, key_of(run), [last, clock, watcher], checkpoint)
        found = Evaluation(last.epoch, model, *self._ground.evaluated(run), key_of(run))
        history, correct = _results(found, part)
        seconds = clock.seconds()
        columns = {"inside": np.isin(np.arange(len(correct)), part), "correct": correct}
        columns |= self._ground.columns(run, found) | watcher.columns()
        write_json(folder / "config.json", run.model_dump(mode="json"))
        write_json(
            folder / "metrics.json",
            _metrics(run, data, self._device, model, task, len(part), history.iloc[0]),
        )
        write_csv(folder / "history.csv", history)
        write_json(
            folder / "resources.json",
            resources(run.training.epochs * task.presented, self._device, seconds),
        )
        write_parquet(folder / "examples.parquet", examples(data.train, columns))
        checkpoint.remove()
        log.info("%s: finished after %.1f s", words(run), seconds)


def _results(found: Evaluation, part: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """The history's one row, and (N,) which of all training examples the model gets right."""
    labels = found.train.labels
    values = (found.logits[part], labels[part]), (found.test_logits, found.test.labels)
    row = [*found.epoch, *(function(*pair).mean() for pair in values for function in (loss, accuracy))]
    history = pd.DataFrame([row], columns=list(HISTORY)).astype({"epoch": np.int64})
    return history, accuracy(found.logits, labels).astype(bool)


def _work_folder(
    root: Path, run: RunSettings, part: np.ndarray, start: str, data: Dataset, device: torch.device
) -> Path:
    """Where a run works: a folder for each version of all that its numbers depend on, its part included."""
    settings = run.model_dump_json(exclude={"seed"})
    code = variants_version(run.dataset.kind, run.model.architecture)
    versions = (code, package_versions(), data.digest, device_kind(device), start, part.tolist())
    place = root / paths.WORK / run.chapter / run.dataset_name / run.model_name / run.variant_name
    return place / digest(f"{settings} {versions}") / f"seed={run.seed}"


def _metrics(
    run: RunSettings,
    data: Dataset,
    device: torch.device,
    model: nn.Module,
    task: Task,
    trained_on: int,
    last: pd.Series,
) -> dict:
    """Final numbers, and what they came from; `train_…` are of the examples that the run trained on."""
    numbers = ("test_accuracy", "test_loss", "train_accuracy", "train_loss")
    return {
        **{name: float(last[name]) for name in numbers},
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "train_examples": trained_on,
        "test_examples": len(data.test.labels),
        "epochs": run.training.epochs,
        "steps": run.training.epochs * task.steps,
        "provenance": provenance(
            run, data, device, variants_version(run.dataset.kind, run.model.architecture)
        ),
    }
