"""Pointwise scores against exact arithmetic on one example at a time, and against torch's own loss."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from study.scores import pointwise

getcontext().prec = 60  # digits: 1 - p is exact to float64 down to 1e-40
LOGIT = st.one_of(st.floats(-1e4, 1e4), st.integers(-3, 3).map(float), st.sampled_from([-1e4, 0.0, 1e4]))
EXAMPLE = st.integers(2, 6).flatmap(
    lambda c: st.tuples(st.lists(LOGIT, min_size=c, max_size=c), st.integers(0, c - 1))
)


def slow_scores(logits, label):
    """Textbook formulas in 60 digits."""
    z = [Decimal(v) for v in logits]
    weights = [(v - max(z)).exp() for v in z]
    p = [w / sum(weights) for w in weights]
    others = [j for j in range(len(z)) if j != label]
    error = [p[j] - (1 if j == label else 0) for j in range(len(z))]
    return {
        "loss": sum(weights).ln() - (z[label] - max(z)),
        "accuracy": Decimal(z.index(max(z)) == label),
        "confidence": p[label],
        "max_confidence": max(p),
        "entropy": -sum(q * q.ln() for q in p if q > 0),
        "margin": p[label] - max(p[j] for j in others),
        "aum": z[label] - max(z[j] for j in others),
        "el2n": sum(e * e for e in error).sqrt(),
    }


def check(scores, logits, label):
    expected = slow_scores(logits, label)
    assert scores.keys() == expected.keys()
    for name, value in expected.items():
        # Below 1e-40 the oracle's own digits end.
        assert scores[name] == pytest.approx(float(value), rel=1e-11, abs=1e-40), name


def ours(logits, label):
    scores = pointwise.pointwise_scores(np.array([logits]), np.array([label]))
    return {name: value.item() for name, value in scores.items()}


# Differences of probabilities (margin) cancel; everything else keeps its relative precision.
def check_with_margin_absolute(logits, label):
    scores, expected = ours(logits, label), slow_scores(logits, label)
    assert scores.pop("margin") == pytest.approx(float(expected["margin"]), abs=1e-15)
    check(scores | {"margin": float(expected["margin"])}, logits, label)


@settings(max_examples=200, deadline=None)
@given(EXAMPLE)
def test_against_exact_arithmetic(example):
    check_with_margin_absolute(*example)


@pytest.mark.parametrize("gap", [0.0, 1.0, 30.0, 40.0, 60.0])
def test_confident_examples_keep_their_digits(gap):
    check_with_margin_absolute([gap, 0.0, -1.0], 0)
    check_with_margin_absolute([gap, 0.0, -1.0], 1)


def test_against_torch():
    generator = np.random.default_rng(0)
    logits, labels = generator.normal(0, 3, (200, 10)), generator.integers(0, 10, 200)
    z, y = torch.from_numpy(logits).requires_grad_(), torch.from_numpy(labels)
    loss = torch.nn.functional.cross_entropy(z, y, reduction="none")
    loss.sum().backward()
    scores = pointwise.pointwise_scores(logits, labels)
    np.testing.assert_allclose(scores["loss"], loss.detach().numpy(), rtol=1e-12)
    # The gradient of the loss by the logits is the error vector.
    np.testing.assert_allclose(scores["el2n"], z.grad.norm(dim=1).numpy(), rtol=1e-12)
    entropy = torch.distributions.Categorical(logits=z.detach()).entropy().numpy()
    np.testing.assert_allclose(scores["entropy"], entropy, rtol=1e-12)
    assert (scores["accuracy"] == (z.argmax(1) == y).numpy()).all()


LOGITS, LABEL = [2.0, 1.0, 1.5, -4.0], 1
P = np.exp(LOGITS) / np.exp(LOGITS).sum()
MUTANTS = {
    "loss": [-math.log2(P[LABEL]), math.log(P[LABEL])],
    "accuracy": [1.0],
    "confidence": [P.max(), 1 - P[LABEL]],
    "max_confidence": [P[LABEL]],
    "entropy": [-(P * np.log2(P)).sum(), (P * np.log(P)).sum()],
    "margin": [P[LABEL] - P[2], LOGITS[LABEL] - LOGITS[0], P[0] - P[2]],
    "aum": [P[LABEL] - P[0], LOGITS[LABEL] - LOGITS[2], LOGITS[0] - LOGITS[2], 0.0],
    "el2n": [((P - np.eye(4)[LABEL]) ** 2).sum(), np.abs(P - np.eye(4)[LABEL]).sum(), np.linalg.norm(P)],
}


@pytest.mark.parametrize(("name", "wrong"), [(n, w) for n, values in MUTANTS.items() for w in values])
def test_mutants_are_caught(name, wrong):
    check(ours(LOGITS, LABEL), LOGITS, LABEL)
    with pytest.raises(AssertionError, match=name):
        check(ours(LOGITS, LABEL) | {name: float(wrong)}, LOGITS, LABEL)
