"""Which model made a run? Named from the difficulty of k examples in that run.

A run is described by the within-run normal scores of its examples, so that neither the scale of a score nor a
run that is better all over gives the model away. Two baselines use exactly what that removes: the run's mean
raw score, and its test accuracy. `fit` is the whole procedure: reported accuracies come from it, and the
checks for leaks examine it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from study.analysis.classifiers import CLASSIFIERS, Classifier
from study.analysis.ranks import normal_scores
from study.analysis.selectors import Selector
from study.errors import StudyError

TEST_SHARE = 0.25  # of each model's runs
KS = (1, 3, 10, 30, 100)
_HEADLINE = 10  # examples of the claim and of captions


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
    classifier: Classifier

    def predict(self, features: np.ndarray) -> np.ndarray:
        """The model, as an integer label, of each run in (runs, N) features."""
        return self.classifier.predict((features[:, self.examples] - self.mean) / self.scale)


def fit(
    features: np.ndarray,
    labels: np.ndarray,
    train: np.ndarray,
    ks: Sequence[int],
    hidden: Sequence[int | None],
    selector: Selector,
    classifiers: Sequence[str],
    seed: np.random.SeedSequence,
) -> dict[tuple[int | None, int, str], Fingerprint]:
    """Chooses examples, scales them and learns to name models: everything between runs and a fingerprint.

    Choosing sees the training runs but for those of the hidden model; scaling and learning see all training
    runs. The same random stream serves every hidden model, so that random examples are the same for all.

    Args:
        features: (runs, N) of all runs, training and test.
        labels: (runs,) integers 0 … K − 1.
        train: rows to learn from, two or more of each model.
        ks: numbers of examples, none above N.
        hidden: labels of models to hide from the selector, one at a time; None hides none.
        selector: chooses examples.
        classifiers: names in `CLASSIFIERS`.
        seed: of the selector and the classifiers.

    Returns:
        The fingerprint for each (hidden, k, classifier).
    """
    seen, models = features[train], labels[train]
    start = int(seed.generate_state(1)[0])
    learned, found = {}, {}
    for model in hidden:
        shown = slice(None) if model is None else models != model
        order = selector(seen[shown], models[shown], max(ks), np.random.default_rng(seed))
        for k in ks:
            for name in classifiers:
                key = (name, order[:k].tobytes())
                if key not in learned:
                    learned[key] = _learn(seen, models, order[:k], name, start)
                found[model, k, name] = learned[key]
    return found


def _learn(
    features: np.ndarray, labels: np.ndarray, examples: np.ndarray, classifier: str, seed: int
) -> Fingerprint:
    """Scales and fits these examples' features of training runs."""
    chosen = features[:, examples]
    mean, scale = chosen.mean(axis=0), chosen.std(axis=0)
    scale = np.where(chosen.max(axis=0) == chosen.min(axis=0), 1.0, scale)
    learn = CLASSIFIERS[classifier]
    return Fingerprint(examples, mean, scale, learn((chosen - mean) / scale, labels, seed))


def every_feature(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """The first k features: with k = N a selector that chooses nothing, for baselines."""
    return np.arange(k)


def headline(ks: Sequence[int]) -> int:
    """The number of examples that claims and captions speak of: the one nearest to ten, on a log scale."""
    return min(ks, key=lambda k: abs(np.log(k / _HEADLINE)))


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
        scores: one score of each model, (R, N) finite values, high = hard; R ≥ 3 may differ by model.

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


def mean_scores(scores: Mapping[str, np.ndarray]) -> np.ndarray:
    """(runs, 1) mean raw score of each run, rows as in `run_features`: the baseline "aggregate"."""
    return np.concatenate([matrix.mean(axis=1) for matrix in scores.values()])[:, None]
