"""Runs of one model, each a training that records the scores of its examples."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import nn

from study import paths
from study.config.runs import RunSettings
from study.config.study import StudySettings
from study.data.dataset import Dataset
from study.data.dataset import check as check_dataset
from study.models.registry import build
from study.provenance import digest, package_versions, training_version
from study.seeds import torch_seed
from study.training.checkpoint import Checkpoint
from study.training.contracts import key_of
from study.training.device import device_kind, prepare_device
from study.training.images import Images, Normalisation, TrainingImages
from study.training.jobs import Job, complete, remove_outdated, words
from study.training.loop import train
from study.training.memory import check_memory
from study.training.recorders import Clock, Recorder
from study.training.records import write_records

log = logging.getLogger(__name__)


def train_runs(
    study: StudySettings,
    chapter: str,
    dataset: str,
    model: str,
    seeds: Sequence[int],
    root: str | Path = ".",
    memory_mb: int | None = None,
) -> None:
    """Train one model with several seeds and publish the runs' files under results/.

    Each run works in a folder of its own under work/. Killed runs go on from their last checkpoint, and
    finished runs wait there until all seeds are done, so that a second call repeats nothing.

    Args:
        study: the study.
        chapter, dataset, model: which runs, by name.
        seeds: the seeds to train.
        root: the folder in which the study runs; the data set is prepared there.
        memory_mb: memory that the job asked for; by default the study's `runtime.memory_mb`.

    Raises:
        DamagedFile: the data set is not as it was prepared.
        StudyError: the data set is not prepared; memory would not suffice; a file cannot be written; or some
            runs diverged: then the others are finished and kept in work/.
    """
    root = Path(root)
    data = check_dataset(root / paths.data_folder(dataset))
    runs = [study.run(chapter, dataset, model, seed) for seed in seeds]
    device = prepare_device(runs[0].device, runs[0].threads)
    check_memory(runs[0], data, device, memory_mb or study.runtime.memory_mb)
    folder = _work_folder(root, runs[0], data, device)
    jobs = [Job(run, folder / f"seed={run.seed}") for run in runs]
    remove_outdated(jobs)
    complete(jobs, partial(_train_one, data, device, study.runtime.checkpoint_seconds), root)


def prepare_model(run: RunSettings, data: Dataset, device: torch.device) -> nn.Module:
    """The run's model, freshly initialised on the device, 4-D weights channels last."""
    torch.manual_seed(torch_seed(*key_of(run), "init"))
    model = build(run.model, data.train.inputs.shape[1:], len(data.classes))
    return model.to(device=device, memory_format=torch.channels_last)


def _train_one(data: Dataset, device: torch.device, checkpoint_seconds: float, job: Job) -> None:
    """Train a run and write its files."""
    run, folder = job
    key = key_of(run)
    model = prepare_model(run, data, device)
    normalise = Normalisation(data.train.inputs, device)
    images = TrainingImages(data.train, len(data.classes), run.training, key, normalise, device)
    test = Images(data.test, normalise, device)
    clock = Clock()
    trajectory = run.recording.keeps_trajectory(run.seed)
    recorder = Recorder(images, test, key, run.training.epochs, run.recording, trajectory)
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", checkpoint_seconds)
    train(model, images, run.training, key, [recorder, clock], checkpoint)
    seconds = clock.seconds()
    write_records(folder, run, data, device, model, recorder, seconds)
    checkpoint.remove()
    log.info("%s: finished after %.0f s", words(run), seconds)


def _work_folder(root: Path, run: RunSettings, data: Dataset, device: torch.device) -> Path:
    """Where the runs of a model work: a folder for each version of all that their numbers depend on."""
    settings = run.model_dump_json(exclude={"seed"})
    code = training_version(run.model.architecture)
    versions = (code, package_versions(), data.digest, device_kind(device))
    place = root / paths.WORK / run.chapter / run.dataset_name / run.model_name
    return place / digest(f"{settings} {versions}")
