"""Which model made a run? Named from the difficulty of k examples in that run.

A run is described by the within-run normal scores of its examples, so that neither the scale of a score nor a
run that is better all over gives the model away. Two baselines use exactly what that removes: the run's mean
raw score, and its test accuracy. Splits are by run and stratified by model; choosing examples, scaling and
fitting see training runs only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.analysis import logistic
from study.analysis.ranks import normal_scores
from study.analysis.selectors import SELECTORS, Selector
from study.errors import StudyError

TEST_SHARE = 0.25  # of each model's runs
KS = (1, 3, 10, 30, 100)


@dataclass(frozen=True)
class Fingerprint:
    """A fitted fingerprint of K models.

    Attributes:
        examples: (k,) positions of the examples it looks at.
        mean, scale: (k,) of their features over training runs; scale is 1 where training runs agree.
        classifier: on the standardised features.
    """

    examples: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    classifier: logistic.Logistic

    def predict(self, features: np.ndarray) -> np.ndarray:
        """The model, as an integer label, of each run in (runs, N) features."""
        return self.classifier.predict((features[:, self.examples] - self.mean) / self.scale)


# What a leak check examines: (features, labels, train, k, rng) -> Fingerprint, `train` naming rows.
Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, int, np.random.Generator], Fingerprint]


def fit_with(selector: Selector) -> Fit:
    """The whole procedure, choosing examples included, from all runs and the names of the training runs."""

    def fit(
        features: np.ndarray, labels: np.ndarray, train: np.ndarray, k: int, rng: np.random.Generator
    ) -> Fingerprint:
        seen, models = features[train], labels[train]
        return fit_on(seen, models, selector(seen, models, k, rng))

    return fit


def fit_on(features: np.ndarray, labels: np.ndarray, examples: np.ndarray) -> Fingerprint:
    """Scales and fits these examples' features of training runs, (runs, N), with labels 0 … K − 1."""
    chosen = features[:, examples]
    mean, scale = chosen.mean(axis=0), chosen.std(axis=0)
    scale = np.where(chosen.max(axis=0) == chosen.min(axis=0), 1.0, scale)
    return Fingerprint(examples, mean, scale, logistic.fit((chosen - mean) / scale, labels))


def stratified_split(
    labels: np.ndarray, rng: np.random.Generator, test_share: float = TEST_SHARE
) -> tuple[np.ndarray, np.ndarray]:
    """Training and test rows, with the same number of test runs of every model.

    That number is `test_share` of the runs of the model with the fewest, at least 1.
    """
    number = max(1, round(test_share * np.bincount(labels).min()))
    orders = [rng.permutation(np.flatnonzero(labels == model)) for model in np.unique(labels)]
    return (
        np.sort(np.concatenate([order[number:] for order in orders])),
        np.sort(np.concatenate([order[:number] for order in orders])),
    )


