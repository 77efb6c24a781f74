"""How accuracy grows with experts and with width: claim E2."""

import numpy as np
import pandas as pd

from study.analysis.claims import no_estimate
from study.analysis.intervals import jackknife, paired_interval


def slopes(accuracy: pd.DataFrame, doublings: dict[str, float]) -> np.ndarray:
    """(seeds,) slope of accuracy on doublings over some models, for each seed.

    Args:
        accuracy: a row per seed, a column per model.
        doublings: log2 of what grows, by model.
    """
    x = np.array([doublings[model] for model in accuracy.columns])
    x = x - x.mean()
    return (accuracy.to_numpy() @ x) / (x @ x)


def gain_ratio(accuracy: pd.DataFrame, experts: dict[str, float], widths: dict[str, float]) -> dict:
    """Gain in accuracy per doubling by experts over the gain per doubling by width.

    The ratio of the two mean slopes, with the delete-one jackknife over seeds. Without a gain by width (its
    interval reaches 0) the ratio says nothing, and there is none.

    Args:
        accuracy: a row per seed, a column per model.
        experts: log2 of the number of experts, of the models of one family.
        widths: log2 of the width, of dense models.

    Returns:
        `estimate, low, high, n, detectable, note`.
    """
    if min(len(set(experts.values())), len(set(widths.values()))) < 2:
        return no_estimate("a slope needs two numbers of experts and two widths")
    by_experts = slopes(accuracy[list(experts)], experts)
    by_width = slopes(accuracy[list(widths)], widths)
    note = f"per doubling: experts {by_experts.mean():+.3f}, width {by_width.mean():+.3f}"
    interval = paired_interval(by_width)
    if not interval.low > 0:
        return no_estimate(f"{note}; width itself brings no gain that is told from 0")
    n = len(accuracy)
    keep = ~np.eye(n, dtype=bool)
    left_out = np.array([by_experts[rows].mean() / by_width[rows].mean() for rows in keep])
    return {**jackknife(by_experts.mean() / by_width.mean(), left_out)._asdict(), "note": note}
