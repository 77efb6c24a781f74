"""Accuracies and paired differences of `fingerprint`, with intervals that allow for overlapping splits."""

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, corrected_interval

SUBJECT = "p_value"  # whose gain over the baselines is asked for
GREATER = "greater of random and mean_score"
_SETTING = ["setting", "held_out", "evaluated"]
_INTERVAL = ["estimate", "low", "high", "n", "detectable"]


def accuracy_table(results: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy over splits, per setting, way of choosing and k.

    Args:
        results: of `fingerprint`.

    Returns:
        setting, held_out (a model, "mean" over all held-out models, or "" in distribution), evaluated,
        features, k, estimate, low, high (95 %, within [0, 1]), n (splits), detectable, n_train, n_test,
        chance.
    """
    results = _with_means(results)
    rows = []
    for key, group in results.groupby([*_SETTING, "features", "k"], sort=False):
        interval = corrected_interval(group["accuracy"].to_numpy(), _test_to_train(results))
        interval = interval._replace(low=np.maximum(interval.low, 0), high=np.minimum(interval.high, 1))
        rows.append((*key, *interval))
    table = pd.DataFrame(rows, columns=[*_SETTING, "features", "k", *_INTERVAL])
    return table.assign(**{name: results[name].iloc[0] for name in ("n_train", "n_test", "chance")})


def difference_table(results: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of examples chosen by p-value minus that of each baseline, paired by split.

    The random baseline has the same k and setting; the mean score and the accuracy have one number per run,
    and are evaluated on all test runs only. The last baseline is the better of random and mean score: it is
    beaten only if both are, so the row has the smaller estimate, the smaller low and the smaller high of the
    two (intersection–union: the low end errs in at most 2.5 % of studies, the high end in at most 5 %).

    Args:
        results: of `fingerprint`, with selectors "p_value" and "random".

    Returns:
        setting, held_out, evaluated (as in `accuracy_table`), features, baseline ("random", "mean_score",
        "accuracy", "greater of random and mean_score"), k, estimate, low, high, n (splits), detectable.
    """
    results = _with_means(results)
    ratio = _test_to_train(results)
    splits = results.set_index([*_SETTING, "features", "k", "repeat"])["accuracy"].sort_index()
    rows = []
    for setting in results[_SETTING].drop_duplicates().itertuples(index=False, name=None):
        mine = splits.loc[(*setting, SUBJECT)]
        for k in mine.index.unique("k"):
            against = {"random": splits.loc[(*setting, "random", k)]}
            if setting[2] == "all":
                for baseline in ("mean_score", "accuracy"):
                    against[baseline] = splits.loc[("in_distribution", "", "all", baseline, 1)]
            found = {
                name: corrected_interval((mine.loc[k] - other).to_numpy(), ratio)
                for name, other in against.items()
            }
            if "mean_score" in found:
                found[GREATER] = _both_beaten(found["random"], found["mean_score"])
            rows.extend((*setting, SUBJECT, name, k, *interval) for name, interval in found.items())
    return pd.DataFrame(rows, columns=[*_SETTING, "features", "baseline", "k", *_INTERVAL])


def _both_beaten(one: Estimate, other: Estimate) -> Estimate:
    return Estimate(
        min(one.estimate, other.estimate),
        min(one.low, other.low),
        min(one.high, other.high),
        one.n,
        max(one.detectable, other.detectable),
    )


def _with_means(results: pd.DataFrame) -> pd.DataFrame:
    """The results, and those of held-out models averaged within each split, as held_out "mean"."""
    held_out = results[results["setting"] == "held_out"]
    keys = ["setting", "evaluated", "features", "k", "repeat", "n_train", "n_test", "chance"]
    means = held_out.groupby(keys, sort=False, as_index=False)["accuracy"].mean().assign(held_out="mean")
    return pd.concat([results, means], ignore_index=True)


def _test_to_train(results: pd.DataFrame) -> float:
    return results["n_test"].iloc[0] / results["n_train"].iloc[0]
