"""How much of a training set can go, in numbers: by which ranking, and at what cost."""

import numpy as np
import pandas as pd

from study.plotting import words
from study.plotting.influence.arms import ranking_label
from study.report.reading import Facts, Results, Table

CHAPTER = "influence"


def facts(results: Results) -> Facts:
    """How much can go of each data set, for each encoder."""
    guidance = results.table(CHAPTER, "guidance")
    if guidance.empty:
        return Facts({"spared": []})
    groups = guidance.groupby(["dataset", "model"], sort=False)
    return Facts({"spared": [_spared(*names, rows) for names, rows in groups]}, (_guidance_table(guidance),))


def _spared(dataset: str, model: str, rows: pd.DataFrame) -> dict:
    """The largest share by any ranking (None: nothing can go), and at random (None: not tried)."""
    random = rows.loc[rows["ranking"].isna(), "share"].max()
    ranked = rows.dropna(subset=["ranking"])
    best = ranked[ranked["share"] == ranked["share"].max()]
    share = best["share"].max()
    return {
        "dataset": dataset,
        "model": model,
        "share": words.percent(share, 0) if share > 0 else None,
        "rankings": [f"{ranking_label(row.ranking)} ({row.arm})" for row in best.itertuples()],
        "random": None if np.isnan(random) else words.percent(random, 0),
    }


def _guidance_table(guidance: pd.DataFrame) -> Table:
    rows = [
        (
            row.dataset,
            row.model,
            row.arm if pd.isna(row.ranking) else f"{row.arm} by {ranking_label(row.ranking)}",
            words.percent(row.share, 0),
            words.number(row.training_epochs),
            "never" if np.isinf(row.repaid_after) else words.number(np.ceil(row.repaid_after)),
        )
        for row in guidance.itertuples()
    ]
    columns = ("data set", "encoder", "pruned", "can go", "costs epochs", "repaid after trainings")
    return Table("How much can go for less than a point of accuracy", columns, rows, worded=3)
