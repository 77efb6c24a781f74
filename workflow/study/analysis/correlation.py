"""Rank correlation between scores, with the noise that two scores of one run share kept apart."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, deletion_groups, explained, jackknife, pair_means, ratio
from study.analysis.ranks import average_ranks
from study.analysis.run_means import (
    all_but,
    correlate_ranks,
    finite_matrix,
    has_ranking,
    mean_ranks,
    normalised,
    same_shape,
    why_unranked,
)

KINDS = ("mean_mean", "mean_run", "run_run", "same_run", "disattenuated")
_EXAMPLES_AT_ONCE = 2048


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

    Intervals are jackknives over runs, of `mean_mean` and `mean_run` over groups beyond 20 runs. A run that
    gives all examples the same score has no rank correlation and is left out of the averages over runs; `n`
    counts the runs in which both scores rank. A score taken over all runs (memorization, agreement) is a
    matrix of one row: it has `mean_mean`, where it stays as it is when a run is left out, and as a `mean_run`
    mean, and NaN with n of 0 elsewhere.

    Args:
        scores: (R, N) matrices by score column, runs and examples in the same order; or (1, N).

    Returns:
        A row per kind, score_a and score_b (the full square): `kind, score_a, score_b, estimate, low, high,
        n, detectable, above_one` (true where a disattenuated estimate exceeds 1) `, reason` (why there is no
        estimate; empty where there is one).

    Raises:
        StudyError: scores differ in runs or examples, or hold NaN or infinite values.
    """
    runs, examples = same_shape(scores)
    if not scores:
        return pd.DataFrame(columns=["kind", "score_a", "score_b", *Estimate._fields, "above_one", "reason"])
    matrices = [np.atleast_2d(matrix) for matrix in scores.values()]
    # float32 holds ranks exactly and halves what is by far the largest array. A score of one row ranks
    # nothing in a single run: the middle rank everywhere.
    ranks = np.full((len(matrices), runs, examples), (examples + 1) / 2, dtype=np.float32)
    for rows, matrix, name in zip(ranks, matrices, scores, strict=True):
        finite_matrix(name, matrix)
        if len(matrix) == runs:
            rows[:] = average_ranks(matrix)
    ranking = np.array([has_ranking(rows) for rows in ranks])
    every = np.arange(runs)
    whole = _references(matrices, np.ones((1, runs), dtype=bool))[:, 0]
    kept = [~np.isin(every, group) for group in deletion_groups(runs) if runs > 1]
    without = _references(matrices, np.array(kept).reshape(-1, runs)).swapaxes(0, 1)
    estimates = {
        "mean_mean": _mean_mean(whole, without, runs),
        "mean_run": _mean_run(matrices, ranks, ranking.sum(1), whole, without),
        **_between_runs(ranks, ranking),
    }
    fixed = np.array([len(matrix) < runs for matrix in matrices])
    why = [_why(matrix, ranked, runs) for matrix, ranked in zip(matrices, ranking, strict=True)]
    frames = [_frame(kind, list(scores), estimates[kind], why) for kind in KINDS]
    # Between two values over all runs there is nothing that another run could change, and so no interval.
    frames[0].loc[np.outer(fixed, fixed).ravel(), ["low", "high", "detectable"]] = np.nan
    return pd.concat(frames, ignore_index=True)


def _why(matrix: np.ndarray, ranking: np.ndarray, runs: int) -> str:
    """Why a score has no correlation of single runs, or empty."""
    if len(matrix) < runs:
        return "has one value over all runs" if np.ptp(matrix) > 0 else "gives all examples the same value"
    return why_unranked(int(ranking.sum())).replace("every run gives", "gives")


def _mean_mean(whole: np.ndarray, without: np.ndarray, runs: int) -> Estimate:
    left_out = np.array([correlate_ranks(means, means) for means in without])
    return jackknife(correlate_ranks(whole, whole), left_out, runs, correlation=True)


def _between_runs(ranks: np.ndarray, ranking: np.ndarray) -> dict[str, Estimate]:
    """`run_run`, `same_run` and `disattenuated`, from the (R, R) correlations of each pair of scores."""
    counts = ranking.astype(int) @ ranking.T.astype(int)
    pairs = _all_pairs(ranks)
    same = np.moveaxis(np.diagonal(pairs, axis1=-2, axis2=-1), -1, 0)  # (R, S, S)
    estimate, left_out, _ = pair_means(pairs)
    disattenuated = np.array([_disattenuated(one) for one in left_out])
    return {
        "run_run": jackknife(estimate, left_out, counts, correlation=True),
        "same_run": jackknife(*_run_means(same), counts, correlation=True),
        "disattenuated": jackknife(_disattenuated(estimate), disattenuated, counts),
    }


def _all_pairs(ranks: np.ndarray) -> np.ndarray:
    """(S, S, R, R) correlation of every run of every score with every other.

    One matrix product in double precision, which keeps the sums exact up to some 300,000 examples.
    """
    scores, runs, examples = ranks.shape
    rows = ranks.reshape(scores * runs, examples)
    products = _products(rows, rows)
    squares = products.diagonal().copy()
    pairs = normalised(products, np.outer(squares, squares))
    return np.ascontiguousarray(pairs.reshape(scores, runs, scores, runs).swapaxes(1, 2))


