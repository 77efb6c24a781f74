"""Means over models: independent errors add in quadrature, shared ones do not shrink."""

import numpy as np
import pandas as pd
import pytest

from study.analysis.pooling import mean_over_models


def pooled(errors, independent):
    """The half-width of the mean of five models, from errors (studies, models) of unit variance."""
    found = []
    for study in errors:
        frame = pd.DataFrame({"model": list("abcde"), "score": "s", "estimate": study, "n": 12})
        frame = frame.assign(low=study - 1.96, high=study + 1.96, detectable=2.8)
        found.append(mean_over_models(frame, ["score"], independent).iloc[0])
    return pd.DataFrame(found)


@pytest.mark.parametrize(
    ("shared", "independent", "covered"),
    [(0.0, True, (0.9, 0.99)), (1.0, False, (0.9, 0.99)), (0.0, False, (0.999, 1)), (1.0, True, (0, 0.8))],
)
def test_coverage(shared, independent, covered):
    rng = np.random.default_rng(0)
    errors = np.sqrt(shared) * rng.normal(size=(200, 1)) + np.sqrt(1 - shared) * rng.normal(size=(200, 5))
    found = pooled(errors, independent)
    assert covered[0] <= ((found["low"] <= 0) & (found["high"] >= 0)).mean() <= covered[1]
    ratio = (found["detectable"] / (found["high"] - found["estimate"])).astype(float)
    assert np.allclose(ratio, 2.8 / 1.96)


def test_detectable_is_left_out_where_it_is_not_known():
    frame = pd.DataFrame(
        {"model": ["a"], "score": ["s"], "estimate": [0.5], "low": [0.4], "high": [0.6], "n": [3]}
    )
    assert list(mean_over_models(frame, ["score"]).columns) == [
        "score",
        "estimate",
        "low",
        "high",
        "n",
        "models",
    ]
