"""Is there one notion of difficulty? Principal components of run-averaged scores, and how many are real."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from study.analysis.intervals import jackknife
from study.analysis.ranks import normal_scores
from study.analysis.run_means import all_but, finite_matrix, rounded, same_shape

# One score of each family: near-duplicate formulas (confidence, margin, EL2N, ...) would count one notion
# many times over and make a single component out of nothing else.
DISTINCT = (
    "confidence_mean",
    "forgetting",
    "el2n_early",
    "vog",
    "prediction_depth",
    "self_prototype",
    "memorization",
)


def variance_table(
    scores: Mapping[str, np.ndarray],
    signs: Mapping[str, int],
    generator: np.random.Generator,
    permutations: int = 200,
    distinct: Sequence[str] = DISTINCT,
) -> pd.DataFrame:
    """Shares of variance of the principal components, beside those of unrelated scores.

    Scores are averaged over runs, transformed to normal scores (ranks to normal quantiles, so that no
    score's scale or tail decides), turned so that high means hard, and scaled to unit variance: components
    are those of the correlation matrix. The interval is a delete-one jackknife over runs.

    Parallel analysis (Horn 1965, *A rationale and test for the number of factors*; 95th percentile as in
    Glorfeld 1995): the columns are permuted independently of each other, which keeps each score's
    distribution and ties and removes every relation between scores. A component is real if its share and
    that of all before it exceed the 95th percentile of the same component's share over permutations.

    Args:
        scores: (R, N) matrices by score column; (1, N) for a score taken over all runs, which the jackknife
            leaves as it is.
        signs: for each score +1 where high means hard, -1 where low does.
        generator: source of the permutations.
        permutations: number of permuted tables.
        distinct: the second list; those of its scores that are there are used.

    Returns:
        A row per list (`all`, `distinct`) and component: `list, component` (from 1) `, estimate` (share of
        variance) `, low, high, n, detectable, scores` (columns in the list) `, null` (95th percentile of the
        permuted tables) `, real`. Scores that give every example the same mean are not in a list; a list of
        fewer than two scores has no rows.

    Raises:
        StudyError: scores differ in runs or examples, or hold NaN or infinite values.
    """
    runs, _ = same_shape(scores)
    seed = int(generator.integers(1 << 62))
    whole, parts = _lists(scores, signs, distinct)
    if not parts:
        return pd.DataFrame(columns=_VARIANCE_COLUMNS)
    position = {name: i for i, name in enumerate(whole)}
    full = _standard_means(whole, signs, None)
    left_out = {name: [] for name in parts}
    for r in range(runs if runs > 2 else 0):
        correlation = _correlation(_standard_means(whole, signs, r))
        for name, members in parts.items():
            index = [position[member] for member in members]
            left_out[name].append(_shares(correlation[np.ix_(index, index)]))
    frames = []
    for name, members in parts.items():
        columns = full[[position[member] for member in members]]
        shares = _shares(_correlation(columns))
        deleted = np.array(left_out[name]) if runs > 2 else np.full((runs, len(shares)), np.nan)
        null = _null_shares(columns, np.random.default_rng([seed, len(members)]), permutations)
        frames.append(
            pd.DataFrame(
                {
                    "list": name,
                    "component": np.arange(1, len(shares) + 1),
                    **jackknife(shares, deleted)._asdict(),
                    "scores": len(members),
                    "null": null,
                    "real": np.logical_and.accumulate(shares > null),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


_VARIANCE_COLUMNS = [
    "list",
    "component",
    "estimate",
    "low",
    "high",
    "n",
    "detectable",
    "scores",
    "null",
    "real",
]


def loading_table(
    scores: Mapping[str, np.ndarray], signs: Mapping[str, int], distinct: Sequence[str] = DISTINCT
) -> pd.DataFrame:
    """Correlations of the scores, turned so that high means hard, with the principal components.

    Args:
        scores, signs, distinct: as in `variance_table`.

    Returns:
        A row per list, component and score: `list, component, score, loading` in [-1, 1]. The sum of a
        component's loadings is not negative, which settles its arbitrary sign.
    """
    _, parts = _lists(scores, signs, distinct)
    frames = []
    for name, members in parts.items():
        loadings = _loadings(_correlation(_standard_means(members, signs, None)))
        count = len(members)
        frames.append(
            pd.DataFrame(
                {
                    "list": name,
                    "component": np.repeat(np.arange(1, count + 1), count),
                    "score": np.tile(list(members), count),
                    "loading": loadings.T.ravel(),
                }
            )
        )
    empty = pd.DataFrame(columns=["list", "component", "score", "loading"])
    return pd.concat(frames, ignore_index=True) if frames else empty


def component_scores(
    scores: Mapping[str, np.ndarray], signs: Mapping[str, int], component: int = 1
) -> np.ndarray:
    """(N,) each example's value on a component of all `scores`, in standard deviations; high means hard.

    NaN throughout with fewer than two scores that rank the examples.
    """
    _, parts = _lists(scores, signs, ())
    if not parts:
        return np.full(same_shape(scores)[1], np.nan)
    columns = _standard_means(parts["all"], signs, None)
    loadings = _loadings(_correlation(columns))[:, component - 1]
    values = loadings @ columns
    return values / values.std()


def _lists(
    scores: Mapping[str, np.ndarray], signs: Mapping[str, int], distinct: Sequence[str]
) -> tuple[dict[str, np.ndarray], dict[str, dict[str, np.ndarray]]]:
    """The scores whose means differ between examples, and the lists of two or more of them."""
    same_shape(scores)
    checked = {name: finite_matrix(name, matrix) for name, matrix in scores.items()}
    whole = {name: matrix for name, matrix in checked.items() if np.ptp(rounded(matrix.sum(0))) > 0}
    lists = {"all": whole, "distinct": {name: whole[name] for name in distinct if name in whole}}
    return whole, {name: members for name, members in lists.items() if len(members) > 1}


def _standard_means(
    matrices: Mapping[str, np.ndarray], signs: Mapping[str, int], left_out: int | None
) -> np.ndarray:
    """(S, N) normal scores of the means over runs (but one), mean 0, variance 1, high = hard."""
    rows = []
    for name, matrix in matrices.items():
        kept = matrix
        if left_out is not None and len(matrix) > 1:
            kept = matrix[all_but(len(matrix), np.array([left_out]))[0]]
        row = normal_scores(rounded(kept.sum(0))) * signs[name]
        row -= row.mean()
        spread = row.std()
        rows.append(row / spread if spread > 0 else row)
    return np.array(rows)


def _correlation(columns: np.ndarray) -> np.ndarray:
    return columns @ columns.T / columns.shape[1]


def _shares(correlation: np.ndarray) -> np.ndarray:
    """(S,) eigenvalues as shares of their sum, the largest first."""
    values = np.linalg.eigvalsh(correlation)[::-1]
    return np.maximum(values, 0) / np.trace(correlation)


def _loadings(correlation: np.ndarray) -> np.ndarray:
    """(S, S) loading of each score (row) on each component (column)."""
    values, vectors = np.linalg.eigh(correlation)
    loadings = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1]
    return loadings * np.where(loadings.sum(0) < 0, -1, 1)


def _null_shares(columns: np.ndarray, generator: np.random.Generator, permutations: int) -> np.ndarray:
    """(S,) 95th percentile of each component's share over tables with independently permuted columns."""
    shares = [_shares(_correlation(generator.permuted(columns, axis=1))) for _ in range(permutations)]
    return np.quantile(shares, 0.95, axis=0)
