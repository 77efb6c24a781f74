"""Which examples are the hardest: how far two scores name the same ones, and how many are mislabelled."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import hypergeom


def hardest(hardness: np.ndarray, share: float) -> np.ndarray:
    """(N,) bool: the round(share * N) hardest examples; among equals the position in the data set decides."""
    chosen = np.zeros(len(hardness), dtype=bool)
    chosen[np.argsort(-hardness, kind="stable")[: round(share * len(hardness))]] = True
    return chosen


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the examples in either set, (N,) bool each, that are in both; NaN of two empty sets."""
    either = int((a | b).sum())
    return float((a & b).sum() / either) if either else np.nan


def jaccard_by_chance(examples: int, a: int, b: int) -> float:
    """The exact mean of the Jaccard index of two independent random sets, of a and b out of all examples.

    The intersection is hypergeometric.
    """
    both = np.arange(max(0, a + b - examples), min(a, b) + 1)
    if not a + b:
        return np.nan
    return float((hypergeom(examples, a, b).pmf(both) * both / (a + b - both)).sum())


def overlap_table(hardness: Mapping[str, np.ndarray], shares: Sequence[float]) -> pd.DataFrame:
    """Overlap of the hardest examples of every two scores.

    Args:
        hardness: (N,) by score, high means hard.
        shares: of the examples, that count as the hardest.

    Returns:
        A row per share and pair: `share, score_a, score_b, jaccard, by_chance, examples`.
    """
    rows = []
    for share in shares:
        sets = {score: hardest(values, share) for score, values in hardness.items()}
        for a, b in combinations(sets, 2):
            n, size = len(sets[a]), int(sets[a].sum())
            rows.append((share, a, b, jaccard(sets[a], sets[b]), jaccard_by_chance(n, size, size), n))
    return pd.DataFrame(rows, columns=["share", "score_a", "score_b", "jaccard", "by_chance", "examples"])


def found_table(
    hardness: Mapping[str, np.ndarray], wrong: np.ndarray, shares: Sequence[float]
) -> pd.DataFrame:
    """Overlap of the hardest examples of every score with those whose labels are wrong.

    Args:
        hardness, shares: as in `overlap_table`.
        wrong: (N,) bool.

    Returns:
        A row per score and share: `score, share, jaccard, by_chance, precision` (of the hardest, how many are
        wrong), `recall` (of the wrong ones, how many are among the hardest), `wrong` (number), `examples`.
    """
    rows, n, count = [], len(wrong), int(wrong.sum())
    for score, values in hardness.items():
        for share in shares:
            chosen = hardest(values, share)
            both, size = int((chosen & wrong).sum()), int(chosen.sum())
            by_chance = jaccard_by_chance(n, size, count)
            precision = both / size if size else np.nan
            recall = both / count if count else np.nan
            rows.append((score, share, jaccard(chosen, wrong), by_chance, precision, recall, count, n))
    columns = ["score", "share", "jaccard", "by_chance", "precision", "recall", "wrong", "examples"]
    return pd.DataFrame(rows, columns=columns)
