"""How far one run's ranking of the examples is from another's: run-to-run correlation and rank error.

Functions take the scores of one model as `{score: (R, N)}` and give long tables. Intervals are delete-one
jackknives over runs, recomputed with the run gone from every mean. A run that gives all examples the same
score is left out (`n` counts the others); below 2 runs estimates are NaN, below 3 intervals.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, jackknife, jackknife_pairs
from study.analysis.ranks import average_ranks, spearman_matrix, spearman_rows
from study.analysis.run_means import all_but, finite_matrix, has_ranking, mean_ranks, ranked_runs

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
        `summary`, a row per score and statistic: `score, statistic, estimate, low, high, n, detectable`.
            `statistic` is `spearman` (mean over pairs of runs), `rank_error_median`, `rank_error_mean`, both
            also as `…_inclusive`, and `tied_share` (share of a run's examples whose score another one has).
        `quantiles`, a row per score and bin: `score, quantile` (1…, lowest scores first), `examples,
            mean_score, estimate` (mean rank error) `, low, high, n, detectable`. Examples with equal mean
            scores share a bin, so bins of coarse scores can be empty (estimate NaN).
        `runs`, a row per score and run: `score, run` (row of the matrix), `spearman` (with the mean of the
            others), `rank_error_median, rank_error_mean, rank_error_p05, …_p25, …_p75, …_p95`.

    Raises:
        StudyError: a value is NaN or infinite.
    """
    parts: list[list[pd.DataFrame]] = [[], [], []]
    for name, matrix in scores.items():
        rows = np.flatnonzero(has_ranking(finite_matrix(name, matrix)))
        values = ranked_runs(name, matrix)
        for frames, frame in zip(parts, _one_score(values, rows, quantiles), strict=True):
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


def tied_share(values: np.ndarray) -> np.ndarray:
    """(R,) share of the examples of each run whose score at least one other example has as well."""
    ordered = np.sort(values, axis=1)
    equal = ordered[:, 1:] == ordered[:, :-1]
    edge = np.zeros((len(values), 1), dtype=bool)
    return (np.hstack([edge, equal]) | np.hstack([equal, edge])).mean(1)


def quantile_bins(mean_score_ranks: np.ndarray, quantiles: int) -> np.ndarray:
    """(N,) bin 0…quantiles-1 of each example from its rank 1…N; equal ranks share a bin."""
    share = (mean_score_ranks - 0.5) / len(mean_score_ranks)
    return np.minimum((share * quantiles).astype(int), quantiles - 1)


def _one_score(
    values: np.ndarray, rows: np.ndarray, quantiles: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    runs = len(values)
    if runs < 2:
        return _undefined(values, rows, quantiles)
    ranks = average_ranks(values)
    bins = quantile_bins(mean_ranks(values, np.ones((1, runs), dtype=bool))[0], quantiles)
    references = _references(values)
    errors = _rank_errors(ranks, references)
    by_run = _summaries(errors, bins, quantiles)
    error = jackknife(by_run.mean(0), _left_out(values, ranks, bins, quantiles))
    inclusive = _inclusive(values, ranks)
    ties = tied_share(values)
    summary = [
        ("spearman", jackknife_pairs(spearman_matrix(values), correlation=True)),
        ("rank_error_median", _take(error, 0)),
        ("rank_error_mean", _take(error, 1)),
        ("rank_error_median_inclusive", _take(inclusive, 0)),
        ("rank_error_mean_inclusive", _take(inclusive, 1)),
        ("tied_share", jackknife(ties.mean(), (ties.sum() - ties) / (runs - 1))),
    ]
    return (
        pd.DataFrame([{"statistic": name, **estimate._asdict()} for name, estimate in summary]),
        _quantile_frame(values.mean(0), bins, _take(error, slice(2, None))),
        pd.DataFrame(
            {
                "run": rows,
                "spearman": spearman_rows(values, references),
                "rank_error_median": by_run[:, 0],
                "rank_error_mean": by_run[:, 1],
            }
            | dict(zip(_percentile_names(), np.percentile(errors, _PERCENTILES, axis=1), strict=True))
        ),
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
    return np.column_stack([np.median(errors, axis=1), errors.mean(1), within])


def _left_out(values: np.ndarray, ranks: np.ndarray, bins: np.ndarray, quantiles: int) -> np.ndarray:
    """(R, 2 + quantiles): the summaries' mean over runs with each run left out, from references too.

    The mean over all runs but r and s is the reference of r when s is left out and of s when r is, so
    R(R-1)/2 rankings serve all R recomputations.
    """
    runs = len(values)
    total = np.zeros((runs, 2 + quantiles))
    if runs < 3:
        return np.full((runs, 2 + quantiles), np.nan)
    for r in range(runs - 1):
        others = np.arange(r + 1, runs)
        references = mean_ranks(values, all_but(runs, np.full(len(others), r), others))
        total[others] += _summaries(_rank_errors(ranks[r], references), bins, quantiles)
        total[r] += _summaries(_rank_errors(ranks[others], references), bins, quantiles).sum(0)
    return total / (runs - 1)


def _inclusive(values: np.ndarray, ranks: np.ndarray) -> Estimate:
    """Median and mean rank error against the mean that contains the run."""
    runs = len(values)

    def summary(kept: np.ndarray, reference: np.ndarray) -> np.ndarray:
        errors = _rank_errors(ranks[kept], reference)
        return np.array([np.median(errors, axis=1).mean(), errors.mean()])

    references = _references(values)
    indices = np.arange(runs)
    everything = mean_ranks(values, np.ones((1, runs), dtype=bool))[0]
    left_out = np.array([summary(indices != r, references[r]) for r in indices])
    return jackknife(summary(indices >= 0, everything), left_out)


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


def _undefined(
    values: np.ndarray, rows: np.ndarray, quantiles: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables of a score that fewer than two runs rank: estimates NaN, n as it is."""
    names = ["spearman", "rank_error_median", "rank_error_mean"]
    names += ["rank_error_median_inclusive", "rank_error_mean_inclusive", "tied_share"]
    nothing = Estimate(np.nan, np.nan, np.nan, len(values))._asdict()
    empty = {"examples": 0, "mean_score": np.nan}
    columns = ["spearman", "rank_error_median", "rank_error_mean", *_percentile_names()]
    return (
        pd.DataFrame([{"statistic": name, **nothing} for name in names]),
        pd.DataFrame([{"quantile": q + 1, **empty, **nothing} for q in range(quantiles)]),
        pd.DataFrame({"run": rows} | dict.fromkeys(columns, np.nan)),
    )


def _percentile_names() -> list[str]:
    return [f"rank_error_p{percent:02d}" for percent in _PERCENTILES]


def _take(estimate: Estimate, index: int | slice) -> Estimate:
    return Estimate(*(np.asarray(field)[index] for field in estimate))
