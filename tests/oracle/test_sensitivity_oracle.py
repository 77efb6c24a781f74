"""Sensitivity against SciPy one example at a time, and loops; wrong formulas must be told apart."""

import math

import numpy as np
import pytest
from scipy import stats

from study.analysis import comparison, sensitivity, welch

RNG = np.random.default_rng(11)
RUNS = {"a": 5, "b": 9, "c": 6}
EXAMPLES = 12
SCORES = {
    name: RNG.normal(size=(runs, EXAMPLES)) * RNG.uniform(0.1, 3, size=EXAMPLES) + RNG.normal(size=EXAMPLES)
    for name, runs in RUNS.items()
}
PAIRS = [("a", "b"), ("a", "c"), ("b", "c")]


def ranks_by_loop(matrix):
    return np.array([[1 + sum(other < value for other in row) for value in row] for row in matrix])


def blom_by_loop(matrix):
    """No ties here: continuous values."""
    n = matrix.shape[1]
    return np.array(
        [[stats.norm.ppf((r - 0.375) / (n + 0.25)) for r in row] for row in ranks_by_loop(matrix)]
    )


def expected_rows():
    """Every test by SciPy and textbook formulas, pair by pair and example by example."""
    rows = []
    for first, second in PAIRS:
        for example in range(EXAMPLES):
            a, b = (blom_by_loop(SCORES[name])[:, example] for name in (first, second))
            raw_a, raw_b = (SCORES[name][:, example] for name in (first, second))
            rank_a, rank_b = (ranks_by_loop(SCORES[name])[:, example] / EXAMPLES for name in (first, second))
            test = stats.ttest_ind(a, b, equal_var=False)
            less = stats.ttest_ind(rank_a, rank_b + 0.05, equal_var=False, alternative="less").pvalue
            more = stats.ttest_ind(rank_a, rank_b - 0.05, equal_var=False, alternative="greater").pvalue
            freedom = len(a) + len(b) - 2
            pooled = math.sqrt(
                sum(((x - x.mean()) ** 2).sum() for x in (a, b)) / freedom,
            )
            correction = math.gamma(freedom / 2) / (math.sqrt(freedom / 2) * math.gamma((freedom - 1) / 2))
            rows.append(
                {
                    "t": test.statistic,
                    "p": test.pvalue,
                    "p_raw": stats.ttest_ind(raw_a, raw_b, equal_var=False).pvalue,
                    "effect": correction * (a.mean() - b.mean()) / pooled,
                    "rank_difference": rank_a.mean() - rank_b.mean(),
                    "p_equivalence": max(less, more),
                }
            )
    for q, p in (("q", "p"), ("q_raw", "p_raw"), ("q_equivalence", "p_equivalence")):
        tested = [row[p] for row in rows]
        for row in rows:
            above = [other for other in tested if other >= row[p]]
            row[q] = min(min(1, x * len(tested) / sum(other <= x for other in tested)) for x in above)
    return rows


def check():
    tests = sensitivity.sensitivity(SCORES, rng=np.random.default_rng(0), draws=2).tests
    for column, values in {key: [row[key] for row in EXPECTED] for key in EXPECTED[0]}.items():
        np.testing.assert_allclose(tests[column], values, rtol=1e-9, atol=1e-12, err_msg=column)


EXPECTED = expected_rows()


def test_every_column_agrees_with_scipy():
    check()


def student(a, b):
    freedom = np.broadcast_to(a.n + b.n - 2, a.mean.shape).astype(float)
    return welch.Difference(a.mean - b.mean, np.sqrt(a.variance / a.n + b.variance / b.n), freedom)


def biased(groups):
    made = welch.moments(groups)
    return welch.Moments(made.n, made.mean, made.variance * (made.n - 1) / made.n)


def one_sided(diff):
    t, p = welch.welch_test(diff)
    return t, p / 2


def either_side(diff, margin):
    below, above = (
        welch.equivalence_test(welch.Difference(diff.mean + s, diff.error, diff.freedom), margin)
        for s in (-margin, margin)
    )
    return np.minimum(below, above)


def within_pairs(p, axis):
    return np.concatenate([stats.false_discovery_control(row) for row in p])


MUTANTS = {
    "freedom of Student's test": [(comparison, "difference", student)],
    "variance over n": [(sensitivity, "moments", biased)],
    "one-sided": [(sensitivity, "welch_test", one_sided)],
    "either side of the margin": [(sensitivity, "equivalence_test", either_side)],
    "margin in ranks": [(sensitivity, "MARGIN", 0.05 * EXAMPLES)],
    "false discoveries within pairs": [(sensitivity, "false_discovery_control", within_pairs)],
    "effect without correction": [(welch, "gammaln", lambda x: np.zeros_like(x))],
    "raw values throughout": [(sensitivity, "normal_scores", lambda matrix: matrix)],
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(monkeypatch, name):
    for module, attribute, wrong in MUTANTS[name]:
        monkeypatch.setattr(module, attribute, wrong)
    with pytest.raises(AssertionError):
        check()


def null_share_below(halve):
    """Share of p ≤ 0.05 of a model against itself, given a way to draw two groups of its runs."""
    rng = np.random.default_rng(5)
    matrix, below = rng.normal(size=(12, 4000)), 0
    for _ in range(4):
        one, other = halve(rng)
        below += (stats.ttest_ind(matrix[one], matrix[other], equal_var=False).pvalue <= 0.05).mean() / 4
    return below


def disjoint(rng):
    order = rng.permutation(12)
    return order[:6], order[6:]


def overlapping(rng):
    order = rng.permutation(12)
    return order[:6], order[3:9]


def test_halves_of_one_model_are_calibrated_and_overlapping_ones_would_not_be():
    scores = {name: np.random.default_rng(i).normal(size=(12, 2000)) for i, name in enumerate("ab")}
    null = sensitivity.sensitivity(scores, rng=np.random.default_rng(0), draws=4).null
    below = null.loc[null["statistic"] == "share_below_level", "estimate"]
    assert below.mean() == pytest.approx(null_share_below(disjoint), abs=0.008)
    assert null_share_below(overlapping) < 0.03
