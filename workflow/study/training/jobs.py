"""Several runs as one job: trained one after the other, kept in work/ as they finish, published together."""

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from study import paths
from study.config.runs import RunSettings
from study.errors import StudyError
from study.files import replacing
from study.training.faults import DivergedError
from study.training.processes import writes

log = logging.getLogger(__name__)


class Job(NamedTuple):
    """A run, and where it works until it is published."""

    run: RunSettings
    work: Path


def complete(jobs: Sequence[Job], train: Callable[[Job], None], root: Path) -> None:
    """Train what is not finished yet, and publish the files of all runs under results/.

    Finished runs wait in work/ until all are done, so that a second call repeats nothing.

    Args:
        jobs: the runs of one model.
        train: trains a run and writes its files into `Job.work`.
        root: the folder in which the study runs.

    Raises:
        StudyError: some runs diverged: the others are finished and kept in work/.
    """
    failures: list[DivergedError] = []
    for job in jobs:
        if all((job.work / name).is_file() for name in file_names(job.run)):
            log.info("%s: finished before", words(job.run))
            continue
        try:
            train(job)
        except DivergedError as failure:
            log.warning("%s", failure)
            failures.append(failure)
    if failures:
        raise _failed(jobs, failures)
    if not writes():
        return
    for job in jobs:
        _publish(job.work, root / run_folder(job.run), file_names(job.run))
    for job in jobs:
        shutil.rmtree(job.work)
    for folder in {job.work.parent for job in jobs}:
        _remove_if_empty(folder)


def remove_outdated(jobs: Sequence[Job]) -> None:
    """Remove what earlier versions of these runs left behind: they worked in folders beside this one."""
    for job in jobs:
        for other in sorted(job.work.parent.parent.glob("*")):
            if other != job.work.parent and other.is_dir():
                shutil.rmtree(other / job.work.name, ignore_errors=True)
                _remove_if_empty(other)


def file_names(run: RunSettings) -> list[str]:
    """The run's files; examples.parquet last, since whoever sees it takes the run for finished."""
    return sorted(run.recording.files(run.seed), key=lambda name: name == "examples.parquet")


def run_folder(run: RunSettings) -> str:
    """Where the run's files are published."""
    return paths.run_folder(run.chapter, run.dataset_name, run.model_name, run.seed, run.variant_name)


def words(run: RunSettings) -> str:
    """The run as messages name it."""
    variant = f", {run.variant_name}" if run.variant_name else ""
    return f"{run.model_name} on {run.dataset_name}{variant}, seed {run.seed}"


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # other jobs may train other seeds of the same model in this folder
        folder.rmdir()


def _publish(work: Path, target: Path, names: Sequence[str]) -> None:
    """Give the files their names in results/. They stay in work/ until all runs of the job are published."""
    optional = {paths.TRAJECTORY, paths.CHECKPOINT, paths.ANSWERS, *paths.MODEL_FILES, *paths.TOKENIZER_FILES}
    for name in sorted(optional - set(names)):
        (target / name).unlink(missing_ok=True)
    for name in names:
        with replacing(target / name) as temporary:
            try:
                os.link(work / name, temporary)
            except OSError:  # a file system without hard links
                shutil.copyfile(work / name, temporary)


def _failed(jobs: Sequence[Job], failures: Sequence[DivergedError]) -> StudyError:
    kept = len(jobs) - len(failures)
    run, first = jobs[0].run, failures[0]
    return StudyError(
        f"{len(failures)} of {len(jobs)} runs of {run.model_name} on {run.dataset_name} failed; {first.what}",
        where="; ".join(failure.where for failure in failures),
        expected=first.expected,
        do=f"{first.do}; the {kept} finished runs are kept in {jobs[0].work.parent}",
    )
