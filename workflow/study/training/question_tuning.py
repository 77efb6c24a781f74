"""Learning rate and weight decay of a model on a task: every arm tries the same, on data of their own."""

import shutil
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

from study import paths
from study.config.runs import RunSettings
from study.config.study import StudySettings
from study.data.corpus.store import Corpus
from study.data.corpus.store import check as check_corpus
from study.data.dataset import Dataset
from study.data.questions.load import load
from study.files import read_json, write_csv
from study.kinds import CORPUS
from study.provenance import digest, package_versions, training_version
from study.training.choosing import choose, untried
from study.training.device import device_kind, prepare_device
from study.training.faults import DivergedError
from study.training.jobs import Job
from study.training.memory import check_memory
from study.training.processes import writes


def tune(study: StudySettings, chapter: str, task: str, model: str, root: str | Path = ".") -> None:
    """Try learning rates and weight decays, and write how each did; see `choose`.

    Memory is tuned on another book, whose entries are recalled; search on other questions than those trained
    on; pre-training on held-out documents, which are not what is asked for. What diverges is out. A single
    rate is chosen untried, with the first weight decay. Finished runs wait in work/, so that a second call
    repeats nothing.

    Raises:
        StudyError: training diverged at every rate; the runs would need more memory than a job has; or a
            file cannot be written.
    """
    settings, root = getattr(study, chapter), Path(root)
    of_task = settings.tasks[task]
    rates, place = settings.rates_of(of_task), root / paths.tuning(chapter, task, model)
    if len(rates) == 1:
        write_csv(place, untried(*rates, settings.weight_decays[0]))
        return
    first = study.tuning_run(chapter, task, model)
    data = _data(first, study, root)
    of_kind = import_module(f"study.training.{first.dataset.kind}_runs")
    device = prepare_device(first.device, first.threads)
    check_memory(first, of_kind.estimate_mb(first, data, device), study.runtime.memory_mb)
    versions = (
        training_version(first.dataset.kind, first.model.architecture),
        package_versions(),
        data.digest,
    )
    code = digest(f"{versions} {device_kind(device)}")
    folder = root / paths.WORK / chapter / first.dataset_name / model / code

    def tried(rate: float, decay: float, seed: int) -> tuple[float, float]:
        training = first.training.model_copy(update={"lr": rate, "weight_decay": decay})
        run = first.model_copy(update={"training": training, "seed": first.seed + seed})
        part = folder / digest(run.model_dump_json())
        trained = partial(of_kind.train_one, data, device, study.runtime.checkpoint_seconds)
        return _result(run, part, trained, of_task.measured_on)

    table = choose(
        rates,
        settings.weight_decays,
        settings.tuning_seeds,
        tried,
        model,
        f"{chapter}.learning_rates",
    )
    if writes():
        write_csv(place, table)
        shutil.rmtree(folder)


def _data(run: RunSettings, study: StudySettings, root: Path) -> Dataset | Corpus:
    """What rates are tried on: questions that are made for it, or the corpus as it was prepared."""
    if run.dataset.kind == CORPUS:
        return check_corpus(root / paths.data_folder(run.dataset_name))
    return load(run.dataset_name, run.dataset, study.seed)


def _result(
    run: RunSettings, work: Path, train_one: Callable[[Job], float], part: str
) -> tuple[float, float]:
    """Loss and accuracy of a run at its end, on a part of the questions or of the documents."""
    if not (work / "examples.parquet").is_file():
        try:
            train_one(Job(run, work))
        except DivergedError:
            return float("inf"), 0.0
    metrics = read_json(work / "metrics.json")
    return metrics[f"{part}_loss"], metrics[f"{part}_accuracy"]
