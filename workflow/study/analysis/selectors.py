"""Ways to choose the few examples that a fingerprint looks at.

A selector sees the features of training runs and the models that made them, and nothing else. It names
examples in order of choice: the first j of them are its choice of j, so that one call serves every k.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from study.analysis import logistic
from study.analysis.principal_axes import principal_axes
from study.analysis.welch import difference, moments, welch_test

Selector = Callable[[np.ndarray, np.ndarray, int, np.random.Generator], np.ndarray]

# What one example can add to the evidence for a pair of models, in powers of ten. Runs that happen to agree
# exactly have p = 0; without a limit one such example would settle the pair for good.
_MOST_EVIDENCE = 16.0
_PENALTY = 1.0  # C of the regression on all examples: it only orders them, and few runs would settle it badly


def by_p_value(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Examples with the smallest Welch p-value over pairs of models.

    One odd model can take all of them: its pairs have the smallest p-values again and again.

    Args:
        features: (runs, N), two runs or more of each model.
        labels: (runs,) integers naming the models.
        k: examples to choose, at most N.
        rng: not used; of the selectors only `at_random` is not deterministic.

    Returns:
        (k,) positions, all different; equal p-values in order of position.
    """
    return _first(_p_values(features, labels).min(axis=0), k)


def by_balanced_p_value(
    features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator
) -> np.ndarray:
    """Examples with small Welch p-values, each for the pair of models that needs one most.

    The pair whose chosen examples tell it apart least (sum of −log10 p, the order of Fisher's combined test)
    is the one whose smallest remaining p-value is taken next; the first choice is the smallest p of all.
    Arguments and result as in `by_p_value`.
    """
    evidence = -np.log10(np.maximum(_p_values(features, labels), 10**-_MOST_EVIDENCE))
    gathered = np.zeros(len(evidence))
    needy = int(evidence.max(axis=1).argmax())
    chosen = np.empty(k, dtype=np.int64)
    for place in range(k):
        best = int(evidence[needy].argmax())
        chosen[place] = best
        gathered += evidence[:, best]
        evidence[:, best] = -np.inf
        needy = int(gathered.argmin())
    return chosen


def by_coefficient(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Examples with the largest coefficient, for any model, in a logistic regression on all examples.

    The regression is multinomial with C = 1, on features standardised over these runs. Its weights are
    combinations of the runs, so it is solved in as many dimensions as there are runs, whatever N. Arguments
    and result as in `by_p_value`.
    """
    spread = features.std(axis=0)
    spread[features.max(axis=0) == features.min(axis=0)] = 1.0
    standard = (features - features.mean(axis=0)) / spread
    lengths, axes = principal_axes(standard)
    targets = (labels[:, None] == np.unique(labels)).astype(float)
    everything = np.ones((1, len(labels)))
    weights, _ = logistic.solve(axes * lengths, targets, everything, np.array([_PENALTY]))
    coefficients = standard.T @ ((axes / lengths) @ weights[0, 0])
    return _first(-np.abs(coefficients).max(axis=1), k)


def by_loading(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Examples with the largest loadings on the first K − 1 principal components of the runs.

    K models differ in K − 1 directions; which runs are of which model plays no part. The loading of an
    example is the length of its K − 1 covariances with the standardised components. Arguments and result as
    in `by_p_value`.
    """
    centred = features - features.mean(axis=0)
    _, axes = principal_axes(centred)
    leading = axes[:, : len(np.unique(labels)) - 1]
    return _first(-np.square(centred.T @ leading).sum(axis=1), k)


def by_difficulty(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """The hardest examples: the largest mean over runs, as high means hard. Arguments as in `by_p_value`."""
    return _first(-features.mean(axis=0), k)


def at_random(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """k different examples, all equally likely: what any k examples would do."""
    return rng.permutation(features.shape[1])[:k]


SELECTORS: dict[str, Selector] = {
    "p_value": by_p_value,
    "p_value_balanced": by_balanced_p_value,
    "coefficient": by_coefficient,
    "loading": by_loading,
    "difficulty": by_difficulty,
    "random": at_random,
}


def _first(values: np.ndarray, k: int) -> np.ndarray:
    """Positions of the k smallest values, ties in order of position."""
    return np.argsort(values, kind="stable")[:k]


def _p_values(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(P, N) two-sided Welch p-values between every pair of models."""
    groups = moments([features[labels == model] for model in np.unique(labels)])
    first, second = np.array(list(combinations(range(len(groups.n)), 2))).T
    return welch_test(difference(groups.take(first), groups.take(second)))[1]
