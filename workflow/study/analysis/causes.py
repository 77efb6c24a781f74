"""How hard scores find examples whose reason to be hard is known."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, paired_interval
from study.analysis.ranks import average_ranks

COLUMNS = ("score", "cause", "value", "examples", *Estimate._fields)
_FEWEST = 10  # examples with a value, below which nothing is said of them
_MOST_VALUES = 30  # of a cause that is looked at


def causes_table(hardness: Mapping[str, np.ndarray], facts: pd.DataFrame) -> pd.DataFrame:
    """Mean rank of the examples with each value of each fact, by score.

    Ranks are within a run, from 0 (easiest) to 1 (hardest): half is what a fact without any bearing has.

    Args:
        hardness: (R, N) by score, high means hard.
        facts: a row per example, a column per fact; those with one value or more than 30 are left out.

    Returns:
        A row per score, cause and value with at least 10 examples, with the columns `COLUMNS`; intervals are
        over runs, these examples given.
    """
    rows = []
    for score, values in hardness.items():
        ranks = (average_ranks(values) - 0.5) / values.shape[1]
        for cause in facts.columns:
            told = facts[cause].astype(str).replace({"True": "yes", "False": "no"}).to_numpy()
            kinds, counts = np.unique(told, return_counts=True)
            if not 1 < len(kinds) <= _MOST_VALUES:
                continue
            for kind, count in zip(kinds, counts, strict=True):
                if count >= _FEWEST:
                    means = ranks[:, told == kind].mean(axis=1)
                    rows.append([score, cause, kind, int(count), *paired_interval(means)])
    return pd.DataFrame(rows, columns=list(COLUMNS))
