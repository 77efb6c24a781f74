"""Does a fingerprint know more than it should? Two checks of the whole procedure, choosing examples included.

Accuracy is worthless if test runs took part in choosing examples, in scaling or in fitting. The first check
alters the test runs and asks for the same fingerprint, bit for bit; the second breaks the tie between runs
and models before anything is chosen and asks for no more than chance. Both call `fit`, as the reported
accuracies do, and both must catch a procedure that is made to leak: its selector looks at all runs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from study.analysis import fingerprint as whole
from study.analysis.classifiers import CLASSIFIERS
from study.analysis.selectors import SELECTORS, Selector, by_balanced_p_value

CONTROL = "leaky control"
_RISK = 0.01  # that any of a study's checks of shuffled labels cries wolf
_ALTERED, _SHUFFLED = 3, 20  # splits of each check
_EXAMPLES = 2_000  # from which checks choose: a procedure that leaks does so among any examples

# (features, labels, train, seed) -> fingerprint; `train` names the rows to learn from.
Procedure = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.SeedSequence], whole.Fingerprint]


def leak_checks(
    scores: Mapping[str, np.ndarray],
    accuracies: Mapping[str, np.ndarray],
    *,
    rng: np.random.Generator,
    k: int = 10,
    selectors: Mapping[str, Selector] = SELECTORS,
    classifiers: Sequence[str] = tuple(CLASSIFIERS),
    repeats: int = _SHUFFLED,
) -> pd.DataFrame:
    """Both checks for each selector, classifier and setting, for the baselines, and for a leaky control.

    Args:
        scores, accuracies: as for `fingerprint`.
        rng: draws splits, altered runs and shuffled labels.
        k: examples to choose, or N if that is less, among at most 2,000 that are drawn.
        selectors, classifiers: as for `fingerprint`.
        repeats: splits in which labels are shuffled.

    Returns:
        check ("test runs altered" or "labels shuffled"), setting ("in_distribution" or "held_out", where each
        split hides another model), features, classifier, k, estimate, low, high, n, leak, control, passed.
        For altered runs the estimate is the share of n splits with an unchanged fingerprint: there is a leak
        below 1. For shuffled labels it is the mean accuracy over n splits: there is a leak above `high`.
        `passed`: no leak was found, or, for the control, one was.
    """
    features, labels = whole.run_features(scores)
    columns = {
        "mean_score": whole.mean_scores(scores),
        "accuracy": np.concatenate([accuracies[model] for model in scores])[:, None],
    }
    if features.shape[1] > _EXAMPLES:
        features = features[:, np.sort(rng.choice(features.shape[1], _EXAMPLES, replace=False))]
    k = min(k, features.shape[1])
    cases = []
    for classifier in classifiers:
        for name, column in columns.items():
            cases.append((name, classifier, 1, False, column, honest(whole.every_feature, classifier, 1)))
        for name, selector in selectors.items():
            for held_out in (False, True) if len(scores) > 2 else (False,):
                procedure = honest(selector, classifier, k, held_out)
                cases.append((name, classifier, k, held_out, features, procedure))
    cases.append((CONTROL, classifiers[0], k, False, features, leaky(classifiers[0], k)))
    risk = _RISK / len(cases)
    rows = []
    for case, stream in zip(cases, rng.spawn(len(cases)), strict=True):
        name, classifier, number, held_out, seen, procedure = case
        setting = "held_out" if held_out else "in_distribution"
        for row in (
            altered_test_runs(procedure, seen, labels, rng=stream),
            shuffled_labels(procedure, seen, labels, rng=stream, repeats=repeats, risk=risk),
        ):
            about = {"setting": setting, "features": name, "classifier": classifier, "k": number}
            control = name == CONTROL
            passed = row["leak"] == control
            rows.append({"check": row.pop("check"), **about, **row, "control": control, "passed": passed})
    return pd.DataFrame(rows)


def honest(selector: Selector, classifier: str, k: int, held_out: bool = False) -> Procedure:
    """The procedure whose accuracies are reported; held out, it hides a model that changes with the seed."""

    def procedure(
        features: np.ndarray, labels: np.ndarray, train: np.ndarray, seed: np.random.SeedSequence
    ) -> whole.Fingerprint:
        hidden = int(seed.generate_state(1)[0] % (labels.max() + 1)) if held_out else None
        fitted = whole.fit(features, labels, train, [k], [hidden], selector, [classifier], seed)
        return fitted[hidden, k, classifier]

    return procedure


def leaky(classifier: str, k: int) -> Procedure:
    """The same, but for a selector that looks at all runs: the mistake that the checks are there for."""

    def procedure(
        features: np.ndarray, labels: np.ndarray, train: np.ndarray, seed: np.random.SeedSequence
    ) -> whole.Fingerprint:
        def peeks(seen: np.ndarray, models: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
            return by_balanced_p_value(features, labels, number, rng)

        return whole.fit(features, labels, train, [k], [None], peeks, [classifier], seed)[None, k, classifier]

    return procedure


def altered_test_runs(
    procedure: Procedure,
    features: np.ndarray,
    labels: np.ndarray,
    *,
    rng: np.random.Generator,
    repeats: int = _ALTERED,
) -> dict:
    """Whether examples, scaler and classifier stay bit-identical when other values stand in the test runs.

    The test runs' features are replaced by noise, and their labels by one another's.

    Args:
        procedure: given all runs and told which rows to learn from.
        features: (runs, N).
        labels: (runs,).
    """
    unchanged = 0
    for stream in rng.spawn(repeats):
        train, test = whole.stratified_split(labels, stream)
        other_features, other_labels = features.copy(), labels.copy()
        other_features[test] = stream.standard_normal((len(test), features.shape[1]))
        other_labels[test] = np.roll(labels[test], 1)
        seed = stream.bit_generator.seed_seq
        before = procedure(features, labels, train, seed)
        unchanged += identical(before, procedure(other_features, other_labels, train, seed))
    share = unchanged / repeats
    return {
        "check": "test runs altered",
        "estimate": share,
        "low": 1.0,
        "high": 1.0,
        "n": repeats,
        "leak": unchanged < repeats,
    }


def shuffled_labels(
    procedure: Procedure,
    features: np.ndarray,
    labels: np.ndarray,
    *,
    rng: np.random.Generator,
    repeats: int = _SHUFFLED,
    risk: float = _RISK,
) -> dict:
    """Whether runs with shuffled labels are named right more often than by chance.

    Labels are shuffled anew for each split, before any choice. A one-sided t-test over splits, as the runs of
    one split are named alike or not. Below chance is no leak: where training runs have more than their share
    of a label, test runs have less of it.

    Args:
        procedure, features, labels: as in `altered_test_runs`.
        repeats: splits.
        risk: of finding a leak where there is none.
    """
    accuracies = np.empty(repeats)
    for place, stream in enumerate(rng.spawn(repeats)):
        shuffled = stream.permutation(labels)
        train, test = whole.stratified_split(shuffled, stream)
        fitted = procedure(features, shuffled, train, stream.bit_generator.seed_seq)
        accuracies[place] = (fitted.predict(features[test]) == shuffled[test]).mean()
    chance = 1 / len(np.unique(labels))
    error = accuracies.std(ddof=1) / np.sqrt(repeats)
    high = chance + student.isf(risk, repeats - 1) * error
    return {
        "check": "labels shuffled",
        "estimate": accuracies.mean(),
        "low": 0.0,
        "high": min(1.0, high),
        "n": repeats,
        "leak": bool(accuracies.mean() > high + np.finfo(float).eps),
    }


def identical(one: object, other: object) -> bool:
    """Whether two dataclasses hold the same arrays, numbers and dataclasses, bit for bit."""
    if not is_dataclass(one):
        return np.array_equal(one, other)
    return type(one) is type(other) and all(
        identical(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)
    )
