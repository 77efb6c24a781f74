"""Step `pruning`: what a model learns from windows of a ranking by difficulty."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.pruning import balance_table, pruning_table
from study.chapters.difficulty.reading import CHAPTER
from study.config import StudySettings
from study.files import read_json, read_parquet, write_csv


def run(study: StudySettings, dataset: str) -> None:
    """Write pruning.csv and pruning_balance.csv; `all` examples, for comparison, are the ordinary runs."""
    settings = study.difficulty.pruning
    variants = settings.trained().variants
    rows, labels = [], np.array([])
    for name in study.variant_runs():
        if name.variant not in variants or name.dataset != dataset:
            continue
        variant, folder = variants[name.variant], paths.run_folder(*name)
        examples = read_parquet(f"{folder}/examples.parquet", ["label", "inside"])
        labels = examples["label"].to_numpy()
        rows.append(
            {
                "arm": variant.arm,
                "source": variant.source,
                "offset": np.nan if variant.offset is None else variant.offset,
                "seed": name.seed,
                **_results(folder),
                "inside": examples["inside"].to_numpy(),
            }
        )
    members = pd.DataFrame(rows)
    size = {"examples": int(members["inside"].iloc[0].sum())}
    about = {"model": settings.model, "score": settings.score}
    on_all = _on_all(study, dataset)
    steps = {"steps": members["steps"].iloc[0], "steps_all": on_all["steps"].iloc[0]}
    runs = pd.concat([members.drop(columns="inside"), on_all], ignore_index=True)
    table = pruning_table(runs).assign(**about, **size, **steps)
    write_csv(paths.analysis(CHAPTER, dataset, "pruning.csv"), table)
    balance = balance_table(members, labels).assign(**about)
    write_csv(paths.analysis(CHAPTER, dataset, "pruning_balance.csv"), balance)


def _on_all(study: StudySettings, dataset: str) -> pd.DataFrame:
    """The model's ordinary runs, in the form of the others."""
    rows = []
    for seed in range(study.difficulty.seeds):
        folder = paths.run_folder(CHAPTER, dataset, study.difficulty.pruning.model, seed)
        rows.append({"arm": "all", "source": "all", "offset": np.nan, "seed": seed, **_results(folder)})
    return pd.DataFrame(rows)


def _results(folder: str) -> dict:
    """What a run reached, and in how many steps."""
    metrics = read_json(f"{folder}/metrics.json")
    return {"accuracy": metrics["test_accuracy"], "steps": metrics["steps"]}
