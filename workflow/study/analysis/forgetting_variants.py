"""Forgetting in its variants: how their values are distributed, and how many examples they cannot order."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, jackknife
from study.analysis.run_means import finite_matrix

VARIANTS = ("forgetting", "forgetting_epoch", "first_learned", "consistently_learned", "unforgettable")
_NOT_A_TIME = "a flag: never learned and forgotten are one value"


def variant_tables(scores: Mapping[str, np.ndarray], epochs: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What share of the examples each variant cannot tell apart, and how its values are distributed.

    T + 1 stands for never (never learned; for `consistently_learned`: wrong after the last epoch).

    Args:
        scores: (R, N) whole numbers for each of `VARIANTS`.
        epochs: T.

    Returns:
        shares, a row per variant and statistic: `score, statistic, estimate, low, high, n, detectable,
            reason`; delete-one jackknives over runs. `never`: share of the examples of a run that are never
            learned; `commonest`: share that has the run's commonest value; `values`: number of different
            values in a run; `same_place`: chance that two examples of a run have the same value, which is the
            share of pairs that it leaves in no order.
        distribution, a row per variant and value: `score, value, never` (whether the value stands for never)
            `, estimate` (share of examples, mean over runs) `, low, high, n, detectable`.

    Raises:
        StudyError: a value is NaN or infinite.
    """
    shares, distributions = [], []
    for score in VARIANTS:
        values = finite_matrix(score, scores[score]).astype(np.int64)
        counts = np.array([np.bincount(run, minlength=epochs + 2) for run in values])  # (R, T + 2)
        frame = _shares(counts, values.shape[1], timed=score != "unforgettable")
        frame.insert(0, "score", score)
        shares.append(frame)
        distribution = _distribution(counts / values.shape[1], epochs)
        distribution.insert(0, "score", score)
        distributions.append(distribution)
    return pd.concat(shares, ignore_index=True), pd.concat(distributions, ignore_index=True)


def _shares(counts: np.ndarray, examples: int, *, timed: bool) -> pd.DataFrame:
    pairs = examples * (examples - 1)
    statistics = {
        "commonest": counts.max(1) / examples,
        "values": (counts > 0).sum(1),
        "same_place": (counts * (counts - 1)).sum(1) / pairs if pairs else np.full(len(counts), np.nan),
    }
    if timed:
        statistics["never"] = counts[:, -1] / examples
    rows = [
        {"statistic": name, **_over_runs(of_runs)._asdict(), "reason": ""}
        for name, of_runs in statistics.items()
    ]
    if not timed:
        nothing = Estimate(np.nan, np.nan, np.nan, len(counts))
        rows.append({"statistic": "never", **nothing._asdict(), "reason": _NOT_A_TIME})
    return pd.DataFrame(rows)


def _distribution(shares: np.ndarray, epochs: int) -> pd.DataFrame:
    seen = np.flatnonzero(shares.any(0))
    found = _over_runs(shares[:, seen])
    return pd.DataFrame({"value": seen, "never": seen == epochs + 1, **found._asdict()})


def _over_runs(of_runs: np.ndarray) -> Estimate:
    """Mean over runs (axis 0), with its jackknife."""
    runs = len(of_runs)
    without = (of_runs.sum(0) - of_runs) / (runs - 1) if runs > 1 else np.full(of_runs.shape, np.nan)
    return jackknife(of_runs.mean(0), without)
