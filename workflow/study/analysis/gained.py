"""What models that hold more newly remember: the entries that were hard, or all alike? (claim X2)

All models learn the same N entries. The runs of a small dense model are taken as two halves: A says which
entries are hard, and what a mixture of experts or a wider dense model recalls beyond half B is its gain. The
halves have no run in common. If they had, an entry that these runs happened to miss would count as hard and
as gained at once, and difficulty would correlate with any gain.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.claims import at_limit
from study.analysis.intervals import Estimate, in_quadrature, jackknife_samples, paired_interval, percentiles
from study.analysis.ranks import spearman_matrix
from study.analysis.run_means import rounded

DIFFERENCE = "difference"
_RESAMPLES = 1000  # of the entries
_TENTHS = 10


class Learned(NamedTuple):
    """Runs of three models on the same N entries: runs in rows, recall 1 or 0 for each entry."""

    difficulty: np.ndarray
    """(A, N) a score of the dense model's half A, high = hard."""
    dense: np.ndarray
    """(B, N) recall at the end of the dense model's half B."""
    mixture: np.ndarray
    """(M, N) recall of the mixture."""
    wide: np.ndarray
    """(W, N) recall of the wider dense model."""


def gained(runs: Learned, rng: np.random.Generator, resamples: int = _RESAMPLES) -> dict[str, Estimate]:
    """Spearman correlation over entries of mean difficulty with mean recall gained, and what sets it apart.

    Both gains are counted from the same half B, whose luck so enters both correlations; each is therefore
    recomputed together with the other, and the difference has an interval of its own.

    Two things could have been different: the entries and the runs. Other entries are drawn by a bootstrap
    over entries, each with all that its runs made of it. Other runs are told by a jackknife over the four
    independent samples of runs: it sees what all entries of a run share, its fortune as a whole, which the
    bootstrap does not. Seeds of different models are no pairs. The two half-widths add in squares. No way of
    resampling gets a table of runs and entries exactly right (McCullagh 2000, *Resampling and exchangeable
    arrays*, Bernoulli 6; Owen 2007, *The pigeonhole bootstrap*, Annals of Applied Statistics 1): what is
    particular to one entry in one run is counted in both, so that the interval is too wide rather than too
    narrow, at most by a factor of √2.

    Args:
        runs: two runs or more of each sample.
        rng: draws entries.
        resamples: of the entries.

    Returns:
        By name `mixture`, `wide` and `difference` (mixture minus wide), n being the runs of all samples. NaN
        where a model gains the same on all entries.
    """
    means = np.array([sample.mean(axis=0) for sample in runs])
    whole, entries = _correlations(means), means.shape[1]
    left_out = [_without_each(sample, means, place) for place, sample in enumerate(runs)]
    drawn = np.array([_correlations(means[:, rng.integers(entries, size=entries)]) for _ in range(resamples)])
    found = {}
    for place, name in enumerate(("mixture", "wide", DIFFERENCE)):
        value, alone = float(whole[place]), name != DIFFERENCE
        over_runs = jackknife_samples(value, [values[:, place] for values in left_out], correlation=alone)
        both = in_quadrature(over_runs, percentiles(value, drawn[:, place], entries))
        most = 1.0 if alone else 2.0
        low, high = (float(np.clip(end, -most, most)) for end in (both.low, both.high))
        found[name] = both._replace(low=low, high=high, detectable=float(both.detectable))
    return found


def limited(recall: pd.DataFrame) -> list[str]:
    """Models of `model, recall`, a row per run, all of whose runs lie within 2 points of floor or ceiling.

    One is enough for the difference to say nothing: what such a model gains follows from the small dense
    model alone, as all that it lacks or holds.
    """
    groups = recall.groupby("model", sort=False)["recall"]
    return [str(model) for model, shares in groups if at_limit(shares.to_numpy(), 0.0, 1.0)]


def recall_by_difficulty(runs: Learned) -> pd.DataFrame:
    """Recall of every tenth of the entries, from the easiest, with t-intervals over runs.

    Returns:
        A row per arm (`dense`: half B, `mixture`, `wide`) and tenth: `arm, tenth` (1: easiest) `, entries,
        difficulty` (their mean) `, estimate, low, high, n, detectable`; low and high within [0, 1].
    """
    difficulty = runs.difficulty.mean(axis=0)
    tenths = np.array_split(np.argsort(difficulty, kind="stable"), _TENTHS)
    rows = [
        {"arm": arm, "tenth": place, "entries": len(chosen), "difficulty": difficulty[chosen].mean()}
        | paired_interval(getattr(runs, arm)[:, chosen].mean(axis=1))._asdict()
        for arm in ("dense", "mixture", "wide")
        for place, chosen in enumerate(tenths, start=1)
    ]
    table = pd.DataFrame(rows)
    table[["low", "high"]] = table[["low", "high"]].clip(0, 1)
    return table


def _correlations(means: np.ndarray) -> np.ndarray:
    """(4, N) means in the order of `Learned` -> (3,): of the mixture, of the wider model, the difference."""
    gains = rounded(means[2:] - means[1])  # equal gains, as 3/12 - 1/6 and 5/12 - 2/6, stay equal
    mixture, wide = spearman_matrix(means[0], gains)[0]
    return np.array([mixture, wide, mixture - wide])


def _without_each(sample: np.ndarray, means: np.ndarray, place: int) -> np.ndarray:
    """(G, 3) correlations without each run of the sample that stands at a place of `means`."""
    found, changed = [], means.copy()
    for mean in (sample.sum(axis=0) - sample) / (len(sample) - 1):
        changed[place] = mean
        found.append(_correlations(changed))
    return np.array(found)
