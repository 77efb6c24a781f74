"""What the steps of the chapter read: scores of runs as matrices, and what pruned runs reached."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from study import paths
from study.chapters import runs
from study.config import StudySettings
from study.config.text_families import PrunedFamily
from study.files import read_csv, read_json, read_parquet, write_csv

CHAPTER = "influence"
TablesOf = Callable[[StudySettings, str, str], Mapping[str, pd.DataFrame]]


def all_scores(study: StudySettings, dataset: str, model: str) -> dict[str, np.ndarray]:
    """Every score of an encoder on a data set: {column: (runs, examples)}.

    Those that runs record have a row a seed; so has PVI, of the runs and of those on empty texts with the
    same seed. Cross-fitted PVI and forgetting at two cadences have a row for each seed of their own runs.
    """
    place = (CHAPTER, dataset, model)
    found = runs.matrices(study, *place)
    null = _of_variants(study, place, "null", study.influence.seeds, "loss")
    found["pvi"] = (null - found["loss_early"]) / np.log(2)
    seeds = study.influence.fold_seeds
    found["pvi_cross"] = (null[:seeds] - _left_out(study, place)) / np.log(2)
    for column in ("forgetting_often", "forgetting_rarely"):
        found[column] = _of_variants(study, place, "cadence", study.influence.cadence.seeds, column)
    return found


def pruned_runs(study: StudySettings, dataset: str, model: str) -> pd.DataFrame:
    """A row per run on what pruning leaves.

    Returns:
        `plan, ranking, arm, fraction, seed, examples` (that it trained on) and `accuracy` (of the test set).
    """
    rows = []
    for family in study.influence.families.values():
        if not isinstance(family, PrunedFamily) or not family.trains(dataset, model):
            continue
        trained = family.trained()
        for name, variant in trained.variants.items():
            for seed in range(trained.seeds):
                folder = paths.run_folder(CHAPTER, dataset, model, seed, name)
                metrics = read_json(f"{folder}/metrics.json")
                rows.append(
                    {
                        "plan": family.name,
                        "ranking": ranking_of(variant),
                        "arm": variant.arm,
                        "fraction": variant.fraction,
                        "seed": seed,
                        "examples": metrics["train_examples"],
                        "accuracy": metrics["test_accuracy"],
                    }
                )
    return pd.DataFrame(rows)


def ranking_of(variant) -> str:
    """What a pruned variant's ranking is called; empty where nothing ranks."""
    if variant.score is None:
        return ""
    return variant.score if variant.draw == "cut" else f"{variant.score}-{variant.draw}"


def tables_of_pruning(study: StudySettings) -> dict[str, pd.DataFrame]:
    """The table of pruning of every data set that has one, empty words where nothing ranks or compares."""
    datasets = {name for plan in study.influence.pruning.values() for name in plan.datasets}
    found = {}
    for dataset in study.influence.datasets:
        if dataset in datasets:
            table = read_csv(paths.analysis(CHAPTER, dataset, "pruning.csv"))
            words = table.astype({"ranking": object, "against": object})
            found[dataset] = words.fillna({"ranking": "", "against": ""})
    return found


def write_of_models(study: StudySettings, dataset: str, tables_of: TablesOf) -> None:
    """Write the tables of a data set: those of its encoders, by name, one below the other."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for model in study.influence.models_on(dataset):
        for name, table in tables_of(study, dataset, model).items():
            parts.setdefault(name, []).append(table.assign(model=model)[["model", *table.columns]])
    for name, tables in parts.items():
        write_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"), pd.concat(tables, ignore_index=True))


def _of_variants(
    study: StudySettings, place: tuple[str, str, str], variant: str, seeds: int, column: str
) -> np.ndarray:
    """(seeds, N) a column of variant runs."""
    return np.array(
        [
            read_parquet(f"{paths.run_folder(*place, seed, variant)}/examples.parquet", [column])[
                column
            ].to_numpy(dtype=np.float64)
            for seed in range(seeds)
        ]
    )


def _left_out(study: StudySettings, place: tuple[str, str, str]) -> np.ndarray:
    """(seeds, N) the loss of each example in the run that did not train on its fold, in nats."""
    found = []
    for seed in range(study.influence.fold_seeds):
        loss = None
        for fold in range(study.influence.folds):
            path = f"{paths.run_folder(*place, seed, f'fold-{fold}')}/examples.parquet"
            frame = read_parquet(path, ["inside", "loss"])
            loss = np.full(len(frame), np.nan) if loss is None else loss
            outside = ~frame["inside"].to_numpy()
            loss[outside] = frame["loss"].to_numpy()[outside]
        found.append(loss)
    return np.array(found)
