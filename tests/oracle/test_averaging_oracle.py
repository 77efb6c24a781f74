"""Averaging against loops over explicit sets of runs, closed forms and simulated studies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study.analysis import averaging, partitions, reliability


class Orders:
    """A generator that deals prepared orders."""

    def __init__(self, orders):
        self.orders = list(orders)

    def permutation(self, _):
        return np.array(self.orders.pop(0))


def orders_of(runs, count, seed):
    rng = np.random.default_rng(seed)
    return [rng.permutation(runs).tolist() for _ in range(count)]


def compare(values, a, b):
    a, b = values[a].sum(0) / len(a), values[b].sum(0) / len(b)
    a, b = stats.rankdata(a), stats.rankdata(b)
    return np.array([np.abs(a - b).mean() / len(a), np.corrcoef(a, b)[0, 1]])


def one_order(values, order, size, left_out):
    """(form, statistic) of the sets that one order gives, with a run left out of it."""
    count = len(order) // size
    sets = [order[i * size : (i + 1) * size] for i in range(count)]
    spare = order[count * size :]
    everyone = [r for r in range(len(values)) if r != left_out]
    if left_out is not None and left_out not in spare:
        sets = [[r for r in one if r != left_out] + (spare[:1] if left_out in one else []) for one in sets]
        sets = [one for one in sets if one]
    pairs = [compare(values, a, b) for i, a in enumerate(sets) for b in sets[:i]]
    return np.array(
        [np.mean(pairs, axis=0), np.mean([compare(values, one, everyone) for one in sets], axis=0)]
    )


def slow_curve(values, orders, draws, left_out=None):
    """(form, statistic, size) by loops; ten orders, more where a size has few pairs, one for n = 1."""
    result = []
    for size in partitions.sizes(len(values)):
        count = len(values) // size
        needed = 1 if size == 1 else max(10, int(np.ceil(draws / (count * (count - 1) / 2))))
        result.append(np.mean([one_order(values, o, size, left_out) for o in orders[:needed]], axis=0))
    return np.moveaxis(result, 0, -1)


def check_curve(function, values, seed=0, draws=12):
    orders = orders_of(len(values), draws, seed)
    curve = function(values, Orders(orders), draws)
    np.testing.assert_allclose(curve.estimate, slow_curve(values, orders, draws), atol=1e-10)
    for r in range(len(values)):
        np.testing.assert_allclose(curve.left_out[r], slow_curve(values, orders, draws, r), atol=1e-10)


@settings(max_examples=4, deadline=None)
@given(st.integers(4, 8), st.integers(6, 15), st.integers(0, 999))
def test_curve_and_its_left_out_values_against_loops(runs, examples, seed):
    values = np.random.default_rng(seed).standard_normal((runs, examples))
    check_curve(partitions.subsampled_curve, values, seed)


def test_every_disjoint_pair_of_single_runs_counts_once():
    values = np.random.default_rng(0).standard_normal((7, 30))
    table = averaging.averaging_tables({"s": values}, np.random.default_rng(0)).curves
    expected = [stats.spearmanr(values[r], values[s]).statistic for r in range(7) for s in range(r)]
    single = table.query("runs == 1 and form == 'disjoint' and statistic == 'spearman'")
    assert single.estimate.item() == pytest.approx(np.mean(expected)) and single.draws.item() == 21


def simulated(noise, runs=24, examples=1500, seed=3):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(examples) + noise * rng.standard_normal((runs, examples))


def check_exponents(tables):
    """Small independent noise: -1/2 for disjoint means; for the inclusive form the slope of √(1/n - 1/R)."""
    table = tables({"s": simulated(0.1, examples=6000)}, np.random.default_rng(0)).exponents.set_index("form")
    assert table.estimate["disjoint"] == pytest.approx(-0.5, abs=0.015)
    n = np.array(partitions.sizes(24))
    inclusive = np.polyfit(np.log(n), np.log(1 / n - 1 / 24) / 2, 1)[0]
    assert inclusive < -0.6 and table.estimate["inclusive"] == pytest.approx(inclusive, abs=0.02)
    assert table.high["inclusive"] < table.low["disjoint"]


def test_exponents_of_simulated_runs():
    check_exponents(averaging.averaging_tables)


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_large_noise_saturates_as_the_closed_form_says(noise):
    tables = averaging.averaging_tables({"s": simulated(noise)}, np.random.default_rng(0))
    exponent = tables.exponents.iloc[0]
    assert exponent.estimate == pytest.approx(exponent.expected, abs=0.02) and exponent.estimate > -0.49
    disjoint = tables.curves.query("form == 'disjoint'")
    np.testing.assert_allclose(disjoint.estimate, disjoint.expected, rtol=0.05)


def test_gaussian_rank_error_against_simulation_and_quadrature():
    rng = np.random.default_rng(0)
    for correlation in (-0.5, 0.0, 0.6, 0.95):
        x, z = rng.standard_normal((2, 400_000))
        y = correlation * x + np.sqrt(1 - correlation**2) * z
        simulated_error = np.abs(stats.norm.cdf(x) - stats.norm.cdf(y)).mean()
        assert reliability.gaussian_rank_error(correlation) == pytest.approx(simulated_error, abs=2e-3)


def check_runs_needed(runs_for):
    """Where Spearman-Brown says that two means agree at 0.9, simulated means do."""
    needed = float(runs_for(1 / (1 + 1.5**2), 0.9))
    n = round(needed)
    rng = np.random.default_rng(1)
    signal = rng.standard_normal(200_000)
    a, b = (signal + 1.5 / np.sqrt(n) * rng.standard_normal(200_000) for _ in range(2))
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.9, abs=0.005)
    # With the infinite mean, the same n gives the root.
    assert np.corrcoef(a, signal)[0, 1] == pytest.approx(0.9**0.5, abs=0.005)


def test_runs_needed_against_simulation():
    check_runs_needed(reliability.runs_for)
    table = averaging.averaging_tables({"s": simulated(1.0)}, np.random.default_rng(0)).runs_needed
    rows = table.set_index(["kind", "target"])
    pearson = 2 * np.sin(np.pi * 0.9 / 6)  # of normal means whose Spearman correlation is 0.9
    assert rows.estimate["pair", 0.9] == pytest.approx(pearson / (1 - pearson), rel=0.05)
    assert rows.from_one_run["pair", 0.9] == pytest.approx(rows.estimate["pair", 0.9], rel=0.15)
    assert rows.extrapolated.tolist() == [False, True, False, False]


def test_intervals_are_no_narrower_than_the_spread_of_studies():
    """Thirty studies of runs with different noise: the jackknife's errors against the estimates' spread."""
    rng, rows = np.random.default_rng(0), []
    signal = rng.standard_normal(200)
    for _ in range(30):
        scale = 0.4 * np.exp(0.3 * rng.standard_normal((8, 1)))
        values = signal + scale * rng.standard_normal((8, 200))
        tables = averaging.averaging_tables({"s": values}, rng)
        exponent, needed = tables.exponents.iloc[0], tables.runs_needed.iloc[1]
        rows.append(
            [exponent.estimate, exponent.high - exponent.low, needed.estimate, needed.high - needed.low]
        )
    slope, slope_width, needed, needed_width = np.array(rows).T
    quantile = 2 * stats.t.ppf(0.975, 7)
    assert 0.9 < slope_width.mean() / quantile / slope.std() < 2.5
    assert 0.7 < needed_width.mean() / quantile / needed.std() < 1.4


def shared_runs(values, generator, draws):
    """Means that share a run: the second set starts one early."""
    curve = partitions.subsampled_curve(values, generator, draws)
    return curve._replace(estimate=curve.estimate[::-1], left_out=curve.left_out[:, ::-1])


def not_replaced(values, generator, draws):
    curve = partitions.subsampled_curve(values, generator, draws)
    return curve._replace(left_out=np.broadcast_to(curve.estimate, curve.left_out.shape))


@pytest.mark.parametrize("mutant", [shared_runs, not_replaced])
def test_mutants_of_the_curve_are_caught(mutant):
    values = np.random.default_rng(2).standard_normal((7, 12))
    check_curve(partitions.subsampled_curve, values)
    with pytest.raises(AssertionError):
        check_curve(mutant, values)


def test_a_mutant_that_keeps_the_run_in_its_set_is_caught(monkeypatch):
    values = np.random.default_rng(2).standard_normal((7, 12))
    members = partitions._members
    monkeypatch.setattr(partitions, "_members", lambda units, runs: members(units, runs) & (len(units) < 7))
    with pytest.raises(AssertionError):
        check_curve(partitions.subsampled_curve, values)


def test_mutants_of_the_exponent_and_of_runs_needed_are_caught(monkeypatch):
    monkeypatch.setattr(averaging, "subsampled_curve", shared_runs)
    with pytest.raises(AssertionError):
        check_exponents(averaging.averaging_tables)
    with pytest.raises(AssertionError):
        check_runs_needed(lambda r, target: target**2 / (1 - target**2) * (1 - r) / r)


def skewed(runs, examples=800, seed=5):
    """Log-normal scores: raw values are averaged, so a mean is carried by its largest run."""
    rng = np.random.default_rng(seed)
    return lambda signal: np.exp(signal + 1.5 * rng.standard_normal((runs, examples)))


def check_runs_needed_of_skewed_scores(tables):
    """Truth: how means of fresh runs rank against the known signal, by a pool that no study sees."""
    signal = np.random.default_rng(4).standard_normal(800)
    grid = np.array([8, 12, 16, 24, 32, 48, 64])
    pool = [skewed(n * 20, seed=int(n))(signal).reshape(20, n, -1).mean(1) for n in grid]
    reached = [np.mean([stats.spearmanr(mean, signal).statistic for mean in means]) for means in pool]
    truth = np.exp(np.interp(0.9, reached, np.log(grid)))
    assert 20 < truth < 60
    rows = tables({"s": skewed(40)(signal)}, np.random.default_rng(0)).runs_needed
    row = rows.query("kind == 'infinite' and target == 0.9").iloc[0]
    assert row.low < truth < row.high and row.estimate == pytest.approx(truth, rel=0.25)
    assert row.from_one_run < 0.5 * truth and not row.agrees


def test_runs_needed_of_skewed_scores():
    check_runs_needed_of_skewed_scores(averaging.averaging_tables)


def from_single_runs(scores, generator):
    found = averaging.averaging_tables(scores, generator)
    wrong = found.runs_needed.from_one_run
    return found._replace(
        runs_needed=found.runs_needed.assign(estimate=wrong, low=0.8 * wrong, high=wrong / 0.8)
    )


def test_runs_needed_from_single_runs_are_caught():
    with pytest.raises(AssertionError):
        check_runs_needed_of_skewed_scores(from_single_runs)


def test_intervals_over_groups_of_runs_have_the_width_of_the_spread_of_studies():
    """Beyond 20 runs groups are left out: forty studies of 24 runs of unequal noise."""
    rng, rows = np.random.default_rng(0), []
    signal = rng.standard_normal(150)
    for _ in range(40):
        scale = np.exp(0.3 * rng.standard_normal((24, 1)))
        values = signal + scale * rng.standard_normal((24, 150))
        found = averaging.averaging_tables({"s": values}, rng)
        needed, exponent = found.runs_needed.iloc[2], found.exponents.iloc[0]
        rows.append([np.log(needed.estimate), np.log(needed.high / needed.low)])
        rows[-1] += [exponent.difference, exponent.difference_high - exponent.difference_low]
    needed, needed_width, difference, difference_width = np.array(rows).T
    quantile = 2 * stats.t.ppf(0.975, 11)  # 24 runs in 12 groups
    assert 0.7 < needed_width.mean() / quantile / needed.std() < 1.5
    assert 0.8 < difference_width.mean() / quantile / difference.std() < 2
