"""Scores of one evaluation: from logits (N, C) and labels (N,) to one float64 number per example.

A score is one function of `Predictions`, decorated with `pointwise_score`, and one line in `registry.py`.
Decorated functions take `(logits, labels)`; `pointwise_scores` computes all of them from one softmax.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from study.errors import StudyError


@dataclass(frozen=True)
class Predictions:
    """What pointwise scores are computed from, once for all of them."""

    logits: np.ndarray  # (N, C) float64
    labels: np.ndarray  # (N,) integers in 0…C-1
    predicted: np.ndarray  # (N,) the class of the largest logit; the first of equals
    runner_up: np.ndarray  # (N,) the class of the largest logit among the classes that are not the label
    log_p: np.ndarray  # (N, C) log softmax
    p: np.ndarray  # (N, C) softmax

    def of(self, values: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """(N,) entries of `values` (N, C) at one class per example."""
        return values[np.arange(len(classes)), classes]


Formula = Callable[[Predictions], np.ndarray]
PointwiseScore = Callable[[np.ndarray, np.ndarray], np.ndarray]

FUNCTIONS: dict[str, Formula] = {}  # every pointwise score by name, in the order of this file


def pointwise_score(formula: Formula) -> PointwiseScore:
    """Make a function of `Predictions` a pointwise score: taken each epoch, called with (logits, labels)."""

    def score(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return formula(predictions(logits, labels))

    FUNCTIONS[formula.__name__] = formula
    score.__name__ = score.__qualname__ = formula.__name__  # not functools.wraps: the arguments differ
    score.__doc__ = formula.__doc__
    return score


def pointwise_scores(logits: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Every pointwise score by name, from one softmax.

    Args:
        logits: (N, C) floats, C ≥ 2.
        labels: (N,) integers in 0…C-1.

    Raises:
        StudyError: a logit is not finite, a label is no class, or there are fewer than two classes.
    """
    shared = predictions(logits, labels)
    return {name: formula(shared) for name, formula in FUNCTIONS.items()}


def predictions(logits: np.ndarray, labels: np.ndarray) -> Predictions:
    """Softmax and the like of (N, C) logits; arguments and errors as in `pointwise_scores`."""
    logits, labels = np.asarray(logits), np.asarray(labels)
    _check(logits, labels)
    logits = np.ascontiguousarray(logits, dtype=np.float64)
    rows = np.arange(len(labels))

    without_label = logits.copy()
    without_label[rows, labels] = -np.inf
    runner_up = without_label.argmax(axis=1)

    # log Σ exp is log1p of the terms beside the largest, which is exactly 1. So the loss of a confident
    # example keeps its digits (1e-30, say) where log(1 + 1e-30) would tie it with all others at 0.
    predicted = logits.argmax(axis=1)
    log_p = logits - logits[rows, predicted, None]
    beside = np.exp(log_p)
    beside[rows, predicted] = 0
    log_p -= np.log1p(beside.sum(axis=1))[:, None]
    return Predictions(logits, labels, predicted, runner_up, log_p, np.exp(log_p))


@pointwise_score
def loss(o: Predictions) -> np.ndarray:
    """Cross-entropy −log p_y, in nats."""
    return 0.0 - o.of(o.log_p, o.labels)  # not unary minus: no -0.0 in tables


@pointwise_score
def accuracy(o: Predictions) -> np.ndarray:
    """1 where the largest logit is the label's, else 0; of equal logits the first class counts as largest."""
    return (o.predicted == o.labels).astype(np.float64)


@pointwise_score
def confidence(o: Predictions) -> np.ndarray:
    """Probability of the label, p_y (Swayamdipta et al. 2020, Sec. 2.1)."""
    return o.of(o.p, o.labels)


@pointwise_score
def max_confidence(o: Predictions) -> np.ndarray:
    """Largest probability, max_j p_j (Jiang et al. 2021, learning-speed proxies)."""
    return o.of(o.p, o.predicted)


@pointwise_score
def entropy(o: Predictions) -> np.ndarray:
    """Entropy of the prediction, −Σ_j p_j log p_j, in nats (Jiang et al. 2021, learning-speed proxies)."""
    return 0.0 - np.einsum("nc,nc->n", o.p, o.log_p)


@pointwise_score
def margin(o: Predictions) -> np.ndarray:
    """Probability of the label less that of the best other class, p_y − max_{j≠y} p_j."""
    return o.of(o.p, o.labels) - o.of(o.p, o.runner_up)


@pointwise_score
def aum(o: Predictions) -> np.ndarray:
    """Logit of the label less that of the best other class, z_y − max_{j≠y} z_j (Pleiss et al. 2020, Sec. 3).

    Its mean over epochs is the area under the margin.
    """
    return o.of(o.logits, o.labels) - o.of(o.logits, o.runner_up)


@pointwise_score
def el2n(o: Predictions) -> np.ndarray:
    """Length of the error vector, ‖p − onehot(y)‖₂, not squared (Paul et al. 2021, Sec. 2).

    Squared it would rank the examples of one run alike, but not those of a mean over runs or epochs.
    """
    error = o.p.copy()
    # p_y − 1 by expm1: no digits are lost where p_y is near 1.
    error[np.arange(len(o.labels)), o.labels] = np.expm1(o.of(o.log_p, o.labels))
    return np.sqrt(np.einsum("nc,nc->n", error, error))


def _check(logits: np.ndarray, labels: np.ndarray) -> None:
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ValueError(f"logits {logits.shape} and labels {labels.shape} are not (N, C) and (N,)")
    classes = logits.shape[1]
    if classes < 2:
        raise StudyError(
            "scores of a classifier need at least two classes",
            where=f"logits of {logits.shape[0]} examples and {classes} classes",
            do="check the data set's classes",
        )
    bad = np.flatnonzero(~np.isfinite(logits).all(axis=1))
    if len(bad):
        raise StudyError(
            f"logits of {len(bad)} of {len(logits)} examples are not finite",
            where=f"first at row {bad[0]}",
            expected="finite numbers",
            do="training has diverged: lower the learning rate or use another seed",
        )
    strangers = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(strangers):
        raise StudyError(
            f"labels of {len(strangers)} of {len(labels)} examples are no class of the model",
            where=f"first at row {strangers[0]}: label {labels[strangers[0]]}",
            expected=f"an integer from 0 to {classes - 1}",
            do="check the data set's labels and its number of classes",
        )
