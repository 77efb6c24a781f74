"""How often a fingerprint names the model of a run that it has not seen, over repeated splits of the runs.

Three sizes of experiment, as a verdict must not hang on the splits and held-out models are many: the
baselines and one k, chosen on all models and named by the first classifier, take all splits; other k and
classifiers the first some of them; held-out models the first few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.analysis.classifiers import CLASSIFIERS
from study.analysis.fingerprint import (
    KS,
    every_feature,
    fit,
    headline,
    mean_scores,
    run_features,
    stratified_split,
)
from study.analysis.selectors import SELECTORS, Selector
from study.errors import StudyError

BASELINES = ("mean_score", "accuracy")


@dataclass(frozen=True)
class Trials:
    """What came out of all splits.

    Attributes:
        accuracies: one row per fit and evaluation: setting ("in_distribution"; "held_out": the examples were
            chosen without one model's runs, while the classifier still learns it), held_out (that model, else
            ""), evaluated ("all" test runs, or those of the "held_out_model"), features (a selector, or the
            baseline "mean_score" or "accuracy"), classifier, k (1 for the baselines, which only occur in
            distribution), repeat, n_train, n_test (runs of the split), accuracy, chance.
        chosen: the examples chosen on all models: repeat, features, place (0 … k − 1), example.
        tested: (repeats, n_test) rows of the runs tested in each split.
        labels: (runs,) place of each run's model in `models`.
        models: their names.
    """

    accuracies: pd.DataFrame
    chosen: pd.DataFrame
    tested: np.ndarray
    labels: np.ndarray
    models: list[str]


def fingerprint(
    scores: Mapping[str, np.ndarray],
    accuracies: Mapping[str, np.ndarray],
    *,
    rng: np.random.Generator,
    ks: Sequence[int] = KS,
    selectors: Mapping[str, Selector] = SELECTORS,
    classifiers: Sequence[str] = tuple(CLASSIFIERS),
    repeats: int = 200,
    curve_repeats: int = 20,
    held_out_repeats: int = 5,
) -> Trials:
    """How often a run's model is named right, by way of choosing examples, their number, and classifier.

    Args:
        scores: one score of each model, (R, N), runs × examples, high = hard.
        accuracies: test accuracy of each model's runs, (R,), in the same order.
        rng: draws splits, random examples and starting points.
        ks: numbers of examples, increasing; those above N are left out.
        selectors: by name.
        classifiers: names in `CLASSIFIERS`.
        repeats: random splits for the baselines and for the k of `headline`, chosen on all models, with the
            first classifier.
        curve_repeats: so many of them also for every other k and classifier.
        held_out_repeats: so many of them also for held-out models.

    Raises:
        StudyError: as `run_features`; or every k is above N.
    """
    features, labels = run_features(scores)
    columns = {
        "mean_score": mean_scores(scores),
        "accuracy": np.concatenate([accuracies[model] for model in scores])[:, None],
    }
    possible = possible_ks(ks, features.shape[1])
    models = list(scores)
    rows, chosen, tested = [], [], []
    for repeat, stream in enumerate(rng.spawn(repeats)):
        split = _Split(labels, *stratified_split(labels, stream), models, repeat, rows)
        curves = repeat < curve_repeats
        numbers = possible if curves else [headline(possible)]
        used = classifiers if curves else classifiers[:1]
        # Of two models one alone cannot be told from anything.
        each = range(len(models)) if repeat < held_out_repeats and len(models) > 2 else ()
        seeds = stream.bit_generator.seed_seq.spawn(len(columns) + len(selectors))
        for (name, column), seed in zip(columns.items(), seeds, strict=False):
            split.record(
                name, column, fit(column, labels, split.train, [1], [None], every_feature, used, seed)
            )
        for (name, selector), seed in zip(selectors.items(), seeds[len(columns) :], strict=True):
            found = fit(features, labels, split.train, numbers, [None, *each], selector, used, seed)
            split.record(name, features, found)
            order = found[None, max(numbers), used[0]].examples
            place = np.arange(len(order))
            chosen.append(
                pd.DataFrame({"repeat": repeat, "features": name, "place": place, "example": order})
            )
        tested.append(split.test)
    return Trials(pd.DataFrame(rows), pd.concat(chosen, ignore_index=True), np.array(tested), labels, models)


def possible_ks(ks: Sequence[int], examples: int) -> list[int]:
    """Those of `ks` that a data set of so many examples has.

    Raises:
        StudyError: none.
    """
    possible = [k for k in ks if k <= examples]
    if not possible:
        raise StudyError(
            f"No fingerprint has as few as {examples} examples",
            where=f"ks = {list(ks)}",
            expected="a number of examples that the data set has",
        )
    return possible


@dataclass
class _Split:
    """Records what fingerprints of one split name the test runs."""

    labels: np.ndarray
    train: np.ndarray
    test: np.ndarray
    models: list[str]
    repeat: int
    rows: list[dict]

    def record(self, name: str, features: np.ndarray, found: Mapping) -> None:
        """A row for each fingerprint, and another for the hidden model's runs where one was hidden."""
        truth = self.labels[self.test]
        for (hidden, k, classifier), fitted in found.items():
            right = fitted.predict(features[self.test]) == truth
            row = {"features": name, "classifier": classifier, "k": k}
            if hidden is None:
                self._add("in_distribution", "", "all", right, row)
            else:
                self._add("held_out", self.models[hidden], "all", right, row)
                self._add("held_out", self.models[hidden], "held_out_model", right[truth == hidden], row)

    def _add(self, setting: str, held_out: str, evaluated: str, right: np.ndarray, row: dict) -> None:
        self.rows.append(
            {
                "setting": setting,
                "held_out": held_out,
                "evaluated": evaluated,
                **row,
                "repeat": self.repeat,
                "n_train": len(self.train),
                "n_test": len(self.test),
                "accuracy": float(right.mean()),
                "chance": 1 / len(self.models),
            }
        )
