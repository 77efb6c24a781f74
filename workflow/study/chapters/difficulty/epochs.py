"""Step `epochs`: how rankings change over training, and how many epochs must be recorded."""

import pandas as pd

from study.analysis.epochs import epoch_correlation
from study.analysis.epochs_needed import epoch_averaging, epochs_needed, recording_curves
from study.chapters.difficulty.reading import trajectories, write_tables
from study.config import StudySettings
from study.seeds import generator

MEASURES = {
    "confidence": "confidence",
    "loss": "loss",
    "accuracy": "correct",
}  # score: column that records it


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write a model's epoch_correlation.csv, epoch_curves.csv, epoch_averaging.csv and epochs_needed.csv."""
    seed = int(generator(study.seed, dataset, model, "epochs").integers(1 << 62))
    parts: dict[str, list[pd.DataFrame]] = {}
    for score, column in MEASURES.items():
        values = trajectories(study, dataset, model, column)  # one at a time: they are the largest arrays
        curves = recording_curves(values)
        tables = {
            "epoch_correlation": epoch_correlation(values),
            "epoch_curves": curves,
            "epoch_averaging": epoch_averaging(values, seed, study.difficulty.analysis.draws),
            "epochs_needed": epochs_needed(curves),
        }
        for name, table in tables.items():
            table.insert(0, "score", score)
            parts.setdefault(name, []).append(table)
    write_tables({name: pd.concat(tables) for name, tables in parts.items()}, dataset, model)
