"""How rankings at different epochs agree, within a run and between runs.

Functions take one measure (loss, confidence, correctness) of one model as (S, T, N): S runs, T epochs, N
examples. Memory beside it is a few arrays of S × 32 × N, whatever T.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, jackknife, ratio
from study.analysis.ranks import average_ranks
from study.analysis.run_means import correlate_ranks

MOST_EPOCHS = 32  # epochs in a matrix: its table grows with the square, and no figure shows more
ONE_RUN = "fewer than two runs keep their epochs"
NO_ORDER = "in too few runs do the examples differ at this epoch"


class _Sums(NamedTuple):
    """Sums over pairs of runs (or runs) of what is defined, and each run's own share in them."""

    total: np.ndarray  # (K, K)
    count: np.ndarray  # (K, K)
    own_total: np.ndarray  # (S, K, K)
    own_count: np.ndarray  # (S, K, K)


def matrix_epochs(epochs: int) -> np.ndarray:
    """Epochs 1…T, or 32 evenly spaced ones of them, the last one among them."""
    count = min(epochs, MOST_EPOCHS)
    return -(-epochs * np.arange(1, count + 1) // count)


def epoch_correlation(values: np.ndarray) -> pd.DataFrame:
    """Spearman correlation between the rankings at two epochs.

    Args:
        values: (S, T, N), finite.

    Returns:
        A row per kind and pair of `matrix_epochs`, a ≤ b: `kind, epoch_a, epoch_b, estimate, low, high, n,
        detectable, reason`. `same_run`: both epochs of one run, mean over runs (a < b; the same epoch gives
        1). `different_runs`: epoch a of one run with epoch b of another, mean over ordered pairs of runs; at
        a = b it is the run-to-run correlation of the measure at that epoch. Intervals are delete-one
        jackknives over runs; `n` counts the runs behind the estimate. A run whose examples all have the same
        value at an epoch has no ranking there and is left out.
    """
    runs, epochs = values.shape[:2]
    shown = matrix_epochs(epochs)
    ranks = np.empty((runs, len(shown), values.shape[2]), dtype=np.float32)  # holds ranks exactly
    for rows, run in zip(ranks, values, strict=True):
        rows[:] = average_ranks(run[shown - 1])
    a, b = np.triu_indices(len(shown))
    frames = []
    for kind, sums in (("same_run", _within(ranks)), ("different_runs", _between(ranks))):
        found = _estimate(sums)
        frame = pd.DataFrame({"kind": kind, "epoch_a": shown[a], "epoch_b": shown[b]})
        for field, values_of_field in found._asdict().items():
            frame[field] = values_of_field[a, b]
        missing = ONE_RUN if runs < (1 if kind == "same_run" else 2) else NO_ORDER
        frame["reason"] = np.where(frame["estimate"].isna(), missing, "")
        frames.append(frame[a < b] if kind == "same_run" else frame)
    return pd.concat(frames, ignore_index=True)


def _within(ranks: np.ndarray) -> _Sums:
    runs, shown = ranks.shape[:2]
    own = np.array([correlate_ranks(run, run) for run in ranks]).reshape(runs, shown, shown)
    known = np.isfinite(own)
    own = np.where(known, own, 0.0)
    return _Sums(own.sum(0), known.sum(0), own, known)


def _between(ranks: np.ndarray) -> _Sums:
    runs, shown = ranks.shape[:2]
    own_total, own_count = np.zeros((runs, shown, shown)), np.zeros((runs, shown, shown), dtype=int)
    for r in range(runs):
        for s in range(r):
            pair = correlate_ranks(ranks[r], ranks[s])
            known = np.isfinite(pair).astype(int)
            pair = np.nan_to_num(pair)
            both_ways, counted = pair + pair.T, known + known.T
            for run in (r, s):
                own_total[run] += both_ways
                own_count[run] += counted
    return _Sums(own_total.sum(0) / 2, own_count.sum(0) // 2, own_total, own_count)


def _estimate(sums: _Sums) -> Estimate:
    left_out = ratio(sums.total - sums.own_total, sums.count - sums.own_count)
    return jackknife(ratio(sums.total, sums.count), left_out, (sums.own_count > 0).sum(0), correlation=True)
