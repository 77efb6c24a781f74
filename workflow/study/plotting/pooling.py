"""Averages over models, for figures in which lines of every model would hide one another."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def mean_over_models(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The mean of `estimate` over models, with its 95 % interval.

    Models' runs are independent, so the half-widths below and above the estimates add in quadrature. The
    interval is about these models, not about models at large.

    Args:
        frame: `model, estimate, low, high, n` and the columns `by`; one row per model and group.
        by: what a group is.

    Returns:
        A row per group, in order of appearance: `by…, estimate, low, high, n` (fewest runs of a model),
        `models` (how many with an estimate). Groups without an estimate are left out; an interval is NaN
        where a model has none.
    """
    known = frame[np.isfinite(frame["estimate"])]
    wide = known.assign(
        below=(known["estimate"] - known["low"]) ** 2, above=(known["high"] - known["estimate"]) ** 2
    )
    groups = wide.groupby(list(by), sort=False, observed=True)
    pooled = groups.agg(estimate=("estimate", "mean"), n=("n", "min"), models=("model", "nunique"))
    for side, sign in (("below", -1), ("above", 1)):
        total = groups[side].apply(lambda squares: squares.sum(skipna=False))
        pooled["low" if sign < 0 else "high"] = pooled["estimate"] + sign * np.sqrt(total) / pooled["models"]
    return pooled.reset_index()[[*by, "estimate", "low", "high", "n", "models"]]
