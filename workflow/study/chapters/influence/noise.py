"""Step `noise`: how well scores find the labels that are wrong on purpose."""

import pandas as pd

from study.analysis.defects import defects_table
from study.analysis.hard_sets import found_table
from study.chapters.influence.reading import CHAPTER, all_scores, write_of_models
from study.chapters.runs import flips
from study.config import StudySettings
from study.scores.registry import orient
from study.seeds import generator

_DRAWS = 2  # sets of runs for each size below all: what is kept is of all runs


def run(study: StudySettings, dataset: str) -> None:
    """Write noise.csv and noise_found.csv of a data set.

    Of each encoder's scores the AUROC of the mean over runs, with a bootstrap over examples, and how far the
    hardest examples are the wrong ones. Labels that were drawn anew and came out right are not wrong.
    """
    write_of_models(study, dataset, _tables)


def _tables(study: StudySettings, dataset: str, model: str) -> dict[str, pd.DataFrame]:
    scores = {column: orient(column, values) for column, values in all_scores(study, dataset, model).items()}
    wrong = flips(CHAPTER, dataset, model)
    stream = generator(study.seed, dataset, model, "noise")
    table = defects_table(scores, wrong, stream, _DRAWS)
    table = table[(table["statistic"] == "auroc") & (table["interval"] == "examples")]
    settings = study.datasets[dataset]
    levels = {"redrawn": settings.redrawn_labels, "flipped": settings.label_noise, "wrong": wrong.mean()}
    kept = table.drop(columns=["statistic", "interval"]).assign(**levels)
    hardness = {column: values.mean(axis=0) for column, values in scores.items()}
    found: pd.DataFrame = found_table(hardness, wrong, study.influence.analysis.hardest).assign(**levels)
    return {"noise": kept, "noise_found": found}
