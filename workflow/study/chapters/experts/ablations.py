"""Step `ablations`: what each part of a mixture is worth, by models that differ from it in one part alone."""

import pandas as pd

from study import paths
from study.analysis.intervals import paired_interval
from study.chapters.experts.reading import CHAPTER, answers_of
from study.config import StudySettings
from study.data.questions.load import HELD_OUT
from study.files import write_csv

_COLUMNS = (
    *("task", "dataset", "model", "part", "value", "base_accuracy"),
    *("estimate", "low", "high", "n", "detectable"),
)


def run(study: StudySettings) -> None:
    """Write ablations.csv, a row per task, data set and model: accuracy minus the base model's, by seed."""
    base, rows = study.experts.ablated, []
    for name, task in study.experts.question_tasks.items():
        accuracy = _accuracies(answers_of(study, task), task.measured_on, task.measure)
        for dataset, runs in accuracy.groupby("dataset", sort=False):
            by_model = runs.pivot(index="seed", columns="model", values="accuracy")
            for model in by_model.columns if base in by_model else ():
                if changed := study.changed_part(base, model):
                    found = paired_interval((by_model[model] - by_model[base]).to_numpy())
                    rows.append(
                        {"task": name, "dataset": dataset, "model": model, "part": changed[0]}
                        | {"value": changed[1], "base_accuracy": by_model[base].mean(), **found._asdict()}
                    )
    write_csv(paths.table(CHAPTER, "ablations"), pd.DataFrame(rows, columns=list(_COLUMNS)))


def _accuracies(answers: pd.DataFrame, split: str, measure: str) -> pd.DataFrame:
    """`dataset, model, seed, accuracy`, of questions of the kind that is trained on."""
    chosen = answers[answers["split"] == split]
    if "kind" in chosen:
        chosen = chosen[chosen["kind"] == HELD_OUT]
    keys = ["dataset", "model", "seed"]
    return chosen.groupby(keys, sort=False)[measure].mean().rename("accuracy").reset_index()
