"""Runs of one model, each a training that records the scores of its examples."""

import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import torch

from study import paths
from study.config.makers import store_of
from study.config.runs import RunSettings
from study.config.study import StudySettings
from study.data.dataset import Dataset
from study.provenance import digest, package_versions, training_version
from study.training.device import device_kind, prepare_device
from study.training.jobs import Job, complete, remove_outdated, words
from study.training.memory import check_memory

log = logging.getLogger(__name__)


def train_runs(
    study: StudySettings,
    chapter: str,
    dataset: str,
    model: str,
    seeds: Sequence[int],
    root: str | Path = ".",
) -> None:
    """Train one model with several seeds and publish the runs' files under results/.

    Each run works in a folder of its own under work/. Killed runs go on from their last checkpoint, and
    finished runs wait there until all seeds are done, so that a second call repeats nothing.

    Args:
        study: the study.
        chapter, dataset, model: which runs, by name.
        seeds: the seeds to train.
        root: the folder in which the study runs; the data set is prepared there.

    Raises:
        DamagedFile: the data set is not as it was prepared.
        StudyError: the data set is not prepared; memory would not suffice; a file cannot be written; or some
            runs diverged: then the others are finished and kept in work/.
    """
    root = Path(root)
    runs = [study.run(chapter, dataset, model, seed) for seed in seeds]
    kind = import_module(f"study.training.{runs[0].dataset.kind}_runs")
    data = import_module(store_of(runs[0].dataset)).check(root / paths.data_folder(dataset))
    runs = [kind.settled(run, study, root) for run in runs]
    device = prepare_device(runs[0].device, runs[0].threads)
    start = kind.start_of(runs[0], root)
    needed = kind.estimate_mb(runs[0], data, device, root)
    check_memory(runs[0], needed, study.runtime.memory_mb)
    folder = _work_folder(root, runs[0], start, data, device)
    jobs = [Job(run, folder / f"seed={run.seed}") for run in runs]
    remove_outdated(jobs)

    train_one = kind.trainer(runs[0], data, device, study.runtime.checkpoint_seconds, root)

    def train(job: Job) -> None:
        seconds = train_one(job)
        log.info("%s: finished after %.0f s", words(job.run), seconds)

    complete(jobs, train, root)


def _work_folder(root: Path, run: RunSettings, start: str, data: Dataset, device: torch.device) -> Path:
    """Where the runs of a model work: a folder for each version of all that their numbers depend on."""
    settings = run.model_dump_json(exclude={"seed"})
    code = training_version(run.dataset.kind, run.model.architecture)
    versions = (code, package_versions(), data.digest, device_kind(device), start)
    place = root / paths.WORK / run.chapter / run.dataset_name / run.model_name
    return place / digest(f"{settings} {versions}")
