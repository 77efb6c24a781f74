"""Step `encoders`: how well encoders do, and what pretraining is worth to them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from study import paths
from study.analysis.intervals import Estimate, paired_interval
from study.chapters.influence.reading import CHAPTER
from study.config import StudySettings
from study.files import read_csv, read_json, write_csv

SCRATCH = "scratch"
NOTHING = Estimate(np.nan, np.nan, np.nan, 0)


def run(study: StudySettings, dataset: str) -> None:
    """Write encoders.csv of a data set: a row per encoder, its accuracy over seeds and its pretraining.

    `gain` is what pretraining is worth: the accuracy less that of the encoder `scratch`, which differs in
    nothing else, paired by seed; empty where there is none.
    """
    rows, models = [], study.influence.models_on(dataset)
    metrics = {model: _metrics(study, dataset, model) for model in models}
    accuracies = {
        model: np.array([each["test_accuracy"] for each in of_model]) for model, of_model in metrics.items()
    }
    for model in models:
        scratch = _from_scratch(study, model, models)
        gain = NOTHING if scratch is None else paired_interval(accuracies[model] - accuracies[scratch])
        base = study.influence.base_of(dataset)
        history = read_csv(f"{paths.encoder(CHAPTER, base, model)}/pretraining.csv")
        last = history.iloc[-1] if len(history) else {}
        rows.append(
            {
                "model": model,
                "start": study.models[model].start,
                "parameters": metrics[model][0]["parameters"],
                "pretraining_epochs": len(history),
                "masked_loss": last.get("held_out_loss"),
                "masked_accuracy": last.get("held_out_accuracy"),
                **paired_interval(accuracies[model])._asdict(),
                "scratch": scratch,
                "gain": gain.estimate,
                "gain_low": gain.low,
                "gain_high": gain.high,
            }
        )
    write_csv(paths.analysis(CHAPTER, dataset, "encoders.csv"), pd.DataFrame(rows))


def _metrics(study: StudySettings, dataset: str, model: str) -> list[dict]:
    """metrics.json of an encoder's runs."""
    return [
        read_json(f"{paths.run_folder(CHAPTER, dataset, model, seed)}/metrics.json")
        for seed in range(study.influence.seeds)
    ]


def _from_scratch(study: StudySettings, model: str, models: Sequence[str]) -> str | None:
    """The encoder that differs from another one in its start alone, and starts from scratch."""
    settings = study.models[model]
    if settings.start == SCRATCH:
        return None
    twin = settings.model_copy(update={"start": SCRATCH})
    return next((other for other in models if study.models[other] == twin), None)