def _products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(A, B) products of centred ranks, over blocks of examples that alone exist in double precision."""
    centre = (a.shape[1] + 1) / 2
    total = np.zeros((len(a), len(b)))
    for start in range(0, a.shape[1], _EXAMPLES_AT_ONCE):
        block = slice(start, start + _EXAMPLES_AT_ONCE)
        left = a[:, block] - centre
        total += left @ (left if a is b else b[:, block] - centre).T
    return total


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


def _mean_run(
    matrices: list[np.ndarray],
    ranks: np.ndarray,
    counts: np.ndarray,
    whole: np.ndarray,
    without: np.ndarray,
) -> Estimate:
    """Mean of a over the other runs against b of a run; axes of the estimate: a, b.

    With single runs left out, the others' means are ranked anew without each. With groups, that a mean loses
    one
    moves its correlations with a run as it moves those of the mean of all: the two differ by the run's
    own share, which all groups change alike.
    """
    scores, runs = ranks.shape[:2]
    counts = np.broadcast_to(counts, (scores, scores))
    if runs < 2:
        nothing = np.full((scores, scores), np.nan)
        return jackknife(nothing, np.empty((0, scores, scores)), counts)

    def against(kept: np.ndarray, *left_out: np.ndarray) -> np.ndarray:
        """(M, S, S): means over all runs but each of `kept` (and those left out) against that run."""
        values = np.empty((len(kept), scores, scores))
        for i, r in enumerate(kept):
            means = _references(matrices, all_but(runs, kept[i : i + 1], *left_out))[:, 0]
            values[i] = correlate_ranks(means, ranks[:, r])
        return values

    every, groups = np.arange(runs), deletion_groups(runs)
    single = against(every)
    left_out = np.full((len(groups), scores, scores), np.nan)
    if runs > 2 and len(groups) == runs:
        left_out = np.array([_run_means(against(np.delete(every, r), np.array([r])))[0] for r in every])
    elif runs > 2:
        means = np.concatenate([whole[None], without])
        with_all, *with_rest = _against_runs(means, ranks)
        for row, group, anew in zip(left_out, groups, with_rest, strict=True):
            moved = np.delete(anew - with_all, group, axis=0)
            row[:] = _run_means(np.delete(single, group, axis=0))[0] + _run_means(moved)[0]
    return jackknife(_run_means(single)[0], left_out, counts, correlation=True)


def _against_runs(means: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """(M, R, S, S) correlation of M means of each score (M, S, N) with every run of every score (S, R, N)."""
    scores, runs, examples = ranks.shape
    means, rows = means.reshape(-1, examples), ranks.reshape(-1, examples)
    squares = [np.einsum("ij,ij->i", r - (examples + 1) / 2, r - (examples + 1) / 2, dtype=np.float64)
               for r in (means, rows)]  # fmt: skip
    values = normalised(_products(means, rows), np.outer(*squares))
    return values.reshape(-1, scores, scores, runs).transpose(0, 3, 1, 2)


def _references(matrices: list[np.ndarray], chosen: np.ndarray) -> np.ndarray:
    """(S, M, N) ranks by the scores' means over each of the (M, R) sets of runs."""
    result = np.empty((len(matrices), len(chosen), matrices[0].shape[1]), dtype=np.float32)
    for rows, matrix in zip(result, matrices, strict=True):
        whole = np.ones((1, 1), dtype=bool)
        rows[:] = mean_ranks(matrix, chosen if len(matrix) == chosen.shape[1] else whole)
    return result


def _frame(kind: str, names: list[str], estimate: Estimate, why: list[str]) -> pd.DataFrame:
    columns = {field: np.ravel(value) for field, value in estimate._asdict().items()}
    above = (columns["estimate"] > 1) & (kind == "disattenuated")
    table = pd.DataFrame(
        {
            "kind": kind,
            "score_a": np.repeat(names, len(names)),
            "score_b": np.tile(names, len(names)),
            **columns,
            "above_one": above,
        }
    )
    return explained(table, [_pair_reason(kind, a, b, names, why) for a, b in _pairs_of(names)])


def _pairs_of(names: list[str]) -> Iterator[tuple[int, int]]:
    return product(range(len(names)), repeat=2)


def _pair_reason(kind: str, a: int, b: int, names: list[str], why: list[str]) -> str:
    """Why a pair of scores has no correlation of this kind, should it have none."""
    if kind == "mean_mean":
        return "the mean of one of the scores is the same for all examples"
    concerned = [b] if kind == "mean_run" and "one value" in why[a] else [a, b]
    said = [f"{names[i]} {why[i]}" for i in dict.fromkeys(concerned) if why[i]]
    other = "a reliability is not positive" if kind == "disattenuated" else "no run ranks by both scores"
    return "; ".join(said) or other
