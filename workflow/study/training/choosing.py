"""Learning rate and weight decay of a model: which of those that were tried does best."""

from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np
import pandas as pd

from study.errors import StudyError

COLUMNS = ("learning_rate", "weight_decay", "seed", "loss", "accuracy", "chosen")

Tried = Callable[[float, float, int], tuple[float, float]]
"""Loss and accuracy of a run of this rate, weight decay and seed; an infinite loss if it diverged."""


def choose(
    rates: Sequence[float], decays: Sequence[float], seeds: int, tried: Tried, model: str, where: str
) -> pd.DataFrame:
    """Try every rate with the first weight decay, then the other decays with the best rate.

    The best has the lowest mean loss over seeds, of equal ones that tried first; what diverges is out.

    Args:
        rates, decays: what is tried.
        seeds: runs of each.
        tried: trains a run.
        model, where: named in the error message.

    Returns:
        A row per run, with the columns `COLUMNS`.

    Raises:
        StudyError: training diverged at every rate.
    """

    def runs(rate: float, decay: float) -> list[tuple]:
        return [(rate, decay, seed, *tried(rate, decay, seed)) for seed in range(seeds)]

    first, *others = decays
    rows = [row for rate in rates for row in runs(rate, first)]
    if _loss(rows, *_best(rows)) == float("inf"):
        raise StudyError(
            f"training {model} diverged at every learning rate",
            where=f"{where}: {list(rates)}",
            expected="a rate that the model can bear",
            do="add lower rates",
        )
    rate, _ = _best(rows)
    rows += [row for decay in others for row in runs(rate, decay)]
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    table["chosen"] = [(row[0], row[1]) == _best(rows) for row in rows]
    return table


def untried(rate: float, decay: float) -> pd.DataFrame:
    """The table of a single rate, which is chosen without a run."""
    return pd.DataFrame([(rate, decay, 0, np.nan, np.nan, True)], columns=list(COLUMNS))


def _best(rows: list[tuple]) -> tuple[float, float]:
    """The rate and weight decay with the lowest mean loss; of equal ones those tried first."""
    return min(dict.fromkeys(row[:2] for row in rows), key=lambda pair: _loss(rows, *pair))


def _loss(rows: list[tuple], rate: float, decay: float) -> float:
    """Mean loss of what was tried; infinite if a run diverged."""
    return fmean(row[3] for row in rows if row[:2] == (rate, decay))
