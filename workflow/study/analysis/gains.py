"""What adding chosen utterances gains: error rates against those after adding as many random ones.

Runs of one repeat share gold utterances, pool and start, and are compared in pairs.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, paired_p
from study.analysis.multiple import holm
from study.analysis.understanding import METRICS, relative_change

RANDOM = "random"
KEYS = ["strategy", "size", "view", "domain"]
COLUMNS = [*KEYS, "metric", *Estimate._fields, "p", "p_holm", "reason"]
_NO_ERROR = "the error with random utterances is 0, or not known"


def gain_table(runs: pd.DataFrame, untested: Sequence[str] = ()) -> pd.DataFrame:
    """Relative change of every error rate by a strategy, against random utterances of the same number.

    Args:
        runs: rows of `study.analysis.understanding.error_table` of many runs, with `strategy, size, repeat`;
            `random` is one of the strategies. Where the size is NaN (nothing or all of the pool is added), a
            run is compared with the random ones of every size.
        untested: strategies that are shown beside and do not count when p-values are adjusted.

    Returns:
        A row per strategy but `random`, size, view, domain and metric: the change in percent as an
        `Estimate` with Fieller's interval (see `relative_change`) `, p` of the paired t-test of the two error
        rates, `p_holm` adjusted over the strategies of the same size, view, domain and metric, `reason` (why
        there is no estimate).

    Raises:
        ValueError: a repeat occurs twice, or has no run with random utterances of that number.
    """
    places = KEYS[1:]
    sized, whole = runs[runs["size"].notna()], runs[runs["size"].isna()]
    runs = pd.concat([sized, *(whole.assign(size=size) for size in sized["size"].unique())])
    base = {key: rows.set_index("repeat") for key, rows in _groups(runs[runs["strategy"] == RANDOM], places)}
    found = []
    for key, rows in _groups(runs[runs["strategy"] != RANDOM], KEYS):
        mine, other = rows.set_index("repeat"), base.get(key[1:], pd.DataFrame())
        if not mine.index.is_unique or len(mine.index.difference(other.index)):
            raise ValueError(f"runs of {key} are not paired with random ones: {list(mine.index)}")
        other = other.loc[mine.index]
        for metric in METRICS:
            pair = mine[metric].to_numpy(float), other[metric].to_numpy(float)
            change = relative_change(*pair)
            reason = "" if np.isfinite(change.estimate) else mine["reason"].iloc[0] or _NO_ERROR
            found.append([*key, metric, *change, paired_p(pair[0] - pair[1]), np.nan, reason])
    table = pd.DataFrame(found, columns=COLUMNS)
    tested = ~table["strategy"].isin(untested) & table["p"].notna()
    groups = table[tested].groupby([*places, "metric"], sort=False)["p"]
    table.loc[tested, "p_holm"] = groups.transform(lambda p: holm(p.to_numpy()))
    return table


def _groups(runs: pd.DataFrame, keys: list[str]):
    return runs.groupby(keys, sort=False, dropna=False)
