"""Step `understanding`: errors of understanding after pruning, by domain, overall and in the tail."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.understanding import change_table, error_table
from study.chapters.influence.reading import CHAPTER
from study.chapters.meanings import meaning, traffic, truth
from study.config import StudySettings
from study.config.understanding import FULL
from study.data.dataset import open as open_dataset
from study.files import read_parquet, write_csv


def run(study: StudySettings) -> None:
    """Write nlu_runs.csv (every run), nlu.csv (changes overall and in the tail) and nlu_by_domain.csv."""
    settings = study.influence.understanding
    data = open_dataset(paths.data_folder(settings.dataset))
    reference = truth(data.test, settings.intent, settings.slots)
    said = traffic(data.test, settings.traffic)
    parts, n = [], len(data.train.labels)
    for sampling in settings.jobs:
        found = read_parquet(paths.understanding(CHAPTER, settings.dataset, sampling))
        for (fraction, seed), rows in found.groupby(["fraction", "seed"], sort=False):
            predicted = meaning(
                rows["domain"].to_numpy(), rows["intent"], rows["slots"] if settings.slots else None
            )
            table = error_table(reference, predicted, data.classes, said)
            about = {"sampling": sampling, "fraction": fraction, "seed": seed}
            parts.append(table.assign(**about, kept=rows["kept"].iloc[0] / n))
    runs = pd.concat(parts, ignore_index=True)
    first = ["sampling", "fraction", "kept", "seed"]
    write_csv(paths.table(CHAPTER, "nlu_runs"), runs[[*first, *runs.columns.difference(first, sort=False)]])
    changes = change_table(runs, ["sampling"])
    overall = changes["view"] != "domain"
    write_csv(paths.table(CHAPTER, "nlu"), pd.concat([_rates(runs), changes[overall]], ignore_index=True))
    sizes = pd.Series(np.bincount(data.train.labels, minlength=len(data.classes)), index=list(data.classes))
    by_domain = changes[~overall].assign(trained_on=lambda rows: rows["domain"].map(sizes))
    write_csv(paths.table(CHAPTER, "nlu_by_domain"), by_domain)


def _rates(runs: pd.DataFrame) -> pd.DataFrame:
    """Error rates without pruning, overall and in the tail, as rows in the form of the changes."""
    full = runs[(runs["sampling"] == FULL) & (runs["view"] != "domain")]
    rows = []
    for view, mine in full.groupby("view", sort=False):
        for metric in ("dcer", "icer", "semer", "f_semer", "irer"):
            rows.append(
                {
                    "sampling": FULL,
                    "kept": 1.0,
                    "view": view,
                    "metric": metric,
                    "statistic": "rate",
                    "estimate": mine[metric].mean(),
                    "n": len(mine),
                    "reason": mine["reason"].iloc[0],
                }
            )
    return pd.DataFrame(rows)