def run_features(scores: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Features (runs, N) of all runs, model by model, and their labels (runs,).

    Args:
        scores: one score of each model, (R, N) finite values; R ≥ 3 may differ by model.

    Raises:
        StudyError: fewer than two models, fewer than three runs, differing examples, or values that are not
            finite.
    """
    if len(scores) < 2:
        raise StudyError("A fingerprint tells models apart", expected="scores of two models or more")
    if len({matrix.shape[1] for matrix in scores.values()}) > 1:
        raise StudyError("The models scored different numbers of examples", where=", ".join(scores))
    for name, matrix in scores.items():
        if len(matrix) < 3:
            raise StudyError(
                f"{len(matrix)} runs are too few to test a fingerprint",
                where=f"model {name}",
                expected="three runs or more: two to learn from, one to name",
                do="train more runs, or leave the model out",
            )
        if not np.isfinite(matrix).all():
            raise StudyError("Scores must be finite", where=f"model {name}", do="leave the score out")
    labels = np.repeat(np.arange(len(scores)), [len(matrix) for matrix in scores.values()])
    return np.concatenate([normal_scores(matrix) for matrix in scores.values()]), labels


def fingerprint(
    scores: Mapping[str, np.ndarray],
    accuracies: Mapping[str, np.ndarray],
    *,
    rng: np.random.Generator,
    ks: Sequence[int] = KS,
    selectors: Sequence[str] = tuple(SELECTORS),
    repeats: int = 20,
) -> pd.DataFrame:
    """How often a run's model is named right, by way of choosing examples and their number.

    Args:
        scores: one score of each model, (R, N), runs × examples.
        accuracies: test accuracy of each model's runs, (R,), in the same order.
        rng: draws splits and random examples.
        ks: numbers of examples, increasing; those above N are left out.
        selectors: names in `SELECTORS`.
        repeats: random splits.

    Returns:
        One row per fit and evaluation: setting ("in_distribution"; "held_out": the examples were chosen
        without one model's runs, while the classifier still learns it), held_out (that model, else ""),
        evaluated ("all" test runs, or those of the "held_out_model"), features (a selector, "mean_score" or
        "accuracy"), k (1 for the two baselines, which only occur in distribution), repeat, n_train, n_test
        (runs of the split), n_evaluated, penalty (C, from inner cross-validation), accuracy, chance.

    Raises:
        StudyError: as `run_features`; or every k is above N.
    """
    features, labels = run_features(scores)
    baselines = {
        "mean_score": np.concatenate([matrix.mean(axis=1) for matrix in scores.values()])[:, None],
        "accuracy": np.concatenate([accuracies[model] for model in scores])[:, None],
    }
    possible = [k for k in ks if k <= features.shape[1]]
    if not possible:
        raise StudyError(
            f"No fingerprint has as few as {features.shape[1]} examples",
            where=f"ks = {list(ks)}",
            expected="a number of examples that the data set has",
        )
    rows = []
    for repeat, stream in enumerate(rng.spawn(repeats)):
        split = _Split(features, labels, list(scores), *stratified_split(labels, stream))
        found = [split.baseline(name, column) for name, column in baselines.items()]
        for name, child in zip(selectors, stream.spawn(len(selectors)), strict=True):
            found.extend(split.curves(name, possible, child.bit_generator.seed_seq))
        rows.extend({**row, "repeat": repeat} for row in found)
    return pd.DataFrame(rows)


class _Split:
    """Fits and evaluations on one split of the runs."""

    def __init__(
        self, features: np.ndarray, labels: np.ndarray, names: list[str], train: np.ndarray, test: np.ndarray
    ) -> None:
        self.features, self.labels, self.names = features, labels, names
        self.train, self.test = train, test
        self._fits: dict[bytes, Fingerprint] = {}

    def baseline(self, name: str, column: np.ndarray) -> dict:
        """The row of a classifier that sees one number per run, (runs, 1)."""
        fitted = fit_on(column[self.train], self.labels[self.train], np.array([0]))
        return self._row(fitted, fitted.predict(column[self.test]), name)

    def curves(self, name: str, ks: Sequence[int], seed: np.random.SeedSequence) -> list[dict]:
        """Rows of one selector at all k, with no model and with each in turn hidden from it."""
        rows = []
        for hidden in (None, *range(len(self.names))):
            seen = self.train if hidden is None else self.train[self.labels[self.train] != hidden]
            if len(np.unique(self.labels[seen])) < 2:
                continue  # of two models, one alone cannot be told from anything
            # The same stream whatever is hidden: random examples then need fitting only once.
            order = SELECTORS[name](
                self.features[seen], self.labels[seen], max(ks), np.random.default_rng(seed)
            )
            for k in ks:
                fitted = self._fit(order[:k])
                named = fitted.predict(self.features[self.test])
                rows.append(self._row(fitted, named, name, hidden))
                if hidden is not None:
                    rows.append(self._row(fitted, named, name, hidden, only=True))
        return rows

    def _fit(self, examples: np.ndarray) -> Fingerprint:
        key = examples.tobytes()
        if key not in self._fits:
            self._fits[key] = fit_on(self.features[self.train], self.labels[self.train], examples)
        return self._fits[key]

    def _row(
        self,
        fitted: Fingerprint,
        named: np.ndarray,
        features: str,
        hidden: int | None = None,
        only: bool = False,
    ) -> dict:
        truth = self.labels[self.test]
        looked_at = truth == hidden if only else np.ones(len(truth), dtype=bool)
        return {
            "setting": "in_distribution" if hidden is None else "held_out",
            "held_out": "" if hidden is None else self.names[hidden],
            "evaluated": "held_out_model" if only else "all",
            "features": features,
            "k": len(fitted.examples),
            "n_train": len(self.train),
            "n_test": len(self.test),
            "n_evaluated": int(looked_at.sum()),
            "penalty": fitted.classifier.penalty,
            "accuracy": float((named == truth)[looked_at].mean()),
            "chance": 1 / len(self.names),
        }
