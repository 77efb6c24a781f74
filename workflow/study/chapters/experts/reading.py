"""What the steps of the chapter read: its runs, as long tables."""

import pandas as pd

from study import paths
from study.config import StudySettings
from study.config.question_chapter import TaskSettings
from study.files import read_csv, read_json, read_parquet
from study.models.counting import size_of, training_operations

CHAPTER = "experts"


def runs_of(study: StudySettings, task: TaskSettings) -> list[tuple[str, str, int]]:
    """The data set, model and seed of each run of a task, in order."""
    return [
        (dataset, model, seed)
        for dataset in task.made()
        for model in task.models_on(dataset)
        for seed in range(study.experts.seeds)
    ]


def metrics_of(study: StudySettings, task: TaskSettings) -> pd.DataFrame:
    """A row per run: `dataset, model, seed`, the numbers of its metrics.json, `lr` and `gained_last`."""
    rows = []
    for dataset, model, seed in runs_of(study, task):
        folder = paths.run_folder(CHAPTER, dataset, model, seed)
        metrics = read_json(f"{folder}/metrics.json")
        numbers = {key: value for key, value in metrics.items() if isinstance(value, int | float)}
        rate = read_json(f"{folder}/config.json")["training"]["lr"]
        history = read_csv(f"{folder}/history.csv")
        rows.append(
            {"dataset": dataset, "model": model, "seed": seed}
            | numbers
            | {"lr": rate, "gained_last": float(history["train_accuracy"].diff().iloc[-1])}
        )
    return pd.DataFrame(rows)


def answers_of(study: StudySettings, task: TaskSettings) -> pd.DataFrame:
    """A row per run and question: `dataset, model, seed` and the columns of answers.parquet."""
    parts = []
    for dataset, model, seed in runs_of(study, task):
        folder = paths.run_folder(CHAPTER, dataset, model, seed)
        answers = read_parquet(f"{folder}/{paths.ANSWERS}")
        parts.append(answers.assign(dataset=dataset, model=model, seed=seed))
    return pd.concat(parts, ignore_index=True)


def sizes(study: StudySettings, vocabulary: int, models: list[str]) -> pd.DataFrame:
    """A row per model: how large it is, for a vocabulary."""
    rows = []
    for model in models:
        settings, size = study.models[model], size_of(study.models[model], vocabulary)
        rows.append(
            {
                "model": model,
                "experts": settings.experts,
                "top_k": settings.top_k,
                "dim": settings.dim,
                "layers": settings.layers,
                "expert_width": settings.expert_width,
                "router": settings.router,
                "total": size.total,
                "active": size.active,
                "routers": size.router,
                "embeddings": size.embedding,
                "total_without_embeddings": size.total_without_embeddings,
                "active_without_embeddings": size.active_without_embeddings,
                "operations": training_operations(size, 1),
            }
        )
    return pd.DataFrame(rows)
