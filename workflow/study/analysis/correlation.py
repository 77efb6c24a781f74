"""Rank correlation between scores, with the noise that two scores of one run share kept apart."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, jackknife, pair_means, ratio
from study.analysis.ranks import average_ranks
from study.analysis.run_means import (
    all_but,
    correlate_ranks,
    finite_matrix,
    has_ranking,
    mean_ranks,
    same_shape,
)

KINDS = ("mean_mean", "mean_run", "run_run", "same_run", "disattenuated")
_PAIRS_AT_ONCE = 16  # left-out pairs of runs whose means of all scores are held together


def correlation_table(scores: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Spearman correlation of every score with every score of one model, in five forms.

    - `mean_mean`: between the means over runs.
    - `mean_run`: the mean of a over all runs but r with b of run r, averaged over r (not symmetric).
    - `run_run`: a of run r with b of another run s, averaged over ordered pairs r ≠ s. On the diagonal this
      is the reliability of a score.
    - `same_run`: a and b of the same run, averaged over runs. Both saw the same training, so the noise that
      they share raises it above `run_run`.
    - `disattenuated`: run_run_ab / √(run_run_aa · run_run_bb), the correlation that noiseless scores would
      have (Spearman 1904, *The proof and measurement of association between two things*). It is not
      clipped: sampling can carry it above 1. NaN where a reliability is not positive.

    Intervals are delete-one jackknives over runs. A run that gives all examples the same score has no rank
    correlation and is left out of the averages over runs; `n` counts the runs in which both scores rank.
    A score taken over all runs (memorization, agreement) is a matrix of one row: it has `mean_mean`, where it
    stays as it is when a run is left out, and as a `mean_run` mean, and NaN with n of 0 elsewhere.

    Args:
        scores: (R, N) matrices by score column, runs and examples in the same order; or (1, N).

    Returns:
        A row per kind, score_a and score_b (the full square): `kind, score_a, score_b, estimate, low, high,
        n, detectable, above_one` (true where a disattenuated estimate exceeds 1).

    Raises:
        StudyError: scores differ in runs or examples, or hold NaN or infinite values.
    """
    runs, examples = same_shape(scores)
    if not scores:
        return pd.DataFrame(columns=["kind", "score_a", "score_b", *Estimate._fields, "above_one"])
    matrices = [finite_matrix(name, matrix) for name, matrix in scores.items()]
    # float32 holds ranks exactly and halves what is by far the largest array. A score of one row ranks
    # nothing in a single run: the middle rank everywhere.
    ranks = np.full((len(matrices), runs, examples), (examples + 1) / 2, dtype=np.float32)
    for rows, matrix in zip(ranks, matrices, strict=True):
        if len(matrix) == runs:
            rows[:] = average_ranks(matrix)
    ranking = np.array([has_ranking(rows) for rows in ranks])
    estimates = {
        "mean_mean": _mean_mean(matrices, runs),
        "mean_run": _mean_run(matrices, ranks, ranking),
        **_between_runs(ranks, ranking),
    }
    return pd.concat([_frame(kind, list(scores), estimates[kind]) for kind in KINDS], ignore_index=True)


def _mean_mean(matrices: list[np.ndarray], runs: int) -> Estimate:
    def correlation(*left_out: np.ndarray) -> np.ndarray:
        means = _references(matrices, runs, *left_out)[:, 0]
        return correlate_ranks(means, means)

    left_out = [correlation(np.array([r])) for r in range(runs)] if runs > 1 else []
    return jackknife(correlation(), np.array(left_out), runs, correlation=True)


def _between_runs(ranks: np.ndarray, ranking: np.ndarray) -> dict[str, Estimate]:
    """`run_run`, `same_run` and `disattenuated`, from the (R, R) correlations of each pair of scores."""
    scores, runs = ranks.shape[:2]
    counts = ranking.astype(int) @ ranking.T.astype(int)
    pairs = np.empty((scores, scores, runs, runs))
    for a in range(scores):
        for b in range(a, scores):
            pairs[a, b] = correlate_ranks(ranks[a], ranks[b])
            pairs[b, a] = pairs[a, b].T
    same = np.moveaxis(np.diagonal(pairs, axis1=-2, axis2=-1), -1, 0)  # (R, S, S)
    estimate, left_out, _ = pair_means(pairs)
    disattenuated = np.array([_disattenuated(one) for one in left_out])
    return {
        "run_run": jackknife(estimate, left_out, counts, correlation=True),
        "same_run": jackknife(*_run_means(same), counts, correlation=True),
        "disattenuated": jackknife(_disattenuated(estimate), disattenuated, counts),
    }


def _run_means(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over runs (axis 0) of defined values, and the same without each run."""
    defined = np.isfinite(values)
    known = np.where(defined, values, 0.0)
    total, count = known.sum(0), defined.sum(0)
    return ratio(total, count), ratio(total - known, count - defined)


def _disattenuated(run_run: np.ndarray) -> np.ndarray:
    reliability = np.diag(run_run)
    reliability = np.where(reliability > 0, reliability, np.nan)
    return run_run / np.sqrt(np.outer(reliability, reliability))


def _mean_run(matrices: list[np.ndarray], ranks: np.ndarray, ranking: np.ndarray) -> Estimate:
    """Mean of a over the other runs against b of a run; axes of the estimate: a, b.

    Left out in turn are s as a run and s from every mean: the mean over all runs but r and s serves the run r
    when s is left out and the run s when r is.
    """
    scores, runs = ranks.shape[:2]
    counts = np.broadcast_to(ranking.sum(1), (scores, scores))
    if runs < 2:
        nothing = np.full((scores, scores), np.nan)
        return jackknife(nothing, np.empty((0, scores, scores)), counts)
    single = np.empty((runs, scores, scores))
    without = np.full((runs, runs, scores, scores), np.nan)  # [s, r]: run r, with s left out
    for r in range(runs):
        single[r] = correlate_ranks(_references(matrices, runs, np.array([r]))[:, 0], ranks[:, r])
        for start in range(r + 1, runs if runs > 2 else 0, _PAIRS_AT_ONCE):
            others = np.arange(start, min(runs, start + _PAIRS_AT_ONCE))
            means = _references(matrices, runs, np.full(len(others), r), others)
            for i, s in enumerate(others):
                without[s, r] = correlate_ranks(means[:, i], ranks[:, r])
                without[r, s] = correlate_ranks(means[:, i], ranks[:, s])
    left_out = np.array([_run_means(one)[0] for one in without])
    return jackknife(_run_means(single)[0], left_out, counts, correlation=True)


def _references(matrices: list[np.ndarray], runs: int, *left_out: np.ndarray) -> np.ndarray:
    """(S, M, N) ranks by the scores' means over all runs but those left out (M = 1 where none is)."""
    chosen = all_but(runs, *left_out) if left_out else np.ones((1, runs), dtype=bool)
    result = np.empty((len(matrices), len(chosen), matrices[0].shape[1]), dtype=np.float32)
    for rows, matrix in zip(result, matrices, strict=True):
        rows[:] = mean_ranks(matrix, chosen if len(matrix) == runs else np.ones((1, 1), dtype=bool))
    return result


def _frame(kind: str, names: list[str], estimate: Estimate) -> pd.DataFrame:
    columns = {field: np.ravel(value) for field, value in estimate._asdict().items()}
    above = (columns["estimate"] > 1) & (kind == "disattenuated")
    return pd.DataFrame(
        {
            "kind": kind,
            "score_a": np.repeat(names, len(names)),
            "score_b": np.tile(names, len(names)),
            **columns,
            "above_one": above,
        }
    )
