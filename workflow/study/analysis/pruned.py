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
