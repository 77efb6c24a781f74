"""Variant runs: short trainings on parts of the training set, evaluated once, at their end.

They are many and none is looked at while it trains, so nothing is recorded but which examples a run trained
on and which it gets right.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

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
from study.provenance import digest, package_versions, training_version
from study.scores.pointwise import accuracy, loss
from study.training.checkpoint import Checkpoint
from study.training.contracts import Epoch, Observer, key_of
from study.training.device import device_kind, prepare_device
from study.training.evaluation import Evaluation
from study.training.histories import HISTORY
from study.training.image_runs import prepare_model
from study.training.images import Images, Normalisation, TrainingImages
from study.training.jobs import Job, complete, remove_outdated, words
from study.training.loop import train
from study.training.memory import check_memory, estimate_mb
from study.training.recorders import Clock
from study.training.records import examples, provenance, resources
from study.training.subsets import chosen, taken

log = logging.getLogger(__name__)


class RepeatedImages(TrainingImages):
    """A part of the training set, in epochs of a fixed number of full minibatches.

    An epoch's examples are one permutation of the part after the other, cut where the last minibatch is full:
    so parts of any size train for equally many steps on minibatches of one size. Near the seam of two
    permutations an example may come twice in a minibatch, each time under an augmentation of its own.

    Args:
        steps: minibatches of an epoch; the others as in `TrainingImages`.
    """

    def __init__(self, *of_part, steps: int) -> None:
        super().__init__(*of_part)
        self.steps, self.presented = steps, steps * self._size

    def _order(self, rng: np.random.Generator) -> np.ndarray:
        passes = -(-self.presented // len(self))
        return np.concatenate([rng.permutation(len(self)) for _ in range(passes)])[: self.presented]


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
    memory_mb: int | None = None,
) -> None:
    """Train variant runs of one model on one data set, one after the other, and publish their files.

    Runs survive being killed as those of `train_runs` do. A run whose ranking has changed since it was
    killed starts anew.

    Args:
        study: the study.
        names: which runs; each has a variant.
        root: the folder in which the study runs; the data set is prepared and the rankings are there.
        memory_mb: memory that the job asked for; by default the study's `runtime.memory_mb`.

    Raises:
        DamagedFile: the data set is not as it was prepared.
        StudyError: the data set or a ranking is missing; memory would not suffice; a file cannot be written;
            or some runs diverged: then the others are finished and kept in work/.
    """
    root = Path(root)
    runs = [study.run(*name) for name in names]
    data = check_dataset(root / paths.data_folder(runs[0].dataset_name))
    device = prepare_device(runs[0].device, runs[0].threads)
    check_memory(runs[0], estimate_mb(runs[0], data, device), memory_mb or study.runtime.memory_mb)
    train_one = _Training(data, device, study.runtime.checkpoint_seconds)
    jobs = []
    for run in runs:
        part = chosen(run, data.train, root)
        jobs.append(Job(run, _work_folder(root, run, part, data, device)))
        train_one.parts[jobs[-1].work] = part
    remove_outdated(jobs)
    complete(jobs, train_one, root)


class _Training:
    """Trains runs of one model on one data set, evaluates them, and writes their files."""

    def __init__(self, data: Dataset, device: torch.device, checkpoint_seconds: float) -> None:
        self._data, self._device, self._checkpoint_seconds = data, device, checkpoint_seconds
        self._normalise = Normalisation(data.train.inputs, device)  # pixels as in a run on the whole set
        self._whole = Images(data.train, self._normalise, device)
        self._test = Images(data.test, self._normalise, device)
        self.parts: dict[Path, np.ndarray] = {}  # by the run's folder in work/

    def __call__(self, job: Job) -> None:
        (run, folder), data, part = job, self._data, self.parts[job.work]
        images = _task(run, data, part, self._normalise, self._device)
        model, clock, last = prepare_model(run, data, self._device), Clock(), LastEpoch()
        checkpoint = Checkpoint(folder / "checkpoint.safetensors", self._checkpoint_seconds)
        train(model, images, run.training, key_of(run), [last, clock], checkpoint)
        history, correct = self._evaluate(model, run, part, last.epoch)
        seconds = clock.seconds()
        columns = {"inside": np.isin(np.arange(len(correct)), part), "correct": correct}
        write_json(folder / "config.json", run.model_dump(mode="json"))
        write_json(folder / "metrics.json", _metrics(run, data, self._device, model, images, history.iloc[0]))
        write_csv(folder / "history.csv", history)
        write_json(
            folder / "resources.json",
            resources(run.training.epochs * images.presented, self._device, seconds),
        )
        write_parquet(folder / "examples.parquet", examples(data.train, columns))
        checkpoint.remove()
        log.info("%s: finished after %.1f s", words(run), seconds)

    def _evaluate(
        self, model: nn.Module, run: RunSettings, part: np.ndarray, epoch: Epoch
    ) -> tuple[pd.DataFrame, np.ndarray]:
        """The history's one row, and (N,) which of all training examples the model gets right."""
        found, labels = Evaluation(epoch, model, self._whole, self._test, key_of(run)), self._whole.labels
        values = (found.logits[part], labels[part]), (found.test_logits, self._test.labels)
        row = [*epoch, *(function(*pair).mean() for pair in values for function in (loss, accuracy))]
        history = pd.DataFrame([row], columns=list(HISTORY)).astype({"epoch": np.int64})
        return history, accuracy(found.logits, labels).astype(bool)


def _task(
    run: RunSettings, data: Dataset, part: np.ndarray, normalise: Normalisation, device: torch.device
) -> TrainingImages:
    """What the run trains on: pixels are normalised as for a run on the whole training set."""
    of_part = (taken(data.train, part), len(data.classes), run.training, key_of(run), normalise, device)
    if run.variant.family == "subsets":
        return TrainingImages(*of_part)
    return RepeatedImages(*of_part, steps=-(-len(data.train.labels) // run.training.batch_size))


def _work_folder(root: Path, run: RunSettings, part: np.ndarray, data: Dataset, device: torch.device) -> Path:
    """Where a run works: a folder for each version of all that its numbers depend on, its part included."""
    settings = run.model_dump_json(exclude={"seed"})
    code = training_version(run.model.architecture, __name__)
    versions = (code, package_versions(), data.digest, device_kind(device), part.tolist())
    place = root / paths.WORK / run.chapter / run.dataset_name / run.model_name / run.variant_name
    return place / digest(f"{settings} {versions}") / f"seed={run.seed}"


def _metrics(
    run: RunSettings,
    data: Dataset,
    device: torch.device,
    model: nn.Module,
    images: TrainingImages,
    last: pd.Series,
) -> dict:
    """Final numbers, and what they came from; `train_…` are of the examples that the run trained on."""
    numbers = ("test_accuracy", "test_loss", "train_accuracy", "train_loss")
    return {
        **{name: float(last[name]) for name in numbers},
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "train_examples": len(images),
        "test_examples": len(data.test.labels),
        "epochs": run.training.epochs,
        "steps": run.training.epochs * images.steps,
        "provenance": provenance(run, data, device, training_version(run.model.architecture, __name__)),
    }
