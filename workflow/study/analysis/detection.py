"""How well a ranking finds the examples whose labels are wrong: for one ranking, without intervals.

All functions take the rankings as (M, N) values, M of them, high = hard, and the (N,) flips; examples with
equal values are in no order, and each statistic is what a random order among them gives on average, but for
average precision, which takes equal values as one step.
"""

import numpy as np

STATISTICS = ("auroc", "average_precision", "inspected_share")


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
    return _one_ranking(values, flipped)[0]


def average_precision(values: np.ndarray, flipped: np.ndarray) -> float:
    """Σ (recall step) · precision over the distinct values from the highest down, without interpolation.

    Args:
        values: (N,).
        flipped: (N,) booleans.
    """
    return _one_ranking(values, flipped)[1]


def inspected_for_half(values: np.ndarray, flipped: np.ndarray) -> float:
    """Examples to inspect, hardest first, until half of the flips (rounded up) are found.

    Among g examples of equal value with f flips in random order, the m-th flip is expected at place
    m (g+1) / (f+1) (the mean of the negative hypergeometric distribution).

    Args:
        values: (N,).
        flipped: (N,) booleans.
    """
    return _one_ranking(values, flipped)[2] * len(values)


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


def _one_ranking(values: np.ndarray, flipped: np.ndarray) -> tuple[float, float, float]:
    n, flips = len(values), int(flipped.sum())
    everyone, of_flips = np.sort(values), np.sort(values[flipped])
    below = np.searchsorted(everyone, of_flips, "left")
    up_to = np.searchsorted(everyone, of_flips, "right")
    flips_below = np.searchsorted(of_flips, of_flips, "left")
    flips_up_to = np.searchsorted(of_flips, of_flips, "right")
    others_below = (below + up_to - flips_below - flips_up_to) / 2  # half of the equal ones
    area = others_below.sum() / (flips * (n - flips))
    precision = np.mean((flips - flips_below) / (n - below))
    # The flip with which half are found, counted from the hardest: its group of equals, and what is above it.
    half = -(-flips // 2)
    place = flips - half
    equals, equal_flips = up_to[place] - below[place], flips_up_to[place] - flips_below[place]
    missing = half - (flips - flips_up_to[place])
    inspected = n - up_to[place] + missing * (equals + 1) / (equal_flips + 1)
    return float(area), float(precision), float(inspected / n)
