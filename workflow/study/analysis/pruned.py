"""What is learnt from the examples that pruning leaves, against random pruning and against none.

Runs of one seed share their start and their order of examples, and are compared in pairs.
"""

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, paired_interval, paired_p
from study.analysis.multiple import holm

KEYS = ["plan", "ranking", "arm", "fraction"]
COLUMNS = (*KEYS, "examples", "statistic", "against", *Estimate._fields, "p", "p_holm")
FULL, RANDOM, EASY, HARD = "full", "random", "easy", "hard"
_TOLD = ["estimate", "low", "high", "n"]
MARGIN = 0.01  # of accuracy: what may be lost when it is said that examples can go (as claim I1 has it)


def pruned_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of every arm, and its paired differences.

    Args:
        runs: a row per run: `plan, ranking, arm, fraction, seed, examples, accuracy`. Arms: `full`, `random`
            (of each fraction; neither has a ranking), `easy` and `hard` (of each ranking and fraction).

    Returns:
        A row per plan, ranking, arm, fraction, statistic and `against`, with the columns `COLUMNS`. Statistic
        `accuracy` is the mean over seeds; `difference` is paired by seed, against `random` of equal size,
        against `full`, and of easy pruning against `hard`. Intervals are t-intervals over seeds. `p` is of a
        paired t-test; `p_holm` holds for all rankings of a plan, arm and fraction together.
    """
    rows, arms = [], dict(list(runs.sort_values("seed", kind="stable").groupby(KEYS, sort=False)))
    for key, frame in arms.items():
        plan, ranking, arm, fraction = key
        own = frame["accuracy"].to_numpy(float)
        about = [*key, int(frame["examples"].iloc[0])]
        rows.append([*about, "accuracy", "", *paired_interval(own), np.nan])
        others = {RANDOM: (plan, "", RANDOM, fraction), FULL: (plan, "", FULL, 0.0)}
        if arm == EASY:
            others[HARD] = (plan, ranking, HARD, fraction)
        for against, other in others.items():
            if other in arms and other != key:
                difference = own - arms[other]["accuracy"].to_numpy(float)
                rows.append(
                    [*about, "difference", against, *paired_interval(difference), paired_p(difference)]
                )
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    groups = table.groupby(["plan", "arm", "fraction", "statistic", "against"], sort=False)["p"]
    return table.assign(p_holm=groups.transform(lambda p: holm(p.to_numpy())))


def spared_table(table: pd.DataFrame) -> pd.DataFrame:
    """How much can go: the largest share up to which an arm is not worse than no pruning by `MARGIN`.

    "Not worse" is a test of non-inferiority: the lower end of the interval of the difference is at least
    -MARGIN, at that share and at every smaller one that was tried.

    Args:
        table: as `pruned_table` gives, of one encoder.

    Returns:
        A row per plan, ranking and arm that was compared with `full`: `plan, ranking, arm, share` (0: not
        even the smallest one that was tried) `, fraction` (the share itself, or the smallest one) and the
        difference at it, `estimate, low, high, n`.
    """
    compared = table[(table["statistic"] == "difference") & (table["against"] == FULL)]
    rows = []
    for key, tried in compared.groupby(KEYS[:3], sort=False):
        tried = tried.sort_values("fraction")
        spared = tried[(tried["low"] >= -MARGIN).cummin()]
        told = (spared.iloc[-1] if len(spared) else tried.iloc[0])[["fraction", *_TOLD]]
        rows.append([*key, float(told["fraction"]) if len(spared) else 0.0, *told])
    return pd.DataFrame(rows, columns=[*KEYS[:3], "share", "fraction", *_TOLD])
