"""Multinomial logistic regression for few observations, many fits at once.

A fingerprint study fits thousands of tiny models (tens of runs, at most a hundred features), where a general
solver spends its time on its own overhead. Here the folds of a cross-validation and all penalties are one
batch of matrix products.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from study.analysis.principal_axes import principal_axes

PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)  # C: weight of the summed loss against half the squared weights
FOLDS = 3
# On the largest entry of the gradient of the mean loss; comparing penalties needs less.
TOLERANCE = 1e-4
_ROUGH_TOLERANCE = 3e-4
_STEPS = 2000


@dataclass(frozen=True)
class Logistic:
    """A fitted classifier: logits = features @ weights + intercept.

    Attributes:
        weights: (k, K).
        intercept: (K,).
        penalty: C, as chosen by cross-validation.
    """

    weights: np.ndarray
    intercept: np.ndarray
    penalty: float

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Classes of (n, k) features."""
        return (features @ self.weights + self.intercept).argmax(axis=1)


def fit(features: np.ndarray, labels: np.ndarray) -> Logistic:
    """Logistic regression with C chosen from `PENALTIES` by the loss on held-out folds of these observations.

    Deterministic: folds take the observations of each class in turn, in the order given. With a single
    observation of some class nothing can be held out, and C is 1.

    Args:
        features: (n, k), about standardised.
        labels: (n,) integers 0 … K − 1, each present.
    """
    if features.shape[1] > len(features):
        # The weights are combinations of the observations: the same fit in n dimensions instead of k.
        lengths, axes = principal_axes(features)
        inside = fit(axes * lengths, labels)
        weights = features.T @ ((axes / lengths) @ inside.weights)
        return Logistic(weights, inside.intercept, inside.penalty)
    targets = np.eye(labels.max() + 1)[labels]
    counts = targets.sum(axis=0)
    folds = min(FOLDS, int(counts.min()))
    penalty = 1.0
    if folds > 1:
        place = (targets.cumsum(axis=0)[np.arange(len(labels)), labels] - 1) % folds
        losses = _held_out_losses(features, targets, place, folds)
        penalty = PENALTIES[int(losses.argmin())]
    weights, intercept = solve(features, targets, np.ones((1, len(labels))), np.array([penalty]))
    return Logistic(weights[0, 0], intercept[0, 0], penalty)


def solve(
    features: np.ndarray,
    targets: np.ndarray,
    used: np.ndarray,
    penalties: np.ndarray,
    tolerance: float = TOLERANCE,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimises C · Σ cross-entropy + ½ ‖weights‖² for every subset of observations and every C.

    Accelerated gradient steps with restarts (O'Donoghue & Candès 2015, *Adaptive restart for accelerated
    gradient schemes*), on the principal axes of the features, where the bound ½ XᵀX ⊗ I on the Hessian
    (Böhning 1992, *Multinomial logistic regression algorithm*) is diagonal and gives each axis its own step.

    Args:
        features: (n, k).
        targets: (n, K) one-hot.
        used: (F, n) 1 for the observations of each subset, else 0.
        penalties: (C,).
        tolerance: on the largest entry of the gradient of the mean loss.

    Returns:
        weights (F, C, k, K) and intercepts (F, C, K).
    """
    number = used.sum(axis=1)
    centre = used @ features / number[:, None]  # (F, k)
    rows = (features - centre[:, None]) * used[:, :, None]
    left, scale, axes = np.linalg.svd(rows, full_matrices=False)
    # The intercept is one more axis, of length √n and without penalty.
    design = np.concatenate([left * scale[:, None], used[:, :, None]], axis=2)  # (F, n, r + 1)
    lengths = np.concatenate([scale, np.sqrt(number)[:, None]], axis=1)  # (F, r + 1)
    ridge = np.ones((len(penalties), lengths.shape[1])) / penalties[:, None]
    ridge[:, -1] = 0
    step = 1 / np.maximum(lengths[:, None] ** 2 / 2 + ridge, np.finfo(float).tiny)  # (F, C, r + 1)
    shape = step.shape[:2]
    subset = np.repeat(np.arange(shape[0]), shape[1])
    point = _descend(
        design[subset],
        np.swapaxes(targets * used[:, :, None], 1, 2)[subset],
        step.reshape(len(subset), 1, -1),
        np.tile(ridge, (shape[0], 1))[:, None],
        (tolerance * number)[subset],
    ).reshape(*shape, targets.shape[1], -1)
    weights = np.swapaxes(point[..., :-1] @ axes[:, None], 2, 3)
    return weights, point[..., -1] - np.einsum("fk,fckl->fcl", centre, weights)


def _descend(
    design: np.ndarray, targets: np.ndarray, step: np.ndarray, ridge: np.ndarray, enough: np.ndarray
) -> np.ndarray:
    """The minimisers (B, K, r) of B fits, each until the largest entry of its gradient is small enough.

    Classes stand before observations, as sums over a short last axis are slow.

    Args:
        design: (B, n, r).
        targets: (B, K, n).
        step, ridge: (B, 1, r).
        enough: (B,).
    """
    found = np.zeros((len(design), targets.shape[1], design.shape[2]))
    point, ahead, momentum = found, found, np.ones((len(design), 1, 1))
    active = np.arange(len(design))
    problem = [design, np.swapaxes(design, 1, 2).copy(), targets, step, ridge, enough]
    for _ in range(_STEPS):
        design, transposed, targets, step, ridge, enough = problem
        gradient = (_softmax(ahead @ transposed) - targets) @ design + ridge * ahead
        going = np.abs(gradient).max(axis=(1, 2)) > enough
        if not going.all():
            found[active[~going]] = ahead[~going]
            if not going.any():
                return found
            problem = [part[going] for part in problem]
            step, point, ahead, momentum, gradient, active = (
                part[going] for part in (step, point, ahead, momentum, gradient, active)
            )
        following = ahead - step * gradient
        moved = following - point
        uphill = (gradient * moved).sum(axis=(1, 2), keepdims=True) > 0
        momentum = np.where(uphill, 1.0, momentum)
        later = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + np.where(uphill, 0.0, (momentum - 1) / later) * moved
        point, momentum = following, later
    found[active] = ahead
    return found


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities over the classes of (B, K, n) logits, in place."""
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits


def _held_out_losses(features: np.ndarray, targets: np.ndarray, place: np.ndarray, folds: int) -> np.ndarray:
    """(C,) cross-entropy summed over observations, each under the fit that did not see it."""
    out = place == np.arange(folds)[:, None]  # (F, n)
    weights, intercept = solve(features, targets, (~out).astype(float), np.array(PENALTIES), _ROUGH_TOLERANCE)
    logits = features @ weights + intercept[:, :, None]  # (F, C, n, K)
    loss = logsumexp(logits, axis=3) - (logits * targets).sum(axis=3)
    return (loss * out[:, None]).sum(axis=(0, 2))
