"""Ways to choose the few examples that a fingerprint looks at.

A selector sees the features of training runs and the models that made them, and nothing else. It names
examples in order of choice: the first j of them are its choice of j, so that one call serves every k.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from study.analysis.welch import difference, moments, welch_test

Selector = Callable[[np.ndarray, np.ndarray, int, np.random.Generator], np.ndarray]

# What one example can add to the evidence for a pair of models, in powers of ten. Runs that happen to agree
# exactly have p = 0; without a limit one such example would settle the pair for good.
_MOST_EVIDENCE = 16.0


def by_p_value(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Examples with the smallest Welch p-value, each for the pair of models that needs one most.

    The smallest p-values over all pairs would name one odd model again and again. Here the pair whose chosen
    examples tell it apart least (sum of −log10 p, the order of Fisher's combined test) is the one whose
    smallest remaining p-value is taken next; the first choice is the smallest p of all.

    Args:
        features: (runs, N), two runs or more of each model.
        labels: (runs,) integers naming the models.
        k: examples to choose, at most N.
        rng: not used; this selector is deterministic.

    Returns:
        (k,) positions, all different.
    """
    evidence = _evidence(features, labels)
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


def at_random(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """k different examples, all equally likely: what any k examples would do."""
    return rng.permutation(features.shape[1])[:k]


SELECTORS: dict[str, Selector] = {"p_value": by_p_value, "random": at_random}


def _evidence(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(P, N) −log10 of Welch p between every pair of models, at most `_MOST_EVIDENCE`."""
    groups = moments([features[labels == model] for model in np.unique(labels)])
    first, second = np.array(list(combinations(range(len(groups.n)), 2))).T
    _, p = welch_test(difference(groups.take(first), groups.take(second)))
    return -np.log10(np.maximum(p, 10**-_MOST_EVIDENCE))
