"""Averages over models: one number with an interval where a line for every model would hide the others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def mean_over_models(frame: pd.DataFrame, by: Sequence[str], independent: bool = True) -> pd.DataFrame:
    """The mean of `estimate` over models, with its 95 % interval.

    Models' runs are independent, so the half-widths below and above the estimates add in quadrature. Where
    the uncertainty is shared, as that of the examples they were all trained on, the mean of the ends is safe
    whatever the dependence. The interval is about these models, not about models at large.

    Args:
        frame: `model, estimate, low, high, n` and the columns `by`, maybe `detectable`; one row per model
            and group.
        by: what a group is.
        independent: whether models' errors are.

    Returns:
        A row per group, in order of appearance: `by…, estimate, low, high, n` (fewest runs of a model),
        `models` (how many with an estimate), and `detectable` if `frame` has it. Groups without an estimate
        are left out; an interval is NaN where a model has none.
    """
    known = frame[np.isfinite(frame["estimate"])]
    sizes = {"below": known["estimate"] - known["low"], "above": known["high"] - known["estimate"]}
    if "detectable" in known:
        sizes["detectable"] = known["detectable"]
    power = 2 if independent else 1
    wide = known.assign(**{name: size**power for name, size in sizes.items()})
    groups = wide.groupby(list(by), sort=False, observed=True)
    pooled = groups.agg(estimate=("estimate", "mean"), n=("n", "min"), models=("model", "nunique"))
    for name in sizes:
        total = groups[name].apply(lambda values: values.sum(skipna=False))
        pooled[name] = total ** (1 / power) / pooled["models"]
    pooled["low"] = pooled["estimate"] - pooled["below"]
    pooled["high"] = pooled["estimate"] + pooled["above"]
    kept = [*by, "estimate", "low", "high", "n", "models", *(["detectable"] if "detectable" in sizes else [])]
    return pooled.reset_index()[kept]
