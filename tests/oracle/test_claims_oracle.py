"""Verdicts against SciPy's t-tests of the samples themselves, rejected step by step; mutants must differ."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.analysis import claims

RNG = np.random.default_rng(4)
# Nine scores, from clearly short of the threshold to clearly past it, some of them near the level.
SAMPLES = [mean + RNG.normal(size=7) for mean in (-3, -1.2, -0.9, 0, 0.4, 0.9, 1.1, 1.3, 3)]


def expected(border):
    """The hypotheses `mean = border` rejected by Holm's steps, each by the sign of its difference."""
    p = {i: stats.ttest_1samp(sample, border).pvalue for i, sample in enumerate(SAMPLES)}
    verdicts = ["inconclusive"] * len(SAMPLES)
    for left, i in zip(range(len(p), 0, -1), sorted(p, key=p.get), strict=True):
        if p[i] * left > 0.05:
            break
        verdicts[i] = "supported" if np.mean(SAMPLES[i]) > border else "contradicted"
    return verdicts


def judged(border):
    means = [np.mean(sample) for sample in SAMPLES]
    ends = [stats.ttest_1samp(sample, 0).confidence_interval(0.95) for sample in SAMPLES]
    low, high = zip(*ends, strict=True)
    rows = pd.DataFrame({"estimate": means, "ci_low": low, "ci_high": high, "n": 7, "at_limit": False})
    return claims.judge(rows, claims.Threshold(border, np.inf))["verdict"].tolist()


def check():
    for border in np.linspace(-1.5, 1.5, 13):
        assert judged(border) == expected(border)


def test_verdicts_are_those_of_t_tests_that_hold_together():
    check()
    assert len({verdict for border in (-1, 0, 1) for verdict in judged(border)}) == 3


def normal_quantiles(freedom, value):
    return stats.norm.cdf(value) if value < 0 else stats.norm.ppf(value)


def bonferroni(p):
    return np.minimum(p * np.isfinite(p).sum(), 1)


MUTANTS = {
    "each score by itself": ("holm", lambda p: p),
    "Bonferroni": ("holm", bonferroni),
    "normal quantiles": ("stdtr", normal_quantiles),
    "a laxer level": ("LEVEL", 0.2),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(monkeypatch, name):
    monkeypatch.setattr(claims, *MUTANTS[name])
    with pytest.raises(AssertionError):
        check()
