"""Claim X2: correlations, jackknife and bootstrap by hand, planted truths, coverage of the interval."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats
from tests.oracle.mutation import mutated

from study.analysis import gained as module
from study.analysis.gained import Learned
from study.analysis.intervals import jackknife_samples

NAMES = ("mixture", "wide", "difference")


def drawn(rng, entries=40, runs=(4, 5, 6, 3), luck=0.4, slopes=0.5):
    """Runs of four samples: entries are hard or not, runs differ in how much they recall, and in what.

    The mixture and the wider model are drawn alike, so that the expected difference is 0.
    """
    hard = rng.normal(size=entries)

    def sample(count, ability):
        level = ability + luck * rng.normal(size=(count, 1))
        slope = 1 + slopes * rng.normal(size=(count, 1))
        return (rng.random((count, entries)) < 1 / (1 + np.exp(slope * hard - level))).astype(float)

    difficulty = hard + 0.7 * rng.normal(size=(runs[0], entries))
    return Learned(difficulty, sample(runs[1], -1), sample(runs[2], 1), sample(runs[3], 1))


def exactly(runs):
    """The three correlations by scipy, gains as fractions, so that equal ones are equal."""
    difficulty, *shares = [
        [sum(map(Fraction, column), Fraction(0)) / len(sample) for column in np.transpose(sample)]
        for sample in runs
    ]
    dense, *larger = shares
    mixture, wide = (
        stats.spearmanr(
            [float(one) for one in difficulty],
            stats.rankdata([sorted(set(gain)).index(one) for one in gain]),
        ).statistic
        for gain in ([a - b for a, b in zip(arm, dense, strict=True)] for arm in larger)
    )
    return np.array([mixture, wide, mixture - wide])


def expected(runs, seed, resamples):
    """{name: (estimate, low, high)}, each source of uncertainty in loops."""
    value = exactly(runs)
    left_out = [
        [exactly(runs._replace(**{name: np.delete(sample, row, axis=0)})) for row in range(len(sample))]
        for name, sample in zip(Learned._fields, runs, strict=True)
    ]
    rng, entries = np.random.default_rng(seed), runs.dense.shape[1]
    again = []
    for _ in range(resamples):
        chosen = rng.integers(entries, size=entries)
        again.append(exactly(Learned(*(sample[:, chosen] for sample in runs))))
    found = {}
    for place, name in enumerate(NAMES):
        plain = [variance([row[place] for row in rows]) for rows in left_out]
        each = [v**2 / (len(rows) - 1) for v, rows in zip(plain, left_out, strict=True)]
        freedom = sum(plain) ** 2 / sum(each)
        t = stats.t.ppf(0.975, freedom)
        if name == "difference":
            half = t * sum(plain) ** 0.5
            ends = value[place] - half, value[place] + half
        else:
            half = t * sum(variance([np.arctanh(row[place]) for row in rows]) for rows in left_out) ** 0.5
            ends = np.tanh(np.arctanh(value[place]) - half), np.tanh(np.arctanh(value[place]) + half)
        drawn_ends = np.quantile([row[place] for row in again], [0.025, 0.975])
        low, high = (
            sign * ((a - value[place]) ** 2 + (b - value[place]) ** 2) ** 0.5
            for sign, a, b in zip((-1, 1), ends, drawn_ends, strict=True)
        )
        found[name] = (value[place], value[place] + low, value[place] + high)
    return found


def variance(left_out):
    """Delete-one jackknife."""
    n, centre = len(left_out), sum(left_out) / len(left_out)
    return (n - 1) / n * sum((value - centre) ** 2 for value in left_out)


RUNS = drawn(np.random.default_rng(3))
EXPECTED = expected(RUNS, 5, 15)


def check(function):
    found = function(RUNS, np.random.default_rng(5), 15)
    for name, numbers in EXPECTED.items():
        assert found[name][:3] == pytest.approx(numbers, rel=1e-9), name
        assert found[name].n == 4 + 5 + 6 + 3


def test_correlations_and_intervals_are_those_by_hand():
    check(module.gained)


MUTANTS = {
    "gains beyond the half that says what is hard": ("means[2:] - means[1]", "means[2:] - means[0]"),
    "recall for gains": ("means[2:] - means[1]", "means[2:]"),
    "gains that rounding tells apart": ("rounded(means[2:] - means[1])", "means[2:] - means[1]"),
    "entries alone": (
        "in_quadrature(over_runs, percentiles(value, drawn[:, place], entries))",
        "percentiles(value, drawn[:, place], entries)._replace(n=over_runs.n)",
    ),
    "runs alone": ("in_quadrature(over_runs, percentiles(value, drawn[:, place], entries))", "over_runs"),
    "one sample of runs forgotten": (
        "place, sample in enumerate(runs)]",
        "place, sample in enumerate(runs[:3])]",
    ),
    "entries of each sample drawn by themselves": (
        "means[:, rng.integers(entries, size=entries)]",
        "np.array([row[rng.integers(entries, size=entries)] for row in means])",
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(name):
    mutant = mutated(module, MUTANTS[name])
    with pytest.raises(AssertionError):
        check(mutant.gained)


@pytest.mark.parametrize("seed", range(5))
def test_of_two_samples_the_jackknife_of_a_difference_of_means_is_welchs_test(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=7), 3 * rng.normal(size=4)
    left_out = [
        np.array([np.delete(a, i).mean() - b.mean() for i in range(len(a))]),
        np.array([a.mean() - np.delete(b, i).mean() for i in range(len(b))]),
    ]
    found = jackknife_samples(a.mean() - b.mean(), left_out)
    welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert found[1:3] == pytest.approx(tuple(welch)) and found.n == 11


def test_a_planted_preference_is_found_with_its_sign():
    """The mixture gains the harder half, the wider model the easier one, with noise."""
    rng, entries = np.random.default_rng(0), 200
    rank = np.arange(entries) / entries

    def sample(count, chance):
        return (rng.random((count, entries)) < chance).astype(float)

    difficulty = rank + 0.1 * rng.normal(size=(6, entries))
    dense, hard, easy = sample(6, 0.3), sample(12, 0.3 + 0.4 * rank), sample(12, 0.7 - 0.4 * rank)
    found = module.gained(Learned(difficulty, dense, hard, easy), rng, 200)
    assert found["mixture"].low > 0 > found["wide"].high and found["difference"].low > 0.4
    turned = module.gained(Learned(difficulty, dense, easy, hard), rng, 200)
    assert turned["difference"].high < -0.4


def test_the_interval_covers_the_truth_where_that_over_entries_does_not():
    """Models drawn alike: the truth is 0. Runs differ as a whole, which no bootstrap over entries sees."""
    covered, by_entries, studies, entries = 0, 0, 80, 120
    for seed in range(studies):
        runs = drawn(np.random.default_rng(seed), entries, (6, 6, 6, 6), luck=0.3, slopes=1.0)
        found = module.gained(runs, np.random.default_rng(0), 40)["difference"]
        covered += found.low <= 0 <= found.high
        rng = np.random.default_rng(0)
        again = [
            module._correlations(np.array([sample.mean(0)[chosen] for sample in runs]))[2]
            for chosen in (rng.integers(entries, size=entries) for _ in range(40))
        ]
        by_entries += np.quantile(again, 0.025) <= 0 <= np.quantile(again, 0.975)
    assert covered / studies > 0.88
    assert by_entries / studies < 0.7


def test_halves_that_share_runs_find_difficulty_where_there_is_none():
    """All entries are equally hard: what these runs happened to miss would count as hard and as gained."""
    shared, apart = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a, b, mixture, wide = (rng.random((6, 150)) < 0.4 for _ in range(4))
        for half, found in ((a, shared), (b, apart)):
            runs = Learned(1.0 - a, *(sample.astype(float) for sample in (half, mixture, wide)))
            found.append(module._correlations(np.array([sample.mean(0) for sample in runs]))[0])
    assert np.mean(shared) > 0.5 and abs(np.mean(apart)) < 0.1


def test_recall_by_difficulty_is_that_of_tenths():
    table = module.recall_by_difficulty(RUNS).set_index(["arm", "tenth"])
    order = np.argsort(RUNS.difficulty.mean(0), kind="stable")
    assert len(table) == 3 * 10 and table["entries"].eq(4).all()
    for arm, runs in (("dense", RUNS.dense), ("mixture", RUNS.mixture), ("wide", RUNS.wide)):
        for tenth in range(10):
            shares = [np.mean([run[i] for i in order[4 * tenth : 4 * tenth + 4]]) for run in runs]
            row = table.loc[(arm, tenth + 1)]
            assert row["estimate"] == pytest.approx(np.mean(shares)) and row["n"] == len(runs)
            if np.ptp(shares):
                ends = stats.t.interval(0.95, len(runs) - 1, np.mean(shares), stats.sem(shares))
                assert [row["low"], row["high"]] == pytest.approx(np.clip(ends, 0, 1))
    assert table.loc["dense", "difficulty"].is_monotonic_increasing


def test_a_model_that_gains_the_same_everywhere_has_no_correlation():
    constant = RUNS._replace(dense=np.zeros_like(RUNS.dense), wide=np.ones_like(RUNS.wide))
    found = module.gained(constant, np.random.default_rng(0), 10)
    assert np.isfinite(found["mixture"][:3]).all()
    assert np.isnan(found["wide"][:3]).all() and np.isnan(found["difference"][:3]).all()
