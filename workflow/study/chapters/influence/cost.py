"""Step `cost`: what each score costs, in units of one training epoch."""

from pathlib import Path

import pandas as pd

from study import paths
from study.chapters.influence.reading import CHAPTER
from study.chapters.runs import write_tables
from study.config import StudySettings
from study.data.dataset import open as open_dataset
from study.training.device import prepare_device
from study.training.text_cost import seconds_of_passes
from study.training.text_runs import settled

Passes = tuple[int, dict[str, float]]


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write cost.csv of one encoder; seconds differ from run to run and from machine to machine."""
    root = Path(".")
    settings = settled(study.run(CHAPTER, dataset, model, 0), study, root)
    device = prepare_device(settings.device, settings.threads)
    data = open_dataset(paths.data_folder(dataset))
    seconds = seconds_of_passes(settings, data, device, root)
    updates = -(-len(data.train.labels) // settings.training.batch_size)
    table = _table(_passes(study, settings.training.epochs, updates), seconds)
    write_tables(CHAPTER, {"cost": table}, dataset, model)


def _table(of_scores: dict[str, Passes], seconds: dict[str, float]) -> pd.DataFrame:
    """A row per score: `score, runs, training_epochs` (its seconds over those of one epoch of training)
    `, forward, backward` (passes over the training set) `, seconds`.
    """
    rows = []
    for score, (runs, passes) in of_scores.items():
        cost = runs * sum(count * seconds[name] for name, count in passes.items())
        forward = runs * sum(passes.values())
        backward = runs * sum(count for name, count in passes.items() if name != "evaluation")
        rows.append((score, runs, cost / seconds["epoch"], forward, backward, cost))
    columns = ["score", "runs", "training_epochs", "forward", "backward", "seconds"]
    return pd.DataFrame(rows, columns=columns)


def _passes(study: StudySettings, epochs: int, updates: int) -> dict[str, Passes]:
    """How many runs a score takes, and how many passes of each kind a run, of so many updates an epoch."""
    settings, recording, cadence = study.influence, study.influence.recording, study.influence.cadence
    early, seeds = recording.early_epoch, settings.seeds
    found: dict[str, Passes] = {}
    if recording.vog_checkpoints:
        found["vog_embedding"] = (1, {"epoch": epochs, "vog": recording.vog_checkpoints})
        found["vog_embedding_class"] = found["vog_embedding"]  # standardised afterwards
    if recording.tracin_checkpoints:
        found["tracin_last_layers"] = (1, {"epoch": epochs, "tracin": recording.tracin_checkpoints})
    found["el2n_early"] = (seeds, {"epoch": early, "evaluation": 1})
    found["el2n_last"] = (seeds, {"epoch": epochs, "evaluation": 1})
    looks = cadence.epochs * min(cadence.evaluations, updates)
    found["forgetting_often"] = (cadence.seeds, {"epoch": cadence.epochs, "evaluation": looks})
    few = looks // cadence.every
    found["forgetting_rarely"] = (cadence.seeds, {"epoch": cadence.epochs, "evaluation": few})
    found["pvi"] = (seeds, {"epoch": early, "evaluation": 1, "null_epoch": early})
    folds = settings.folds
    inside = early * (folds - 1)  # all runs of a seed together, each on all folds but one
    crossed = {"epoch": inside, "evaluation": 1, "null_epoch": early}
    found["pvi_cross"] = (settings.fold_seeds, crossed)
    every = {"epoch": epochs, "evaluation": epochs}
    for score in ("entropy_mean", "confidence_mean", "variability", "aum_mean"):
        found[score] = (seeds, every)
    return found
