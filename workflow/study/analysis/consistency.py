"""How far one run's ranking of the examples is from another's: run-to-run correlation and rank error.

Functions take the scores of one model as `{score: (R, N)}` and give long tables. Intervals are jackknives
over
runs (delete-one, beyond 20 runs delete-group), recomputed with the run gone from every mean. A run that gives
all
examples the same score is left out (`n` counts the others); below 2 runs estimates are NaN, below 3
intervals.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, deletion_groups, explained, jackknife, jackknife_pairs
from study.analysis.ranks import average_ranks
from study.analysis.run_means import (
    all_but,
    correlate_rank_rows,
    correlate_ranks,
    finite_matrix,
    has_ranking,
    mean_ranks,
    ranked_runs,
    why_unranked,
)

_PERCENTILES = (5, 25, 75, 95)


class Consistency(NamedTuple):
    """The three tables of `consistency_tables`."""

    summary: pd.DataFrame
    quantiles: pd.DataFrame
    runs: pd.DataFrame


def consistency_tables(scores: Mapping[str, np.ndarray], quantiles: int = 10) -> Consistency:
    """Consistency of every score of one model over its runs.

    Rank error of run r on example i is |rank_r(i) - rank_ref(i)| / N, where the reference is the mean over
    the other runs (arXiv 2401.01867 takes the mean over all runs, which contains run r: that is the
    `inclusive` form, smaller by construction). Medians and means are over examples, within a run; the
    estimate is their mean over runs.

    Args:
        scores: (R, N) matrices by score column.
        quantiles: number of bins of the mean score.

    Returns:
        `summary`, a row per score and statistic: `score, statistic, estimate, low, high, n, detectable,
            reason` (why there is no estimate; empty where there is one). `statistic` is `spearman` (mean over
            pairs of runs), `rank_error_median`, `rank_error_mean`, both
            also as `…_inclusive`, and `tied_share` (share of a run's examples whose score another one has).
        `quantiles`, a row per score and bin: `score, quantile` (1…, lowest scores first), `examples,
            mean_score, estimate` (mean rank error) `, low, high, n, detectable, reason`. Examples with equal
            mean scores share a bin, so bins of coarse scores can be empty (estimate NaN).
        `runs`, a row per score and run: `score, run` (row of the matrix), `spearman` (with the mean of the
            others), `rank_error_median, rank_error_mean, rank_error_p05, …_p25, …_p75, …_p95, reason`.

    Raises:
        StudyError: a value is NaN or infinite.
    """
    parts: list[list[pd.DataFrame]] = [[], [], []]
    for name, matrix in scores.items():
        values = finite_matrix(name, matrix)
        ranking = has_ranking(values)
        for frames, frame in zip(parts, _one_score(values[ranking], ranking, quantiles), strict=True):
            frame.insert(0, "score", name)
            frames.append(frame)
    return Consistency(*(pd.concat(frames, ignore_index=True) for frames in parts))


def example_rank_error(matrix: np.ndarray) -> np.ndarray:
    """(N,) rank error of each example, the mean over runs against the mean of the others, as a share of N.

    NaN throughout with fewer than two runs that rank the examples.
    """
    values = ranked_runs("score", matrix)
    if len(values) < 2:
        return np.full(np.atleast_2d(matrix).shape[1], np.nan)
    return _rank_errors(average_ranks(values), _references(values)).mean(0)


def tied_share(ranks: np.ndarray) -> np.ndarray:
    """(R,) share of the examples of each run whose rank, and so whose score, another one has as well."""
    counts = [np.bincount((2 * row).astype(int)) for row in ranks]  # average ranks are multiples of 1/2
    return np.array([count[count > 1].sum() for count in counts]) / ranks.shape[1]


def quantile_bins(mean_score_ranks: np.ndarray, quantiles: int) -> np.ndarray:
    """(N,) bin 0…quantiles-1 of each example from its rank 1…N; equal ranks share a bin."""
    share = (mean_score_ranks - 0.5) / len(mean_score_ranks)
    return np.minimum((share * quantiles).astype(int), quantiles - 1)


def _one_score(
    values: np.ndarray, ranking: np.ndarray, quantiles: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables of one score from its runs that rank; `ranking` says which of all runs those are."""
    columns = ["spearman", "rank_error_median", "rank_error_mean", *_percentile_names()]
    reason = why_unranked(len(values))
    if reason:
        summary, bins = _undefined(len(values), quantiles)
        runs = _run_frame(pd.DataFrame(columns=columns, dtype=float), ranking)
        return explained(summary, reason), explained(bins, reason), runs
    ranks = average_ranks(values)
    bins = quantile_bins(mean_ranks(values, np.ones((1, len(values)), dtype=bool))[0], quantiles)
    references = _references(values)
    errors = _rank_errors(ranks, references)
    by_run = _summaries(errors, bins, quantiles)
    error, inclusive = _intervals(values, ranks, by_run, bins)
    ties = tied_share(ranks)
    summary = [
        ("spearman", jackknife_pairs(correlate_ranks(ranks, ranks), correlation=True)),
        ("rank_error_median", _take(error, 0)),
        ("rank_error_mean", _take(error, 1)),
        ("rank_error_median_inclusive", _take(inclusive, 0)),
        ("rank_error_mean_inclusive", _take(inclusive, 1)),
        ("tied_share", jackknife(ties.mean(), (ties.sum() - ties) / (len(values) - 1))),
    ]
    percentiles = np.percentile(errors, _PERCENTILES, axis=1).T
    runs = np.column_stack([correlate_rank_rows(ranks, references), by_run[:, :2], percentiles])
    return (
        explained(pd.DataFrame([{"statistic": name, **found._asdict()} for name, found in summary]), ""),
        explained(
            _quantile_frame(values.mean(0), bins, _take(error, slice(2, None))),
            "no example has its mean score here: ties fill other bins",
        ),
        _run_frame(pd.DataFrame(runs, columns=columns, index=np.flatnonzero(ranking)), ranking),
    )


def _references(values: np.ndarray) -> np.ndarray:
    """(R, N) ranks by the mean over the other runs."""
    return mean_ranks(values, all_but(len(values), np.arange(len(values))))


def _rank_errors(ranks: np.ndarray, references: np.ndarray) -> np.ndarray:
    errors = ranks - references
    np.abs(errors, out=errors)
    errors /= ranks.shape[-1]
    return errors


def _summaries(errors: np.ndarray, bins: np.ndarray, quantiles: int) -> np.ndarray:
    """(M, 2 + quantiles): median, mean and mean within each bin of every row of rank errors."""
    count = np.bincount(bins, minlength=quantiles).astype(float)
    count[count == 0] = np.nan  # an empty bin has no rank error, rather than one of 0
    within = np.stack([np.bincount(bins, weights=row, minlength=quantiles) for row in errors]) / count
    return np.column_stack([_medians(errors), errors.mean(1), within])


def _medians(errors: np.ndarray) -> np.ndarray:
    """(M,) medians of rows of rank errors, multiples of 1/2N: counted, in a third of a sort's time."""
    examples = errors.shape[1]
    medians = np.empty(len(errors))
    for i, row in enumerate(errors):
        below = np.cumsum(np.bincount(np.rint(2 * examples * row).astype(np.int64)))
        middle = np.searchsorted(below, [(examples + 1) // 2, examples // 2 + 1])
        medians[i] = middle.sum() / (4 * examples)
    return medians


def _intervals(
    values: np.ndarray, ranks: np.ndarray, by_run: np.ndarray, bins: np.ndarray
) -> tuple[Estimate, Estimate]:
    """The mean over runs of (R, K) summaries against the mean of the others, and against the mean of all.

    With single runs left out, every run is ranked against the mean of the others without each. With groups,
    that the reference loses one moves the errors as it moves those against the mean of all: the two differ by
    the run's own share, which all groups change alike.
    """
    runs, quantiles = values.shape[0], by_run.shape[1] - 2
    every, groups = np.arange(runs), deletion_groups(runs)

    def against_mean_of(kept: np.ndarray) -> np.ndarray:
        reference = mean_ranks(values, np.isin(every, kept)[None])
        return _summaries(_rank_errors(ranks[kept], reference), bins, quantiles)

    whole = against_mean_of(every)
    left_out = np.full((2, len(groups), by_run.shape[1]), np.nan)
    for g, group in enumerate(groups if runs > 2 else ()):
        kept = np.delete(every, group)
        anew = against_mean_of(kept)
        left_out[1, g] = anew.mean(0)
        if len(group) == 1:
            references = mean_ranks(values, all_but(runs, kept, np.broadcast_to(group, kept.shape)))
            left_out[0, g] = _summaries(_rank_errors(ranks[kept], references), bins, quantiles).mean(0)
        else:
            left_out[0, g] = by_run[kept].mean(0) + (anew - whole[kept]).mean(0)
    return jackknife(by_run.mean(0), left_out[0], runs), jackknife(whole.mean(0), left_out[1], runs)


def _quantile_frame(mean_score: np.ndarray, bins: np.ndarray, error: Estimate) -> pd.DataFrame:
    quantiles = len(error.estimate)
    count = np.bincount(bins, minlength=quantiles)
    total = np.bincount(bins, weights=mean_score, minlength=quantiles)
    return pd.DataFrame(
        {
            "quantile": np.arange(1, quantiles + 1),
            "examples": count,
            "mean_score": np.divide(total, count, out=np.full(quantiles, np.nan), where=count > 0),
            **error._asdict(),
        }
    )


def _undefined(runs: int, quantiles: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Summary and quantiles of a score that fewer than two runs rank: estimates NaN, n as it is."""
    names = ["spearman", "rank_error_median", "rank_error_mean"]
    names += ["rank_error_median_inclusive", "rank_error_mean_inclusive", "tied_share"]
    nothing = Estimate(np.nan, np.nan, np.nan, runs)._asdict()
    empty = {"examples": 0, "mean_score": np.nan}
    return (
        pd.DataFrame([{"statistic": name, **nothing} for name in names]),
        pd.DataFrame([{"quantile": q + 1, **empty, **nothing} for q in range(quantiles)]),
    )


def _run_frame(by_run: pd.DataFrame, ranking: np.ndarray) -> pd.DataFrame:
    """A row for every run; those that give all examples the same score, or stand alone, with the reason."""
    table = by_run.reindex(np.arange(len(ranking))).rename_axis("run").reset_index()
    alone = np.where(ranking, why_unranked(int(ranking.sum())), "the run gives all examples the same score")
    return table.assign(reason=alone)


def _percentile_names() -> list[str]:
    return [f"rank_error_p{percent:02d}" for percent in _PERCENTILES]


def _take(estimate: Estimate, index: int | slice) -> Estimate:
    return Estimate(*(np.asarray(field)[index] for field in estimate))
