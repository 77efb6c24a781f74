"""Runs as points in a plane, by principal components and by discriminants."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.linalg import eigh
from sklearn.covariance import ledoit_wolf_shrinkage, shrunk_covariance

from study.analysis.fingerprint import run_features, stratified_split
from study.analysis.principal_axes import principal_axes

_HALF = 0.5  # of each model's runs are shown in the discriminants' plane; the others settle it
_ROUNDING = 1e-12
_LEAST_SHRINKAGE = 0.01  # very few runs may show no need of any, and then have a covariance without inverse


def run_map(
    scores: Mapping[str, np.ndarray],
    aggregates: Mapping[str, np.ndarray],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Coordinates of runs in four planes: two kinds of features, each by PCA and by LDA.

    Principal components do not know the models and are of all runs. Discriminants do, and with more examples
    than runs they separate whatever they were fitted to, noise included: they are fitted to half of each
    model's runs, and the *other* half is shown.

    Args:
        scores: one score of each model, (R, N), high = hard; described by its within-run normal scores.
        aggregates: of the same runs (R, S): means of S scores, standardised here.
        rng: draws the halves.

    Returns:
        features ("aggregate" or "per_example"), space ("pca" or "lda"), model, run (place among its model's),
        x, y, x_share, y_share (of the variance, of all runs or between models of the fitted half),
        n_fitted, named (LDA only: whether the run lies nearest to its own model's fitted centre in this
        plane), reason (where y is missing: two models have one discriminant).
    """
    per_example, labels = run_features(scores)
    columns = np.concatenate([aggregates[model] for model in scores])
    spread = columns.std(axis=0)
    kept = spread > _ROUNDING * np.maximum(np.abs(columns).max(axis=0), np.finfo(float).tiny)
    aggregate = (columns[:, kept] - columns[:, kept].mean(axis=0)) / spread[kept]
    fitted, shown = stratified_split(labels, rng, _HALF)
    names = np.array(list(scores))
    run = np.concatenate([np.arange(len(matrix)) for matrix in scores.values()])
    parts = []
    for name, features in {"aggregate": aggregate, "per_example": per_example}.items():
        for found in (_components(features), _discriminants(features, labels, fitted, shown)):
            rows = found.pop("rows")
            parts.append(
                pd.DataFrame({"features": name, "model": names[labels[rows]], "run": run[rows], **found})
            )
    order = ["features", "space", "model", "run", "x", "y", "x_share", "y_share", "n_fitted", "named"]
    return pd.concat(parts, ignore_index=True)[[*order, "reason"]]


def _components(features: np.ndarray) -> dict:
    """All runs on their first two principal components."""
    lengths, axes = principal_axes(features - features.mean(axis=0))
    points = np.zeros((len(features), 2))
    points[:, : len(lengths)] = (axes * lengths)[:, :2]
    shares = np.zeros(2)
    shares[: len(lengths)] = (lengths**2 / (lengths**2).sum())[:2]
    plane = {"space": "pca", "rows": np.arange(len(features)), "x": points[:, 0], "y": points[:, 1]}
    return plane | {"x_share": shares[0], "y_share": shares[1]} | _about(len(features))


def _discriminants(features: np.ndarray, labels: np.ndarray, fitted: np.ndarray, shown: np.ndarray) -> dict:
    """The shown runs on the first two discriminants of the fitted ones.

    Fisher's discriminants in the space that those runs span, with the covariance within models shrunk towards
    a multiple of the identity (Ledoit and Wolf 2004, *A well-conditioned estimator for large-dimensional
    covariance matrices*): runs are far fewer than examples. Not by scikit-learn's classifier, which shrinks
    the total covariance too and takes the difference for that between models.
    """
    centre = features[fitted].mean(axis=0)
    lengths, axes = principal_axes(features[fitted] - centre)
    points, known, models = axes * lengths, labels[fitted], np.unique(labels)
    means = np.array([points[known == model].mean(axis=0) for model in models])
    residuals = points - means[known]
    shrinkage = max(_LEAST_SHRINKAGE, ledoit_wolf_shrinkage(residuals, assume_centered=True))
    within = shrunk_covariance(residuals.T @ residuals / len(points), shrinkage)
    values, directions = eigh(means[known].T @ means[known] / len(points), within)
    number = min(len(models) - 1, len(values))
    leading = directions[:, ::-1][:, : min(number, 2)]
    basis = (features[fitted] - centre).T @ (axes / lengths)
    unseen = (features[shown] - centre) @ basis @ leading
    nearest = models[np.square(unseen[:, None] - means @ leading).sum(axis=2).argmin(axis=1)]
    shares = values[::-1][:number] / values[::-1][:number].sum()
    plane = {"space": "lda", "rows": shown, "x": unseen[:, 0], "x_share": shares[0]}
    plane |= _about(len(fitted)) | {"named": nearest == labels[shown]}
    if unseen.shape[1] < 2:
        return plane | {"y": np.nan, "y_share": np.nan, "reason": "there is one discriminant only"}
    return plane | {"y": unseen[:, 1], "y_share": shares[1]}


def _about(runs: int) -> dict:
    return {"n_fitted": runs, "named": None, "reason": ""}
