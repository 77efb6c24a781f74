"""Distances to prototypes in feature space (Sorscher et al. 2022, arXiv 2206.14486).

A prototype is the mean of the penultimate features of a class, or of a cluster. Shapes: N examples, D
features, K clusters.
"""

import warnings

import numpy as np


def prototype(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N,) Euclidean distance of (N, D) features to the mean of the example's own class, itself included."""
    features = np.asarray(features, dtype=np.float64)
    distances = np.zeros(len(features))
    for label in np.unique(labels):
        own = labels == label
        distances[own] = _norms(features[own] - features[own].mean(axis=0))
    return distances


def self_prototype(features: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """(N,) Euclidean distance of (N, D) features to the nearest of K k-means centroids.

    One start by k-means++ and Lloyd's iterations in float64, on one thread: the same seed gives the same
    bytes. Where there are fewer distinct examples than clusters, the distances are 0
    but for rounding.

    Args:
        clusters: K; at most N of them are made.
        seed: of the random start, below 2³².
    """
    # They take seconds to import, and only some processes get here.
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    features = np.asarray(features, dtype=np.float64)
    kmeans = KMeans(min(clusters, len(features)), n_init=1, random_state=seed)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        own = kmeans.fit_predict(features)
    return _norms(features - kmeans.cluster_centers_[own])


def _norms(rows: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("nd,nd->n", rows, rows))
