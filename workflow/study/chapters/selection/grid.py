"""Step `grid`: what thresholds, detectors of defects and shares of gold do in one language."""

import pandas as pd

from study import paths
from study.analysis.understanding import METRICS
from study.chapters.selection.errors import summary
from study.chapters.selection.reading import CHAPTER, errors_of_runs, mean_rows
from study.config import StudySettings
from study.data.dataset import open as open_dataset
from study.files import read_csv, read_parquet, write_csv

SETTING = ["gold", "threshold", "recall"]


def run(study: StudySettings, dataset: str) -> None:
    """Write grid.csv and grid_pools.csv of a data set.

    grid.csv: as selection.csv, with `gold, threshold, recall` in front; settings whose pool is too small in
    some repeat have no changes. grid_pools.csv: what each step leaves, as means over repeats.
    """
    data, repeats = open_dataset(paths.data_folder(dataset)), range(study.selection.repeats)
    runs, steps = [], []
    for repeat in repeats:
        found = read_parquet(paths.grid(dataset, repeat, paths.UNDERSTOOD))
        runs.append(errors_of_runs(found, data, study.selection).assign(repeat=repeat))
        steps.append(read_csv(paths.grid(dataset, repeat, paths.POOLS)))
    table = pd.concat(runs, ignore_index=True)
    parts = [_of_setting(rows, key, len(repeats)) for key, rows in table.groupby(SETTING, sort=False)]
    write_csv(paths.analysis(CHAPTER, dataset, "grid.csv"), pd.concat(parts, ignore_index=True))
    pools = pd.concat(steps, ignore_index=True)
    metrics = [column for column in pools if column not in (*SETTING, "step")]
    means = mean_rows(pools, [*SETTING, "step"], metrics)
    write_csv(paths.analysis(CHAPTER, dataset, "grid_pools.csv"), means)


def _of_setting(runs: pd.DataFrame, key: tuple, repeats: int) -> pd.DataFrame:
    """The summary of one setting: of what every repeat could add."""
    done = runs.groupby(["strategy", "size"], dropna=False)["repeat"].transform("nunique") == repeats
    table = summary(runs[done].drop(columns=SETTING))
    table = table[table["metric"].isin(METRICS)]
    return table.assign(**dict(zip(SETTING, key, strict=True)))[[*SETTING, *table.columns]]
