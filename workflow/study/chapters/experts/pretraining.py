"""Step `pretraining`: what language models know and work out, by task, and at equal perplexity."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.intervals import paired_interval
from study.analysis.pretraining import at_equal_loss
from study.chapters.experts.families import dense, family
from study.chapters.experts.reading import CHAPTER, answers_of, runs_of
from study.config import StudySettings
from study.config.pretraining import CorpusTask
from study.files import read_csv, read_json, write_csv

_GROUPS = ("dataset", "model", "task", "category", "measure", "trained")


def run(study: StudySettings) -> None:
    """Write the tables of pre-training.

    `benchmark_runs.csv`: a row per run, task (a part of the corpus), and whether it was trained on.
    `benchmarks.csv`: the same over seeds. `language.csv`: a row per run and reading. `equal_perplexity.csv`:
    a row per seed, mixture and category: its gain over the dense model of equal active size.
    """
    tasks = list(study.experts.pretraining.tasks().values())
    runs = pd.concat([_runs(study, task) for task in tasks], ignore_index=True)
    readings = pd.concat([_readings(study, task) for task in tasks], ignore_index=True)
    write_csv(paths.table(CHAPTER, "benchmark_runs"), runs)
    write_csv(paths.table(CHAPTER, "benchmarks"), over_seeds(runs))
    write_csv(paths.table(CHAPTER, "language"), readings)
    gains = [_gains(study, task, readings) for task in tasks]
    write_csv(paths.table(CHAPTER, "equal_perplexity"), pd.concat(gains, ignore_index=True))


def by_category(runs: pd.DataFrame) -> pd.DataFrame:
    """`dataset, model, seed, category, value`: the mean over the tasks of a category, each as much worth.

    Of what training documents hold in the very words of the question nothing counts.
    """
    keys = ["dataset", "model", "seed", "category"]
    return runs[~runs["trained"].astype(bool)].groupby(keys, sort=False)["value"].mean().reset_index()


def over_seeds(runs: pd.DataFrame) -> pd.DataFrame:
    """The mean over seeds with its t-interval, of each model and group of questions."""
    rows = []
    for keys, part in runs.groupby(list(_GROUPS), sort=False):
        found = paired_interval(part["value"].to_numpy())
        rows.append(
            dict(zip(_GROUPS, keys, strict=True))
            | {name: part[name].mean() for name in ("exact", "bits")}
            | {"questions": int(part["questions"].iloc[0])}
            | {name: getattr(found, name) for name in ("estimate", "low", "high", "n", "detectable")}
        )
    return pd.DataFrame(rows)


def _runs(study: StudySettings, task: CorpusTask) -> pd.DataFrame:
    """`value`: mean F1, or share of right answers, as `measure` says; `bits` that an answer still needs."""
    answers = answers_of(study, task)
    grouped = answers.groupby([*_GROUPS[:2], "seed", *_GROUPS[2:]], sort=False)
    table = grouped[["value", "exact", "bits"]].mean()
    return table.assign(questions=grouped.size()).reset_index()


def _readings(study: StudySettings, task: CorpusTask) -> pd.DataFrame:
    parts = []
    for dataset, model, seed in runs_of(study, task):
        folder = paths.run_folder(CHAPTER, dataset, model, seed)
        history, metrics = read_csv(f"{folder}/history.csv"), read_json(f"{folder}/metrics.json")
        spent = metrics["training_operations"] * history["tokens"] / metrics["training_tokens"]
        parts.append(
            history.assign(
                operations=spent,
                perplexity=np.exp(history["test_loss"]),
                dataset=dataset,
                model=model,
                seed=seed,
            )
        )
    table = pd.concat(parts, ignore_index=True)
    first = ["dataset", "model", "seed", "epoch", "tokens", "operations", "perplexity"]
    return table[[*first, *table.columns.drop(first)]]


def _gains(study: StudySettings, task: CorpusTask, readings: pd.DataFrame) -> pd.DataFrame:
    """Of each mixture of the family over its dense model: `dataset, model, dense, category, seed, gain`."""
    experts = family(study, task.models)
    base = [name for name in dense(study, task.models) if name in experts]
    columns = ["dataset", "model", "dense", "category", "seed", "test_loss", "gain"]
    mine, parts = readings[readings["dataset"] == task.name], []
    curves = mine[["model", "seed", "test_loss"]].assign(
        **{name: mine[f"exact_{name}"] for name in categories_of(mine)}
    )
    for mixture in (name for name, number in experts.items() if number > 1 and base):
        gains = at_equal_loss(curves, mixture, base[0])
        long = gains.melt(["seed", "test_loss"], var_name="category", value_name="gain")
        parts.append(long.assign(dataset=task.name, model=mixture, dense=base[0]))
    return pd.concat([pd.DataFrame(columns=columns), *parts], ignore_index=True)[columns]


def categories_of(readings: pd.DataFrame) -> list[str]:
    """The categories that readings have columns of."""
    names = [name for name in readings.columns if name.startswith("exact_") and readings[name].notna().any()]
    return [name.removeprefix("exact_") for name in names if not name.endswith("_trained")]
