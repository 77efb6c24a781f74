"""Step `errors`: what models understand that learnt gold and what each strategy adds."""

import pandas as pd

from study import paths
from study.analysis.gains import gain_table
from study.analysis.understanding import METRICS
from study.chapters.selection.reading import CHAPTER, SHOWN_VIEWS, errors_of_runs, mean_rows
from study.config import StudySettings
from study.data.dataset import open as open_dataset
from study.files import read_parquet, write_csv
from study.selection.arms import EVERYTHING, NOTHING, TRUTH

_KEYS = ["strategy", "size", "view"]


def run(study: StudySettings, dataset: str) -> None:
    """Write errors.csv (every run, by domain) and selection.csv (rates, and changes against random)."""
    data = open_dataset(paths.data_folder(dataset))
    parts = []
    for repeat in range(study.selection.repeats):
        found = read_parquet(paths.added(dataset, repeat, paths.UNDERSTOOD))
        parts.append(errors_of_runs(found, data, study.selection).assign(repeat=repeat))
    runs = pd.concat(parts, ignore_index=True)
    first = ["repeat", "strategy", "size", "added"]
    runs = runs[[*first, *runs.columns.difference(first, sort=False)]]
    write_csv(paths.analysis(CHAPTER, dataset, "errors.csv"), runs)
    write_csv(paths.analysis(CHAPTER, dataset, "selection.csv"), summary(runs))


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """Rates and changes of all arms, overall, in the head and in the tail.

    Returns:
        `strategy, size, added, view, metric, statistic` (rate: a share; change: in percent of the rate with
        as many random utterances) `, estimate, low, high, n, detectable, p, p_holm, reason`.
    """
    runs = runs[runs["view"].isin(SHOWN_VIEWS)]
    rates = mean_rows(runs, _KEYS, [*METRICS, "slot_f1"]).assign(statistic="rate")
    reasons = runs.groupby(_KEYS, dropna=False)["reason"].first()
    unknown = rates["estimate"].isna()
    rates["reason"] = rates[_KEYS].merge(reasons.reset_index(), how="left")["reason"].where(unknown, "")
    changes = gain_table(runs, untested=(NOTHING, EVERYTHING, TRUTH)).assign(statistic="change")
    added = runs.groupby(["strategy", "size"], dropna=False)["added"].mean().rename("added").reset_index()
    table = pd.concat([rates, changes.drop(columns="domain")], ignore_index=True).merge(added, how="left")
    first = ["strategy", "size", "added", "view", "metric", "statistic"]
    return table[[*first, *table.columns.difference(first, sort=False)]]
