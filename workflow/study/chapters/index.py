"""Step `index`: every run of the study in one table."""

import pandas as pd

from study import paths
from study.config import StudySettings
from study.config.study import RunName
from study.files import read_json, write_csv

_NUMBERS = ("epochs", "steps", "parameters", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
_ORIGIN = ("data", "code", "device", "threads")


def run(study: StudySettings) -> None:
    """Write results/index.csv: a row per run, variants last: final numbers, what they came from, folder."""
    rows = [_row(name) for name in (*study.runs(), *study.variant_runs())]
    write_csv(paths.INDEX, pd.DataFrame(rows))


def _row(which: RunName) -> dict:
    folder = paths.run_folder(*which)
    metrics = read_json(f"{folder}/metrics.json")
    origin = {name: metrics["provenance"][name] for name in _ORIGIN}
    return {**which._asdict(), **{name: metrics[name] for name in _NUMBERS}, **origin, "folder": folder}
