"""The learning rate of a model on a task: every arm tries the same rates, on data of their own."""

import shutil
from importlib import import_module
from pathlib import Path

import pandas as pd

from study import paths
from study.config.experts import QuestionRecording
from study.config.runs import RunSettings
from study.config.study import StudySettings
from study.data.dataset import Dataset
from study.data.questions.load import load
from study.errors import StudyError
from study.files import read_csv, read_json, write_csv
from study.provenance import digest, package_versions, training_version
from study.training.device import prepare_device
from study.training.faults import DivergedError
from study.training.jobs import Job

COLUMNS = ("learning_rate", "seed", "loss", "accuracy", "chosen")


def tune(study: StudySettings, chapter: str, task: str, model: str, root: str | Path = ".") -> None:
    """Try every rate, and write how each did and which one is best: the lowest mean loss of answers.

    Memory is tuned on another book, whose entries are recalled; search on other questions than those trained
    on. A rate at which a run diverges is out. Finished runs wait in work/, so that a second call repeats
    nothing.

    Raises:
        StudyError: training diverged at every rate, or a file cannot be written.
    """
    settings, root = getattr(study, chapter), Path(root)
    of_task = settings.tasks[task]
    name = f"{task}-tuning"
    data = load(name, of_task.tuning(model), study.seed)
    tried = study.run(chapter, next(d for d in of_task.made() if model in of_task.models_on(d)), model, 0)
    recording = QuestionRecording(
        evaluations=2, load_balance=settings.recording.load_balance, z_loss=settings.recording.z_loss
    )
    tried = tried.model_copy(
        update={"dataset_name": name, "dataset": of_task.tuning(model), "recording": recording}
    )
    device = prepare_device(tried.device, tried.threads)
    code = digest(f"{training_version(tried.model.architecture)} {package_versions()} {data.digest}")
    folder = root / paths.WORK / chapter / name / model / code
    rows = []
    for rate in settings.learning_rates:
        training = tried.training.model_copy(update={"lr": rate})
        for seed in range(settings.tuning_seeds):
            run = tried.model_copy(update={"training": training, "seed": seed})
            part = digest(run.model_dump_json())
            loss, accuracy = _result(run, data, device, study.runtime.checkpoint_seconds, folder / part, task)
            rows.append((rate, seed, loss, accuracy))
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    means = table.groupby("learning_rate")["loss"].mean()
    if means.isna().all() or means.min() == float("inf"):
        raise StudyError(
            f"training {model} diverged at every learning rate",
            where=f"{chapter}.learning_rates: {settings.learning_rates}",
            expected="a rate that the model can bear",
            do="add lower rates",
        )
    table["chosen"] = table["learning_rate"] == means.idxmin()
    write_csv(root / paths.tuning(chapter, task, model), table)
    shutil.rmtree(folder)


def chosen_rate(chapter: str, task: str, model: str, root: Path) -> float:
    """The rate that `tune` chose.

    Raises:
        DamagedFile: its file is damaged.
    """
    table = read_csv(root / paths.tuning(chapter, task, model))
    return float(table.loc[table["chosen"], "learning_rate"].iloc[0])


def _result(
    run: RunSettings, data: Dataset, device, checkpoint_seconds: float, work: Path, task: str
) -> tuple[float, float]:
    """Loss and accuracy of a run at its end: of the questions trained on where these are to be memorised."""
    train_one = import_module("study.training.question_runs").train_one
    if not (work / "examples.parquet").is_file():
        try:
            train_one(data, device, checkpoint_seconds, Job(run, work))
        except DivergedError:
            return float("inf"), 0.0
    metrics = read_json(work / "metrics.json")
    part = "train" if run.dataset.family == "phone_book" else "test"
    return metrics[f"{part}_loss"], metrics[f"{part}_accuracy"]
