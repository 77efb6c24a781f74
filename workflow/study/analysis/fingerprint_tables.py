"""Accuracies and paired differences of `fingerprint`, with intervals that allow for overlapping splits."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from study.analysis.fingerprint_trials import Trials
from study.analysis.intervals import Estimate, corrected_interval

SUBJECT = "p_value"  # the selector that the claim is about
GREATER = "greater of random and mean_score"
AGGREGATE = "greater of mean_score and accuracy"  # of the two that see no single example
BETTER_OF = {GREATER: ("random", "mean_score")}  # by baseline: the two of which it is the better
_SETTING = ["setting", "held_out", "evaluated"]
INTERVAL = ["estimate", "low", "high", "n", "detectable", "monte_carlo", "runs", "interval", "reason"]
_AGREEING = 1e-12  # accuracies of splits that differ by no more are equal but for rounding
_Z2 = 1.959963984540054**2
CORRECTED = "corrected resampling"
WILSON = "Wilson over runs: all splits agree"


def accuracy_table(trials: Trials) -> pd.DataFrame:
    """Mean accuracy over splits, per setting, way of choosing, classifier and k.

    Returns:
        setting, held_out (a model, "mean" over all held-out models, or "" in distribution), evaluated,
        features, classifier, k, the columns of `split_interval` (low and high within [0, 1]), n_train,
        n_test, chance.
    """
    results = _with_means(trials.accuracies)
    keys = [*_SETTING, "features", "classifier", "k"]
    rows = []
    for key, group in results.groupby(keys, sort=False):
        model = key[1] if key[2] == "held_out_model" and key[1] != "mean" else None
        runs = tested_runs(trials, group["repeat"], model)
        row = split_interval(group["accuracy"].to_numpy(), test_to_train(results), runs)
        row |= {"low": np.maximum(row["low"], 0), "high": np.minimum(row["high"], 1)}
        rows.append(dict(zip(keys, key, strict=True)) | row)
    table = pd.DataFrame(rows)[[*keys, *INTERVAL]]
    return table.assign(**{name: results[name].iloc[0] for name in ("n_train", "n_test", "chance")})


def difference_table(trials: Trials, better_of: Mapping[str, tuple[str, str]] = BETTER_OF) -> pd.DataFrame:
    """Accuracy of chosen examples minus that of each baseline, paired by split; the first classifier.

    The random baseline has the same k and setting; the mean score and the accuracy have one number per run,
    and are evaluated on all test runs only. Last comes the better of two, of random and mean score unless it
    is said otherwise: it is beaten only if both are, so the row has the smaller estimate, the smaller low and
    the smaller high of the two (intersection–union: the low end errs in at most 2.5 % of studies, the high
    end in at most 5 %).

    Args:
        trials: of `fingerprint`, with the selector "random" among others.
        better_of: by the name of a baseline, the two of which it is the better.

    Returns:
        setting, held_out ("" or "mean"), evaluated (as in `accuracy_table`), features, baseline ("random",
        "mean_score", "accuracy", the names in `better_of`), k, and the columns of `split_interval`.
    """
    results = _with_means(trials.accuracies)
    results = results[results["classifier"] == results["classifier"].iloc[0]]
    results = results[results["held_out"].isin(["", "mean"])]
    ratio = test_to_train(results)
    splits = results.set_index([*_SETTING, "features", "k", "repeat"])["accuracy"].sort_index()
    chosen = [name for name in trials.chosen["features"].unique() if name != "random"]
    rows = []
    for setting in results[_SETTING].drop_duplicates().itertuples(index=False, name=None):
        for name in chosen:
            mine = splits.loc[(*setting, name)]
            for k in mine.index.unique("k"):
                against = {"random": splits.loc[(*setting, "random", k)]}
                if setting[2] == "all":
                    for baseline in ("mean_score", "accuracy"):
                        against[baseline] = splits.loc[("in_distribution", "", "all", baseline, 1)]
                found = {
                    baseline: _paired(mine.loc[k], other, ratio, trials)
                    for baseline, other in against.items()
                }
                for better, (one, other) in better_of.items():
                    if found.keys() >= {one, other}:
                        found[better] = _both_beaten(found[one], found[other])
                about = dict(zip(_SETTING, setting, strict=True)) | {"features": name, "k": k}
                rows += [about | {"baseline": baseline} | row for baseline, row in found.items()]
    return pd.DataFrame(rows)[[*_SETTING, "features", "baseline", "k", *INTERVAL]]


def split_interval(values: np.ndarray, ratio: float, runs: int, difference: bool = False) -> dict:
    """The mean over splits with its interval, also where all splits agree.

    Accuracies that are the same in every split have no variance, and yet are not certain: the interval then
    is that of a share of the distinct runs (Wilson 1927, *Probable inference, the law of succession, and
    statistical inference*). For differences that holds where no split tells the two apart: the share of runs
    that would is 0 of all; another constant difference has no interval.

    Args:
        values: (J,) accuracy, or difference of two, in each split.
        ratio: test runs for each training run.
        runs: distinct runs tested in any of these splits.
        difference: what `values` are.

    Returns:
        estimate, low, high (95 %), n (splits), detectable, monte_carlo (standard error of the estimate from
        drawing a limited number of splits: it shrinks with more of them, the interval does not), runs,
        interval (how it was computed), reason (in words, where there is none).
    """
    found, method, reason = corrected_interval(values, ratio), CORRECTED, ""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    if len(values) < 2:
        method, reason = "", "one split has no interval"
    elif np.ptp(values) <= _AGREEING:
        share, error = float(values[0]), 0.0
        low, high = _wilson(0.0 if difference else share, runs)
        if not difference:
            found, method = Estimate(share, low, high, len(values)), WILSON
        elif abs(share) <= _AGREEING:
            found, method = Estimate(0.0, -high, high, len(values)), WILSON
        else:
            found = Estimate(share, np.nan, np.nan, len(values))
            method, reason = "", "the same difference in every split"
    return found._asdict() | {"monte_carlo": error, "runs": runs, "interval": method, "reason": reason}


def tested_runs(trials: Trials, repeats: pd.Series, model: str | None = None) -> int:
    """Distinct runs, of all models or of one, that were tested in any of these splits."""
    rows = np.unique(trials.tested[repeats.unique()])
    return int(len(rows) if model is None else (trials.labels[rows] == trials.models.index(model)).sum())


def test_to_train(results: pd.DataFrame) -> float:
    """Test runs for each training run."""
    return results["n_test"].iloc[0] / results["n_train"].iloc[0]


def _wilson(share: float, n: int) -> tuple[float, float]:
    """95 % Wilson interval of a share of n."""
    centre = (share + _Z2 / (2 * n)) / (1 + _Z2 / n)
    half = np.sqrt(_Z2 * (share * (1 - share) / n + _Z2 / (4 * n**2))) / (1 + _Z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def _paired(mine: pd.Series, other: pd.Series, ratio: float, trials: Trials) -> dict:
    """`split_interval` of the difference over the splits that both have."""
    gain = (mine - other).dropna()
    runs = tested_runs(trials, gain.index.to_series())
    return split_interval(gain.to_numpy(), ratio, runs, difference=True)


def _both_beaten(one: dict, other: dict) -> dict:
    """The smaller estimate and ends; an end that one of them lacks is lacking."""
    worse = one if one["estimate"] <= other["estimate"] else other
    ends = {name: np.minimum(one[name], other[name]) for name in ("low", "high")}
    larger = {name: np.maximum(one[name], other[name]) for name in ("detectable", "monte_carlo")}
    reason = one["reason"] or other["reason"]
    return worse | ends | larger | {"reason": reason, "interval": "" if reason else worse["interval"]}


def _with_means(results: pd.DataFrame) -> pd.DataFrame:
    """The results, and those of held-out models averaged within each split, as held_out "mean"."""
    held_out = results[results["setting"] == "held_out"]
    keys = ["setting", "evaluated", "features", "classifier", "k", "repeat", "n_train", "n_test", "chance"]
    means = held_out.groupby(keys, sort=False, as_index=False)["accuracy"].mean().assign(held_out="mean")
    return pd.concat([results, means], ignore_index=True)
