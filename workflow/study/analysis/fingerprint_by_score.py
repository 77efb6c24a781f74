"""The fingerprint for each of several scores: a few examples, all examples, and the mean score alone."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from study.analysis.fingerprint import every_feature, fit, mean_scores, run_features, stratified_split
from study.analysis.fingerprint_tables import INTERVAL, split_interval
from study.analysis.selectors import by_p_value
from study.errors import StudyError

AGGREGATE, FEW, ALL = "mean_score", "p_value", "all"


def fingerprint_of_score(
    scores: Mapping[str, np.ndarray], *, rng: np.random.Generator, k: int, repeats: int
) -> pd.DataFrame:
    """Accuracy of naming a run's model from the mean of a score, from k examples, and from all of them.

    Logistic regression; the k examples have the smallest p-values. Scores compared with the same `rng` are
    tested on the same splits.

    Args:
        scores: one score of each model, (R, N), high = hard.
        rng: draws splits.
        k: examples, or N if that is less.
        repeats: splits.

    Returns:
        Five rows: statistic ("accuracy", or "gain" over the mean score, paired by split), features
        ("mean_score", "p_value" or "all"), k, the columns of `split_interval`, n_train, n_test, chance. Where
        the score cannot be used, `reason` says why and numbers are missing.
    """
    try:
        features, labels = run_features(scores)
    except StudyError as error:
        return _undefined(str(error.what))
    k = min(k, features.shape[1])
    forms = {
        AGGREGATE: (mean_scores(scores), 1, every_feature),
        FEW: (features, k, by_p_value),
        ALL: (features, features.shape[1], every_feature),
    }
    right = {name: np.empty(repeats) for name in forms}
    tested = set()
    for repeat, stream in enumerate(rng.spawn(repeats)):
        train, test = stratified_split(labels, stream)
        tested |= set(test.tolist())
        for name, (seen, number, selector) in forms.items():
            seed = stream.bit_generator.seed_seq
            fitted = fit(seen, labels, train, [number], [None], selector, ["logistic"], seed)
            named = fitted[None, number, "logistic"].predict(seen[test])
            right[name][repeat] = (named == labels[test]).mean()
    ratio, rows = len(test) / len(train), []
    for name, (_, number, _) in forms.items():
        about = {"features": name, "k": number}
        found = split_interval(right[name], ratio, len(tested))
        found |= {"low": np.maximum(found["low"], 0), "high": np.minimum(found["high"], 1)}
        rows.append({"statistic": "accuracy", **about, **found})
        if name != AGGREGATE:
            gain = split_interval(right[name] - right[AGGREGATE], ratio, len(tested), difference=True)
            rows.append({"statistic": "gain", **about, **gain})
    table = pd.DataFrame(rows)
    return table.assign(n_train=len(train), n_test=len(test), chance=1 / len(scores))


def _undefined(reason: str) -> pd.DataFrame:
    rows = [("accuracy", AGGREGATE), ("accuracy", FEW), ("gain", FEW), ("accuracy", ALL), ("gain", ALL)]
    table = pd.DataFrame(rows, columns=["statistic", "features"])
    table[["k", *INTERVAL, "n_train", "n_test", "chance"]] = np.nan
    return table.assign(n=0, interval="", reason=reason)
