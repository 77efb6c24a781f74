"""Shares and distributions of the variants against counting pair by pair, on simulated trainings."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from study.analysis import forgetting_variants
from study.scores.forgetting import EpochForgetting, PresentationForgetting

EPOCHS = 4


def simulated(runs=4, examples=12):
    rng, found = np.random.default_rng(0), []
    for _ in range(runs):
        correct = rng.random((EPOCHS, examples)) < np.linspace(0.05, 0.95, examples)
        at_end, shown = EpochForgetting(examples, EPOCHS), PresentationForgetting(examples, EPOCHS)
        for row in correct:
            at_end.update(row)
            shown.update(np.arange(examples), row)
        found.append(at_end.columns() | shown.columns())
    return {name: np.array([run[name] for run in found]) for name in forgetting_variants.VARIANTS}


def interval(of_runs):
    mean, runs = np.mean(of_runs), len(of_runs)
    half = stats.t.ppf(0.975, runs - 1) * np.std(of_runs, ddof=1) / np.sqrt(runs)  # of a mean, the jackknife
    return pytest.approx((mean, mean - half, mean + half), abs=1e-12)


def check(tables):
    scores = simulated()
    shares, distribution = tables(scores, EPOCHS)
    shares = shares.set_index(["score", "statistic"])[["estimate", "low", "high"]]
    distribution = distribution.set_index(["score", "value"])[["estimate", "low", "high"]]
    for score, values in scores.items():
        counted = [Counter(run.tolist()) for run in values]
        expected = {
            "commonest": [max(c.values()) / 12 for c in counted],
            "values": [len(c) for c in counted],
            "same_place": [np.mean([a == b for a, b in combinations(run, 2)]) for run in values],
        }
        if score != "unforgettable":
            expected["never"] = [c[EPOCHS + 1] / 12 for c in counted]
        for statistic, of_runs in expected.items():
            assert tuple(shares.loc[(score, statistic)]) == interval(of_runs), (score, statistic)
        for value in {v for c in counted for v in c}:
            assert tuple(distribution.loc[(score, value)]) == interval([c[value] / 12 for c in counted])
        assert distribution.loc[score].estimate.sum() == pytest.approx(1)


def test_against_counting():
    check(forgetting_variants.variant_tables)


def test_pairs_with_themselves_are_caught():
    def mutant(scores, epochs):
        shares, distribution = forgetting_variants.variant_tables(scores, epochs)
        rows = shares.statistic == "same_place"
        shares.loc[rows, "estimate"] = (11 * shares.loc[rows, "estimate"] + 1) / 12
        return shares, distribution

    with pytest.raises(AssertionError):
        check(mutant)


def test_never_one_epoch_early_is_caught():
    def mutant(scores, epochs):
        shares, distribution = forgetting_variants.variant_tables(scores, epochs)
        last = {name: (values >= epochs).mean() for name, values in scores.items()}
        rows = shares.statistic == "never"
        shares.loc[rows, "estimate"] = shares.loc[rows, "score"].map(last)
        return shares, distribution

    with pytest.raises(AssertionError):
        check(mutant)
