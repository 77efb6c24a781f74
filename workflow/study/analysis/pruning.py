"""Training on windows of a ranking by difficulty: what they reach, and against what."""

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, paired_interval, paired_p
from study.analysis.multiple import holm

KEYS = ["arm", "source", "offset"]
COLUMNS = [*KEYS, "statistic", "against", *Estimate._fields, "p", "p_holm", "reason"]
# What is compared with what: (arm, source) of either side.
COMPARISONS = {
    "random": [
        ((arm, source), (arm, "random")) for arm in ("window", "stratified") for source in ("run", "average")
    ],
    "run": [((arm, "average"), (arm, "run")) for arm in ("window", "stratified")],
    "window": [(("stratified", source), ("window", source)) for source in ("run", "average")],
}
_ONE_SEED = "an interval needs two seeds"


def pruning_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Test accuracy of every window, and its differences, paired by seed.

    Compared are windows with as many random examples (of all, or of each class), the ranking by the
    average with that by one run, and windows of each class with windows of the whole ranking. Intervals are
    t-intervals over seeds. p-values of paired t-tests are adjusted by Holm over the windows of one
    comparison; differences that are the same for every seed have p = 0, or 1 where they are 0. The mean over
    all windows is tested once, by itself.

    Args:
        runs: a row per run: `arm` (window, stratified; all: of the whole training set) `, source` (run,
            average, random, all) `, offset` (NaN but for windows) `, seed, accuracy`; the same seeds for
            every window.

    Returns:
        A row per window and statistic: `arm, source, offset` (NaN: no window, or the mean over all)
        `, statistic` (accuracy, difference) `, against` (random, run, window) `, estimate, low, high, n`
        (seeds) `, detectable, p, p_holm, reason`.
    """
    accuracies = {key: _by_window(rows) for key, rows in runs.groupby(["arm", "source"], sort=False)}
    rows = []
    for (arm, source), windows in accuracies.items():
        for offset, values in windows.items():
            rows.append(_row(arm, source, offset, "accuracy", "", values, np.nan, np.nan))
    for against, pairs in COMPARISONS.items():
        for key, other in pairs:
            if key in accuracies and other in accuracies:
                rows += _differences(key, against, accuracies[key], accuracies[other])
    return pd.DataFrame(rows, columns=COLUMNS)


def balance_table(members: pd.DataFrame, labels: np.ndarray) -> pd.DataFrame:
    """How many examples of each class the windows hold.

    Args:
        members: a row per run: `arm, source, offset, seed` and `inside`, an (N,) bool array.
        labels: (N,) classes.

    Returns:
        A row per window and class: `arm, source, offset, label, examples` (mean over seeds) `, fewest, most`
        (over seeds) `, share` of the window (mean) `, share_all` of the whole training set `, distance`: half
        the sum over classes of |share - share_all|, mean over seeds; 0 where the window is balanced like
        the whole set, near 1 where it holds rare classes alone.
    """
    values, sizes = np.unique(labels, return_counts=True)
    share_all = sizes / sizes.sum()
    frames = []
    for key, rows in members.groupby(KEYS, sort=False, dropna=False):
        counts = np.array([[inside[labels == value].sum() for value in values] for inside in rows["inside"]])
        shares = counts / counts.sum(1, keepdims=True)
        frames.append(
            pd.DataFrame(
                {
                    **dict(zip(KEYS, key, strict=True)),
                    "label": values,
                    "examples": counts.mean(0),
                    "fewest": counts.min(0),
                    "most": counts.max(0),
                    "share": shares.mean(0),
                    "share_all": share_all,
                    "distance": np.abs(shares - share_all).sum(1).mean() / 2,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _by_window(runs: pd.DataFrame) -> dict[float, np.ndarray]:
    """{offset: (seeds,) accuracies in the order of the seeds}."""
    ordered = runs.sort_values("seed")
    groups = ordered.groupby("offset", dropna=False)
    return {float(offset): rows["accuracy"].to_numpy(float) for offset, rows in groups}


def _differences(
    key: tuple[str, str], against: str, windows: dict[float, np.ndarray], others: dict[float, np.ndarray]
) -> list[list]:
    """Rows of one comparison: each window, and the mean over all; random examples serve every window."""
    if against == "random":
        (random,) = others.values()
        others = dict.fromkeys(windows, random)
    differences = {offset: values - others[offset] for offset, values in windows.items()}
    tests = np.array([paired_p(values) for values in differences.values()])
    mean = np.mean(list(differences.values()), axis=0)
    rows = [
        _row(*key, offset, "difference", against, values, p, adjusted)
        for (offset, values), p, adjusted in zip(differences.items(), tests, holm(tests), strict=True)
    ]
    return [*rows, _row(*key, np.nan, "difference", against, mean, paired_p(mean), paired_p(mean))]


def _row(
    arm: str, source: str, offset: float, statistic: str, against: str, values: np.ndarray, *tests: float
) -> list:
    interval = paired_interval(values)
    reason = _ONE_SEED if len(values) < 2 else ""
    return [arm, source, offset, statistic, against, *interval, *tests, reason]
