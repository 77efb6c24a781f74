"""Step `pool`: what each step of making the pool leaves, and what each threshold alone would keep."""

import pandas as pd

from study import paths
from study.chapters.selection.reading import CHAPTER, mean_rows, pools
from study.config import StudySettings
from study.files import write_csv
from study.selection.pool import funnel, kept_by_threshold

_THRESHOLDS = (0.7, 0.9, 0.95)


def run(study: StudySettings, dataset: str) -> None:
    """Write pool.csv: `step, threshold, metric, estimate, low, high, n, detectable`.

    A row per step of the funnel (empty: the traffic) or, where `threshold` is given, for it alone, and per
    metric: `utterances, said, share, right_domain, right_intent, right_slots, right_all`.
    """
    thresholds = sorted({*_THRESHOLDS, study.selection.pool.threshold})
    parts = []
    for pool in pools(study, dataset):
        parts += [funnel(pool), kept_by_threshold(pool, thresholds)]
    table = pd.concat(parts, ignore_index=True)
    metrics = [column for column in table if column not in ("step", "threshold")]
    write_csv(paths.analysis(CHAPTER, dataset, "pool.csv"), mean_rows(table, ["step", "threshold"], metrics))
