"""Runs of one model: trained one after the other, kept in work/ as they finish, published together."""

import logging
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch
from torch import nn

from study import paths
from study.config.runs import RunSettings
from study.config.study import StudySettings
from study.data.dataset import Dataset
from study.data.dataset import open as open_dataset
from study.errors import StudyError
from study.files import replacing
from study.models.registry import build
from study.provenance import digest, package_versions, training_version
from study.seeds import torch_seed
from study.training.checkpoint import Checkpoint
from study.training.contracts import RunKey
from study.training.device import device_kind, prepare_device
from study.training.faults import DivergedError
from study.training.images import Images, Normalisation, TrainingImages
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
        StudyError: the data set is not prepared; memory would not suffice; a file cannot be written; or some
            runs diverged: then the others are finished and kept in work/.
    """
    root = Path(root)
    data = open_dataset(root / paths.data_folder(dataset))
    runs = [study.run(chapter, dataset, model, seed) for seed in seeds]
    device = prepare_device(runs[0].device, runs[0].threads)
    check_memory(runs[0], data, device, memory_mb or study.runtime.memory_mb)
    folder = _work_folder(root, runs[0], data, device)
    _remove_outdated(folder, seeds)
    failures: list[DivergedError] = []
    for run in runs:
        try:
            _finish(run, data, device, folder / f"seed={run.seed}", study.runtime.checkpoint_seconds)
        except DivergedError as failure:
            log.warning("%s", failure)
            failures.append(failure)
    if failures:
        raise _failed(runs, failures, folder)
    for run in runs:
        _publish(folder / f"seed={run.seed}", root / _run_folder(run), _file_names(run))
    for seed in seeds:
        shutil.rmtree(folder / f"seed={seed}")
    _remove_if_empty(folder)


def prepare_model(run: RunSettings, data: Dataset, device: torch.device) -> nn.Module:
    """The run's model, freshly initialised on the device, 4-D weights channels last."""
    torch.manual_seed(torch_seed(run.study_seed, run.seed, run.model_name, "init"))
    model = build(run.model, data.train.inputs.shape[1:], len(data.classes))
    return model.to(device=device, memory_format=torch.channels_last)


def _finish(
    run: RunSettings, data: Dataset, device: torch.device, folder: Path, checkpoint_seconds: float
) -> None:
    """Train a run, unless its files are all there, and write them."""
    if all((folder / name).is_file() for name in _file_names(run)):
        log.info("%s: finished before", _words(run))
        return
    key = RunKey(run.study_seed, run.seed, run.model_name)
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
    log.info("%s: finished after %.0f s", _words(run), seconds)


def _work_folder(root: Path, run: RunSettings, data: Dataset, device: torch.device) -> Path:
    """Where the runs of a model work: a folder for each version of all that their numbers depend on."""
    settings = run.model_dump_json(exclude={"seed"})
    code = training_version(run.model.architecture)
    versions = (code, package_versions(), data.digest, device_kind(device))
    place = root / paths.WORK / run.chapter / run.dataset_name / run.model_name
    return place / digest(f"{settings} {versions}")


def _remove_outdated(folder: Path, seeds: Sequence[int]) -> None:
    """Remove what earlier versions of these runs left behind."""
    for other in sorted(folder.parent.glob("*")):
        if other != folder and other.is_dir():
            for seed in seeds:
                shutil.rmtree(other / f"seed={seed}", ignore_errors=True)
            _remove_if_empty(other)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # other jobs may train other seeds of the same model in this folder
        folder.rmdir()


def _file_names(run: RunSettings) -> list[str]:
    """The run's files; examples.parquet last, since whoever sees it takes the run for finished."""
    recording = run.recording
    wanted = paths.run_files("", recording.keeps_trajectory(run.seed), recording.keep_model)
    return sorted((path.removeprefix("/") for path in wanted), key=lambda name: name == "examples.parquet")


def _publish(work: Path, target: Path, names: Sequence[str]) -> None:
    """Give the files their names in results/. They stay in work/ until all runs of the job are published."""
    known = {path.removeprefix("/") for path in paths.run_files("", trajectory=True, checkpoint=True)}
    for name in sorted(known - set(names)):
        (target / name).unlink(missing_ok=True)
    for name in names:
        with replacing(target / name) as temporary:
            try:
                os.link(work / name, temporary)
            except OSError:  # a file system without hard links
                shutil.copyfile(work / name, temporary)


def _failed(runs: Sequence[RunSettings], failures: Sequence[DivergedError], folder: Path) -> StudyError:
    kept = len(runs) - len(failures)
    first, whose = failures[0], f"{runs[0].model_name} on {runs[0].dataset_name}"
    return StudyError(
        f"{len(failures)} of {len(runs)} runs of {whose} failed; {first.what}",
        where="; ".join(failure.where for failure in failures),
        expected=first.expected,
        do=f"{first.do}; the {kept} finished runs are kept in {folder}",
    )


def _run_folder(run: RunSettings) -> str:
    return paths.run_folder(run.chapter, run.dataset_name, run.model_name, run.seed)


def _words(run: RunSettings) -> str:
    return f"{run.model_name} on {run.dataset_name}, seed {run.seed}"
