"""Step `encoders`: how well encoders do, and what pretraining is worth to them."""

import pandas as pd

from study import paths
from study.analysis.intervals import paired_interval
from study.chapters.influence.reading import CHAPTER
from study.config import StudySettings
from study.files import read_csv, read_json, write_csv


def run(study: StudySettings, dataset: str) -> None:
    """Write encoders.csv of a data set: a row per encoder, its accuracy over seeds and its pretraining."""
    rows = []
    for model in study.influence.models_on(dataset):
        metrics = [
            read_json(f"{paths.run_folder(CHAPTER, dataset, model, seed)}/metrics.json")
            for seed in range(study.influence.seeds)
        ]
        accuracy = pd.Series([each["test_accuracy"] for each in metrics]).to_numpy()
        base = study.influence.base_of(dataset)
        history = read_csv(f"{paths.encoder(CHAPTER, base, model)}/pretraining.csv")
        last = history.iloc[-1] if len(history) else {}
        rows.append(
            {
                "model": model,
                "start": study.models[model].start,
                "parameters": metrics[0]["parameters"],
                "pretraining_epochs": len(history),
                "masked_loss": last.get("held_out_loss"),
                "masked_accuracy": last.get("held_out_accuracy"),
                **paired_interval(accuracy)._asdict(),
            }
        )
    write_csv(paths.analysis(CHAPTER, dataset, "encoders.csv"), pd.DataFrame(rows))
