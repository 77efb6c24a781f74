"""How well a ranking finds the examples whose labels are wrong: for one ranking, without intervals.

All functions take the rankings as (M, N) values, M of them, high = hard, and the (N,) flips; examples with
equal values are in no order, and each statistic is what a random order among them gives on average, but for
average precision, which takes equal values as one step.
"""

import numpy as np

STATISTICS = ("auroc", "average_precision", "inspected_share")
_AT_ONCE = 2_000_000  # counts of examples: samples of large data sets are taken in parts


def detection(values: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    """All of `STATISTICS` of each ranking.

    Args:
        values: (M, N) scores, high = hard.
        flipped: (N,) booleans, some but not all true.

    Returns:
        (M, 3): AUROC, average precision, and `inspected_for_half` as a share of N.
    """
    return np.array([_one_ranking(row, flipped) for row in values]).reshape(len(values), len(STATISTICS))


def auroc(values: np.ndarray, flipped: np.ndarray) -> float:
    """Chance that a flipped example has a higher value than another one, equal values counting one half.

    Args:
        values: (N,).
        flipped: (N,) booleans.
    """
    return float(_one_ranking(values, flipped)[0])


def average_precision(values: np.ndarray, flipped: np.ndarray) -> float:
    """Σ (recall step) · precision over the distinct values from the highest down, without interpolation.

    Args:
        values: (N,).
        flipped: (N,) booleans.
    """
    return float(_one_ranking(values, flipped)[1])


def inspected_for_half(values: np.ndarray, flipped: np.ndarray) -> float:
    """Examples to inspect, hardest first, until half of the flips (rounded up) are found.

    Among g examples of equal value with f flips in random order, the m-th flip is expected at place
    m (g+1) / (f+1) (the mean of the negative hypergeometric distribution).

    Args:
        values: (N,).
        flipped: (N,) booleans.
    """
    return float(_one_ranking(values, flipped)[2] * len(values))


def by_chance(examples: int, flips: int) -> dict[str, float]:
    """What an order that knows nothing of the flips gives, by statistic: the expectation over random orders.

    AUROC and average precision are those of examples that all have the same value.
    """
    half = -(-flips // 2)
    share = flips / examples
    return {
        "auroc": 0.5,
        "average_precision": share,
        "inspected_share": half * (examples + 1) / (flips + 1) / examples,
    }


def resampled(values: np.ndarray, flipped: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """All of `STATISTICS` of one ranking in samples of its examples; one sort serves all samples.

    Args:
        values: (N,).
        flipped: (N,) booleans.
        counts: (M, N) how often each example is in each sample.

    Returns:
        (M, 3); NaN for a sample without flips, or with nothing else.
    """
    order = np.argsort(values, kind="stable")[::-1]  # hardest first
    groups = np.flatnonzero(np.diff(values[order], prepend=np.nan) != 0)  # where runs of equal values begin
    rows = max(1, _AT_ONCE // len(values))
    parts = [
        _of_groups(
            np.add.reduceat(part[:, order], groups, axis=1, dtype=np.int64),
            np.add.reduceat(part[:, order] * flipped[order], groups, axis=1, dtype=np.int64),
        )
        for part in np.split(counts, range(rows, len(counts), rows))
    ]
    return np.concatenate(parts)


def _of_groups(examples: np.ndarray, flips: np.ndarray) -> np.ndarray:
    """(M, 3) statistics of (M, G) numbers of examples and flips in groups of equal values, hardest first."""
    to_here, flips_to_here = examples.cumsum(1), flips.cumsum(1)
    n, all_flips = to_here[:, -1:], flips_to_here[:, -1:]
    others = examples - flips
    others_below = (n - all_flips) - (to_here - flips_to_here) + others / 2  # half of the equal ones
    half = -(-all_flips // 2)
    group = np.argmax(flips_to_here >= half, axis=1)[:, None]  # the one with which half are found
    there, flips_there, up_to, found = (
        np.take_along_axis(part, group, 1) for part in (examples, flips, to_here, flips_to_here)
    )
    missing = half - (found - flips_there)
    inspected = up_to - there + missing * (there + 1) / (flips_there + 1)
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 / 0 where one of the kinds is absent
        area = (flips * others_below).sum(1, keepdims=True) / (all_flips * (n - all_flips))
        precision = (flips * flips_to_here / np.maximum(to_here, 1)).sum(1, keepdims=True) / all_flips
        statistics = np.concatenate([area, precision, inspected / n], axis=1)
    return np.where((all_flips > 0) & (all_flips < n), statistics, np.nan)


def _one_ranking(values: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    return resampled(values, flipped, np.ones((1, len(values)), dtype=np.int64))[0]
