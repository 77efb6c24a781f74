"""Does a fingerprint know more than it should? Two checks of the whole procedure, choosing examples included.

Accuracy is worthless if test runs took part in choosing examples, in scaling or in fitting. The first check
alters the test runs and asks for the same fingerprint, bit for bit; the second breaks the tie between runs
and models before anything is chosen and asks for chance.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import binom

from study.analysis.fingerprint import Fingerprint, Fit, fit_with, run_features, stratified_split
from study.analysis.selectors import SELECTORS

_CONFIDENCE = 0.999  # of the interval around chance: a check that is run on every study must rarely cry wolf


def leak_checks(
    scores: Mapping[str, np.ndarray],
    *,
    rng: np.random.Generator,
    k: int = 10,
    selectors: Sequence[str] = tuple(SELECTORS),
    repeats: int = 20,
) -> pd.DataFrame:
    """Both checks for each selector.

    Args:
        scores: one score of each model, (R, N), as for `fingerprint`.
        rng: draws splits, altered runs and shuffled labels.
        k: examples to choose, or N if that is less.
        selectors: names in `SELECTORS`.
        repeats: splits of each check.

    Returns:
        check ("test runs altered" or "labels shuffled"), features, k, estimate, low, high, n, passed. For
        altered runs the estimate is the share of n splits with an unchanged fingerprint and must be 1; for
        shuffled labels it is the accuracy over n test runs, and low and high are the 99.9 % range of a
        binomial at chance in which it must lie.
    """
    features, labels = run_features(scores)
    k = min(k, features.shape[1])
    rows = []
    for name, stream in zip(selectors, rng.spawn(len(selectors)), strict=True):
        fit = fit_with(SELECTORS[name])
        for row in (
            altered_test_runs(fit, features, labels, k=k, rng=stream, repeats=repeats),
            shuffled_labels(fit, features, labels, k=k, rng=stream, repeats=repeats),
        ):
            rows.append({"check": row.pop("check"), "features": name, "k": k, **row})
    return pd.DataFrame(rows)


def altered_test_runs(
    fit: Fit, features: np.ndarray, labels: np.ndarray, *, k: int, rng: np.random.Generator, repeats: int
) -> dict:
    """Whether examples, scaler and classifier stay bit-identical when other values stand in the test runs.

    The test runs' features are replaced by noise, and their labels by one another's.

    Args:
        fit: the procedure, given all runs and told which rows to learn from.
        features: (runs, N).
        labels: (runs,).
    """
    unchanged = 0
    for stream in rng.spawn(repeats):
        train, test = stratified_split(labels, stream)
        other_features, other_labels = features.copy(), labels.copy()
        other_features[test] = stream.standard_normal((len(test), features.shape[1]))
        other_labels[test] = np.roll(labels[test], 1)
        seed = stream.bit_generator.seed_seq
        before = fit(features, labels, train, k, np.random.default_rng(seed))
        after = fit(other_features, other_labels, train, k, np.random.default_rng(seed))
        unchanged += _identical(before, after)
    share = unchanged / repeats
    return {
        "check": "test runs altered",
        "estimate": share,
        "low": 1.0,
        "high": 1.0,
        "n": repeats,
        "passed": unchanged == repeats,
    }


def shuffled_labels(
    fit: Fit, features: np.ndarray, labels: np.ndarray, *, k: int, rng: np.random.Generator, repeats: int
) -> dict:
    """Whether runs with shuffled labels are named right no more, and no less, often than by chance.

    Arguments as in `altered_test_runs`. Labels are shuffled anew for each split, before any choice.
    """
    right, tested = 0, 0
    for stream in rng.spawn(repeats):
        shuffled = stream.permutation(labels)
        train, test = stratified_split(shuffled, stream)
        fitted = fit(features, shuffled, train, k, stream)
        right += int((fitted.predict(features[test]) == shuffled[test]).sum())
        tested += len(test)
    low, high = binom.interval(_CONFIDENCE, tested, 1 / len(np.unique(labels)))
    return {
        "check": "labels shuffled",
        "estimate": right / tested,
        "low": low / tested,
        "high": high / tested,
        "n": tested,
        "passed": low <= right <= high,
    }


def _identical(one: Fingerprint, other: Fingerprint) -> bool:
    pairs = (
        (one.examples, other.examples),
        (one.mean, other.mean),
        (one.scale, other.scale),
        (one.classifier.weights, other.classifier.weights),
        (one.classifier.intercept, other.classifier.intercept),
        (one.classifier.penalty, other.classifier.penalty),
    )
    return all(np.array_equal(a, b) for a, b in pairs)
