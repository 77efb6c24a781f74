"""What the steps of the chapter read: pools, what was chosen from them, and what models understood."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from study import paths
from study.analysis.intervals import Estimate, paired_interval
from study.analysis.understanding import error_table
from study.chapters.meanings import meaning, traffic, truth
from study.config import StudySettings
from study.config.selection import SelectionSettings
from study.data.dataset import Dataset
from study.files import read_parquet
from study.selection.pool import KEPT

CHAPTER = "selection"
SHOWN_VIEWS = ("overall", "head", "tail")


def pools(study: StudySettings, dataset: str) -> Iterator[pd.DataFrame]:
    """The table of all utterances that are not gold, of each repeat in turn."""
    for repeat in range(study.selection.repeats):
        yield read_parquet(paths.added(dataset, repeat, paths.POOL))


def kept(pool: pd.DataFrame) -> pd.DataFrame:
    """The rows that are in the pool."""
    return pool[pool["reason"] == KEPT]


def errors_of_runs(found: pd.DataFrame, data: Dataset, settings: SelectionSettings) -> pd.DataFrame:
    """Error rates of every run.

    Args:
        found: what models took test utterances to mean: `example_id, domain, intent, slots`, and other
            columns, which tell runs apart.
        data: the data set.
        settings: of the chapter.

    Returns:
        A row per run, view and domain: the columns that tell runs apart, then those of `error_table`.
    """
    test = data.test
    reference, said = truth(test, settings.intent, settings.slots), traffic(test, settings.traffic)
    number = {name: k for k, name in enumerate(data.classes)}
    keys = [column for column in found if column not in ("example_id", "domain", "intent", "slots")]
    parts = []
    for values, rows in found.groupby(keys, sort=False, dropna=False):
        if not (rows["example_id"].to_numpy() == test.ids).all():
            raise AssertionError(f"{data.name}: runs answered other utterances than the test set has")
        told = rows["slots"] if settings.slots else None
        predicted = meaning(rows["domain"].map(number).to_numpy(), rows["intent"], told)
        table = error_table(reference, predicted, data.classes, said)
        parts.append(table.assign(**dict(zip(keys, values, strict=True)))[[*keys, *table.columns]])
    return pd.concat(parts, ignore_index=True)


def mean_rows(table: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Means of columns over repeats with their 95 % t-intervals: `*keys, metric, estimate … detectable`."""
    rows = []
    for values, group in table.groupby(list(keys), sort=False, dropna=False):
        for column in columns:
            numbers = group[column].to_numpy(dtype=float)
            estimate = paired_interval(numbers) if np.isfinite(numbers).all() else _unknown(len(numbers))
            rows.append([*values, column, *estimate])
    return pd.DataFrame(rows, columns=[*keys, "metric", *Estimate._fields])


def _unknown(n: int) -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, n)
