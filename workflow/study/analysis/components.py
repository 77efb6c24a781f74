"""Is there one notion of difficulty? Principal components of run-averaged scores, and how many are real."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, deletion_groups, explained, jackknife
from study.analysis.ranks import normal_scores
from study.analysis.run_means import finite_matrix, rounded, same_shape

# One score of each family: near-duplicate formulas (confidence, margin, EL2N, ...) would count one notion
# many times over and make a single component out of nothing else. Tables name those that a study lacks.
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
    are those of the correlation matrix. The interval is a jackknife over runs.

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
        variance) `, low, high, n, detectable, scores` (columns in the list) `, absent` (those that it should
        hold and does not, with commas) `, null` (95th percentile of the permuted tables) `, real, reason`.
        Scores that give every example the same mean are in no list; a list of fewer than two scores has one
        row, without an estimate.

    Raises:
        StudyError: scores differ in runs or examples, or hold NaN or infinite values.
    """
    runs, _ = same_shape(scores)
    seed = int(generator.integers(1 << 62))
    lists = _lists(scores, distinct)
    means = _means_of(scores, lists, signs, runs)
    frames = []
    for name, (members, absent) in lists.items():
        about = {"list": name, "scores": len(members), "absent": ",".join(absent)}
        if len(members) < 2:
            nothing = Estimate(np.nan, np.nan, np.nan, runs)._asdict()
            frames.append(pd.DataFrame([{"component": 1, **nothing, **about, "null": np.nan, "real": False}]))
            continue
        shares = _shares(means.correlation(members))
        left_out = np.array([_shares(one) for one in means.left_out(members)])
        stream = np.random.default_rng([seed, len(members)])
        null = _null_shares(means.columns(members), stream, permutations)
        places = {"component": np.arange(1, len(shares) + 1), **jackknife(shares, left_out, runs)._asdict()}
        real = np.logical_and.accumulate(shares > null)
        frames.append(pd.DataFrame({**places, **about, "null": null, "real": real}))
    return explained(pd.concat(frames, ignore_index=True)[_VARIANCE_COLUMNS], _TOO_FEW)


_TOO_FEW = "fewer than two of its scores are recorded and tell the examples apart"
_VARIANCE_COLUMNS = ["list", "component", *Estimate._fields, "scores", "absent", "null", "real"]


def loading_table(
    scores: Mapping[str, np.ndarray], signs: Mapping[str, int], distinct: Sequence[str] = DISTINCT
) -> pd.DataFrame:
    """Correlations of the scores, turned so that high means hard, with the principal components.

    Args:
        scores, signs, distinct: as in `variance_table`.

    Returns:
        A row per list, component and score: `list, component, score, estimate` in [-1, 1] `, low, high, n,
        detectable, reason`. The sum of a component's loadings is not negative, which settles its arbitrary
        sign; with runs left out a component takes the sign that fits it. A score that is not in its list,
        because it is not recorded or tells no examples apart, has a row for component 1 that says so.
    """
    runs, _ = same_shape(scores)
    lists = _lists(scores, distinct)
    means = _means_of(scores, lists, signs, runs)
    frames = []
    for name, (members, absent) in lists.items():
        count = len(members) if len(members) > 1 else 0
        if count:
            loadings = _loadings(means.correlation(members))
            left_out = [_aligned(_loadings(one), loadings) for one in means.left_out(members)]
            left_out = np.array(left_out).reshape(-1, count, count)
            found = jackknife(loadings.T, left_out.swapaxes(1, 2), runs, correlation=True)
            frame = pd.DataFrame({field: np.ravel(value) for field, value in found._asdict().items()})
            frame.insert(0, "component", np.repeat(np.arange(1, count + 1), count))
            frame.insert(1, "score", np.tile(members, count))
            frames.append(explained(frame.assign(list=name), ""))
        missing = absent | ({} if count else dict.fromkeys(members, _TOO_FEW))
        nothing = Estimate(np.nan, np.nan, np.nan, runs)._asdict()
        frames += [
            pd.DataFrame([{"list": name, "component": 1, "score": column, **nothing, "reason": why}])
            for column, why in missing.items()
        ]
    order = ["list", "component", "score", *Estimate._fields, "reason"]
    return pd.concat(frames, ignore_index=True)[order] if frames else pd.DataFrame(columns=order)


def component_scores(
    scores: Mapping[str, np.ndarray], signs: Mapping[str, int], component: int = 1
) -> np.ndarray:
    """(N,) each example's value on a component of all `scores`, in standard deviations; high means hard.

    NaN throughout with fewer than two scores that rank the examples.
    """
    members, _ = _lists(scores, ())["all"]
    if len(members) < 2:
        return np.full(same_shape(scores)[1], np.nan)
    columns = _standard_means({name: np.atleast_2d(scores[name]) for name in members}, signs, np.array([]))
    loadings = _loadings(_correlation(columns))[:, component - 1]
    values = loadings @ columns
    return values / values.std()


def _lists(
    scores: Mapping[str, np.ndarray], distinct: Sequence[str]
) -> dict[str, tuple[list[str], dict[str, str]]]:
    """The members of each list, scores whose means differ between examples, and who is absent and why."""
    flat = "gives all examples the same mean"
    absent = {
        name: flat
        for name, matrix in scores.items()
        if np.ptp(rounded(finite_matrix(name, matrix).sum(0))) == 0
    }
    whole = [name for name in scores if name not in absent]
    apart = {name: absent.get(name, "is not recorded") for name in distinct if name not in whole}
    return {"all": (whole, absent), "distinct": ([name for name in distinct if name in whole], apart)}


class _Means(NamedTuple):
    """Standardised means over runs of all scores, and correlations of those without each group of runs."""

    names: list[str]
    full: np.ndarray  # (S, N)
    without: list[np.ndarray]  # (S, S) for each group

    def _places(self, members: Sequence[str]) -> list[int]:
        return [self.names.index(member) for member in members]

    def columns(self, members: Sequence[str]) -> np.ndarray:
        return self.full[self._places(members)]

    def correlation(self, members: Sequence[str]) -> np.ndarray:
        return _correlation(self.columns(members))

    def left_out(self, members: Sequence[str]) -> list[np.ndarray]:
        places = self._places(members)
        return [correlation[np.ix_(places, places)] for correlation in self.without]


def _means_of(
    scores: Mapping[str, np.ndarray], lists: Mapping, signs: Mapping[str, int], runs: int
) -> _Means:
    names = lists["all"][0]
    matrices = {name: np.atleast_2d(scores[name]) for name in names}
    groups = deletion_groups(runs) if runs > 2 else []
    without = [_correlation(_standard_means(matrices, signs, group)) for group in groups]
    return _Means(names, _standard_means(matrices, signs, np.array([])), without)


def _aligned(loadings: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Loadings with each component (column) turned to the side of the other table's."""
    return loadings * np.where((loadings * like).sum(0) < 0, -1, 1)


def _standard_means(
    matrices: Mapping[str, np.ndarray], signs: Mapping[str, int], left_out: np.ndarray
) -> np.ndarray:
    """(S, N) normal scores of the means over runs but some, mean 0, variance 1, high = hard."""
    rows = []
    for name, matrix in matrices.items():
        kept = ~np.isin(np.arange(len(matrix)), left_out) if len(matrix) > 1 else np.ones(1, dtype=bool)
        row = normal_scores(rounded(kept.astype(np.float64) @ np.asarray(matrix, np.float64))) * signs[name]
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
