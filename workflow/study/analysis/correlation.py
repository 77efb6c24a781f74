"""Rank correlation between scores, with the noise that two scores of one run share kept apart."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, jackknife, pair_means, ratio
from study.analysis.ranks import average_ranks
from study.analysis.run_means import all_but, finite_matrix, has_ranking, mean_ranks, same_shape

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
    runs, _ = same_shape(scores)
    if not scores:
        return pd.DataFrame(columns=["kind", "score_a", "score_b", *Estimate._fields, "above_one"])
    matrices = [finite_matrix(name, matrix) for name, matrix in scores.items()]
    ranks = _unit_ranks(matrices, runs)
    counts = _common_runs(matrices, runs)
    estimates = {
        "mean_mean": _mean_mean(matrices, runs),
        "mean_run": _mean_run(matrices, ranks),
        **_between_runs(ranks, counts),
    }
    frames = [_frame(kind, list(scores), estimates[kind]) for kind in KINDS]
    return pd.concat(frames, ignore_index=True)


def _unit_ranks(matrices: list[np.ndarray], runs: int) -> np.ndarray:
    """(S, R, N) centred ranks of unit length, so that products are correlations; NaN where nothing is ranked.

    float32 halves what is by far the largest array; products are taken in float64.
    """
    result = np.full((len(matrices), runs, matrices[0].shape[1]), np.nan, dtype=np.float32)
    for unit, matrix in zip(result, matrices, strict=True):
        if len(matrix) == runs:
            unit[:] = _unit(average_ranks(matrix))
    return result


def _unit(ranks: np.ndarray) -> np.ndarray:
    centred = ranks - (ranks.shape[-1] + 1) / 2
    length = np.sqrt(np.einsum("...n,...n->...", centred, centred))[..., None]
    return np.divide(centred, length, out=np.full(centred.shape, np.nan), where=length > 0)


def _products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.clip(a.astype(np.float64, copy=False) @ b.astype(np.float64, copy=False).T, -1, 1)


def _common_runs(matrices: list[np.ndarray], runs: int) -> np.ndarray:
    """(S, S) runs in which both scores rank the examples."""
    ranking = np.array(
        [has_ranking(matrix) if len(matrix) == runs else np.zeros(runs, dtype=bool) for matrix in matrices]
    ).astype(int)
    return ranking @ ranking.T


def _mean_mean(matrices: list[np.ndarray], runs: int) -> Estimate:
    def correlation(kept: np.ndarray) -> np.ndarray:
        means = [
            mean_ranks(matrix, kept if len(matrix) == runs else np.ones((1, 1), dtype=bool))[0]
            for matrix in matrices
        ]
        unit = _unit(np.array(means))
        return _products(unit, unit)

    estimate = correlation(np.ones((1, runs), dtype=bool))
    if runs < 2:
        return jackknife(estimate, np.full((runs, *estimate.shape), np.nan), correlation=True)
    left_out = [correlation(all_but(runs, np.array([r]))) for r in range(runs)]
    return jackknife(estimate, np.array(left_out), correlation=True)


def _between_runs(ranks: np.ndarray, counts: np.ndarray) -> dict[str, Estimate]:
    """`run_run`, `same_run` and `disattenuated`, from the (R, R) correlations of each pair of scores."""
    scores, runs = ranks.shape[:2]
    pairs = np.empty((scores, scores, runs, runs))
    for a in range(scores):
        left = ranks[a].astype(np.float64)
        for b in range(a, scores):
            pairs[a, b] = _products(left, ranks[b])
            pairs[b, a] = pairs[a, b].T
    same = np.moveaxis(np.diagonal(pairs, axis1=-2, axis2=-1), -1, 0)  # (R, S, S)
    estimate, left_out, _ = pair_means(pairs)
    return {
        "run_run": jackknife(estimate, left_out, counts, correlation=True),
        "same_run": jackknife(*_run_means(same), counts, correlation=True),
        "disattenuated": jackknife(
            _disattenuated(estimate), np.array([_disattenuated(one) for one in left_out]), counts
        ),
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


def _mean_run(matrices: list[np.ndarray], ranks: np.ndarray) -> Estimate:
    """Mean of a over the other runs against b of a run; axes of the estimate: a, b.

    Left out in turn are s as a run and s from every mean: the mean over all runs but r and s serves the run r
    when s is left out and the run s when r is.
    """
    scores, runs = ranks.shape[:2]
    ranking = np.isfinite(ranks[..., 0])  # (S, R)
    counts = np.broadcast_to(ranking.sum(1), (scores, scores))
    single = np.zeros((runs, scores, scores))
    total = np.zeros((runs, scores, scores))  # without run s, summed over runs r
    for r in range(runs if runs > 1 else 0):
        means = _reference(matrices, runs, np.array([r]))
        single[r] = _products(means[:, 0], ranks[:, r])
    for r in range(runs - 1 if runs > 2 else 0):
        for start in range(r + 1, runs, _PAIRS_AT_ONCE):
            others = np.arange(start, min(runs, start + _PAIRS_AT_ONCE))
            means = _reference(matrices, runs, np.full(len(others), r), others)
            for i, s in enumerate(others):
                runs_b = ranks[:, [r, s]].transpose(1, 0, 2).reshape(2 * scores, -1)  # b of run r, then of s
                products = _products(means[:, i], runs_b)
                defined = np.where(np.isfinite(products), products, 0.0)
                total[s] += defined[:, :scores]
                total[r] += defined[:, scores:]
    estimate, _ = _run_means(single if runs > 1 else np.full_like(single, np.nan))
    kept = ranking.sum(1) - ranking.T  # (R, S) runs that rank b, without run s
    left_out = ratio(total, np.broadcast_to(kept[:, None, :], total.shape))
    return jackknife(np.where(counts >= 2, estimate, np.nan), left_out, counts, correlation=True)


def _reference(matrices: list[np.ndarray], runs: int, *left_out: np.ndarray) -> np.ndarray:
    """(S, M, N) unit ranks of the scores' means over all runs but those left out."""
    chosen = all_but(runs, *left_out)
    result = np.empty((len(matrices), len(chosen), matrices[0].shape[1]), dtype=np.float32)
    for unit, matrix in zip(result, matrices, strict=True):
        if len(matrix) == runs:
            unit[:] = _unit(mean_ranks(matrix, chosen))
        else:
            unit[:] = _unit(average_ranks(matrix))
    return result


def _frame(kind: str, names: list[str], estimate: Estimate) -> pd.DataFrame:
    square = np.shape(estimate.estimate)
    columns = {field: np.ravel(value) for field, value in estimate._asdict().items()}
    above = (
        np.ravel(estimate.estimate) > 1 if kind == "disattenuated" else np.zeros(square, dtype=bool).ravel()
    )
    return pd.DataFrame(
        {
            "kind": kind,
            "score_a": np.repeat(names, len(names)),
            "score_b": np.tile(names, len(names)),
            **columns,
            "above_one": above,
        }
    )
