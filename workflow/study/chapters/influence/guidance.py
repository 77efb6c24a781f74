"""Step `guidance`: how much of a training set can go, by which ranking, and at what cost."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.pruned import spared_table
from study.chapters.influence.reading import CHAPTER, tables_of_pruning
from study.config import StudySettings
from study.files import read_csv, write_csv


def run(study: StudySettings) -> None:
    """Write guidance.csv: a row per data set, encoder, plan, ranking and arm; the largest share comes first.

    `training_epochs` is what the ranking costs (0 of a random one), `repaid_after` how many trainings on what
    is left make good for it; infinite where nothing can go.
    """
    parts = []
    for dataset, table in tables_of_pruning(study).items():
        costs = read_csv(paths.analysis(CHAPTER, study.influence.base_of(dataset), "cost.csv"))
        for model, of_model in table.groupby("model", sort=False):
            epochs = study.run(CHAPTER, dataset, model, 0).training.epochs
            spent = costs[costs["model"] == model].set_index("score")["training_epochs"]
            found = _with_costs(spared_table(of_model), spent, epochs)
            parts.append(found.assign(dataset=dataset, model=model))
    table = pd.concat(parts, ignore_index=True)
    first = ["dataset", "model"]
    table = table[[*first, *table.columns.difference(first, sort=False)]]
    order = ["dataset", "model", "plan", "share"]
    ordered = table.sort_values(order, ascending=[True, True, True, False], kind="stable")
    write_csv(paths.table(CHAPTER, "guidance"), ordered)


def _with_costs(spared: pd.DataFrame, spent: pd.Series, epochs: int) -> pd.DataFrame:
    """With the columns `training_epochs` and `repaid_after`."""
    scores = [ranking.removesuffix("-gumbel") for ranking in spared["ranking"]]
    cost = np.array([spent.get(score, np.nan) if score else 0.0 for score in scores])
    saved = spared["share"].to_numpy() * epochs
    repaid = np.divide(cost, saved, out=np.full(len(cost), np.inf), where=saved > 0)
    return spared.assign(training_epochs=cost, repaid_after=repaid)
