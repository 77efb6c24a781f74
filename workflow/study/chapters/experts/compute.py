"""Step `compute`: accuracy against the operations spent on training, and at equal operations."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.intervals import paired_interval
from study.chapters.experts.reading import CHAPTER, runs_of
from study.config import StudySettings
from study.config.question_chapter import TaskSettings
from study.files import read_csv, read_json, write_csv

_COLUMNS = ("task", "dataset", "model", "seed", "epoch", "operations", "accuracy")


def run(study: StudySettings) -> None:
    """Write compute.csv, a row per run and reading, and iso_flop.csv, a row per task and model.

    Of phone books the one is looked at that most models learn, of several the largest.
    """
    curves = pd.concat([_curves(study, task) for task in study.experts.tasks.values()], ignore_index=True)
    write_csv(paths.table(CHAPTER, "compute"), curves)
    write_csv(paths.table(CHAPTER, "iso_flop"), at_equal_operations(curves))


def _curves(study: StudySettings, task: TaskSettings) -> pd.DataFrame:
    chosen = max(task.made(), key=lambda name: (len(task.models_on(name)), list(task.made()).index(name)))
    parts = []
    for dataset, model, seed in runs_of(study, task):
        if dataset == chosen:
            folder = paths.run_folder(CHAPTER, dataset, model, seed)
            history, metrics = read_csv(f"{folder}/history.csv"), read_json(f"{folder}/metrics.json")
            spent = metrics["training_operations"] * history["epoch"] / metrics["epochs"]
            accuracy = history[f"{task.measured_on}_accuracy"]
            part = history[["epoch"]].assign(operations=spent, accuracy=accuracy)
            parts.append(part.assign(task=task.tuning_name, dataset=dataset, model=model, seed=seed))
    return pd.concat(parts, ignore_index=True)[list(_COLUMNS)]


def at_equal_operations(curves: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of each model when it had spent what the least demanding one spends in all.

    Interpolated in logs of operations between readings, for each seed; NaN where a model had spent more at
    its first reading.
    """
    rows = []
    for task, of_task in curves.groupby("task", sort=False):
        budget = of_task.groupby("model")["operations"].max().min()
        for model, of_model in of_task.groupby("model", sort=False):
            values = [
                np.interp(
                    np.log(budget), np.log(part["operations"]), part["accuracy"], left=np.nan, right=np.nan
                )
                if part["operations"].max() > budget
                else part["accuracy"].iloc[-1]
                for _, part in of_model.sort_values("epoch").groupby("seed")
            ]
            found = paired_interval(np.array(values))
            ends = {name: getattr(found, name) for name in ("estimate", "low", "high", "n")}
            rows.append({"task": task, "model": model, "operations": budget, **ends})
    return pd.DataFrame(rows)
