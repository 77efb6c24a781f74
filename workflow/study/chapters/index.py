"""Step `index`: every run of the study in one table."""

import pandas as pd

from study import paths
from study.config import StudySettings
from study.files import read_json, write_csv

_NUMBERS = ("epochs", "steps", "parameters", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
_ORIGIN = ("data", "code", "device", "threads")


def run(study: StudySettings) -> None:
    """Write results/index.csv: one row per run, with its final numbers, what it came from, and its folder."""
    rows = [_row(*name) for name in study.runs()]
    write_csv(paths.INDEX, pd.DataFrame(rows))


def _row(chapter: str, dataset: str, model: str, seed: int) -> dict:
    folder = paths.run_folder(chapter, dataset, model, seed)
    metrics = read_json(f"{folder}/metrics.json")
    key = {"chapter": chapter, "dataset": dataset, "model": model, "seed": seed}
    origin = {name: metrics["provenance"][name] for name in _ORIGIN}
    return {**key, **{name: metrics[name] for name in _NUMBERS}, **origin, "folder": folder}
