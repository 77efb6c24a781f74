"""What names a run from the scores of a few examples: logistic regression, or clusters with names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from study.analysis import logistic

_STARTS = 4  # of k-means; the best of them is kept


class Classifier(Protocol):
    """Fitted; a dataclass of arrays and numbers, so that two fits can be compared bit by bit."""

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Labels of (n, k) features."""


@dataclass(frozen=True)
class NamedClusters:
    """Clusters, each with the model that it stands for.

    Attributes:
        centres: (K, k).
        names: (K,) the label of each cluster.
    """

    centres: np.ndarray
    names: np.ndarray

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Label of the nearest centre for each of (n, k) features."""
        distance = np.square(features[:, None] - self.centres).sum(axis=2)
        return self.names[distance.argmin(axis=1)]


def named_clusters(features: np.ndarray, labels: np.ndarray, seed: int) -> NamedClusters:
    """K-means of (n, k) features into as many clusters as there are labels, one label to each cluster.

    The clusters do not know the labels; the assignment that names most of these observations right
    (Hungarian method, Kuhn 1955) does, and sees no others.

    Args:
        features: (n, k), standardised.
        labels: (n,) integers 0 … K − 1, each present.
        seed: of the starting points.
    """
    number = int(labels.max()) + 1
    if len(np.unique(features, axis=0)) < number:
        return _nearest_means(features, labels)
    found = KMeans(number, n_init=_STARTS, random_state=seed).fit(features)
    counts = np.zeros((number, number), dtype=np.int64)
    np.add.at(counts, (found.labels_, labels), 1)
    return NamedClusters(found.cluster_centers_, match(counts))


def match(counts: np.ndarray) -> np.ndarray:
    """(K,) the column for each row of (K, K) counts, one to one, for which their sum is largest."""
    return linear_sum_assignment(counts, maximize=True)[1]


def _nearest_means(features: np.ndarray, labels: np.ndarray) -> NamedClusters:
    """The models' means: fewer different observations than clusters cannot be clustered."""
    names = np.arange(labels.max() + 1)
    return NamedClusters(np.array([features[labels == name].mean(axis=0) for name in names]), names)


# Each is given standardised training features (n, k), their labels 0 … K − 1, and a seed.
CLASSIFIERS: dict[str, Callable[[np.ndarray, np.ndarray, int], Classifier]] = {
    "logistic": lambda features, labels, seed: logistic.fit(features, labels),
    "k_means": named_clusters,
}
