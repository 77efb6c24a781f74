"""Correlation between models against scipy in loops, each run of each model left out in turn."""

import numpy as np
import pytest
from scipy import stats

from study.analysis import model_correlation

MODELS = ("a", "b", "c")


def simulated(seed=0, examples=60):
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(examples)
    return {
        model: common + 0.5 * rng.standard_normal(examples) + noise * rng.standard_normal((runs, examples))
        for model, noise, runs in zip(MODELS, (0.4, 0.8, 1.0), (4, 5, 6), strict=True)
    }


def rho(a, b):
    return stats.spearmanr(a, b).statistic


def reliability(runs):
    pairs = [rho(x, y) for i, x in enumerate(runs) for y in runs[:i]]
    r = np.mean(pairs)
    return len(runs) * r / (1 + (len(runs) - 1) * r)


def mean_mean(scores, a, b):
    return rho(scores[a].mean(0), scores[b].mean(0))


def disattenuated(scores, a, b):
    return mean_mean(scores, a, b) / np.sqrt(reliability(scores[a]) * reliability(scores[b]))


def over_pairs(statistic):
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]
    return lambda scores: np.mean([statistic(scores, *pair) for pair in pairs])


def expected(statistic, scores, fisher):
    z, back = (np.arctanh, np.tanh) if fisher else (lambda x: x, lambda x: x)
    total = 0
    for model, runs in scores.items():
        without = np.array(
            [z(statistic(scores | {model: np.delete(runs, r, axis=0)})) for r in range(len(runs))]
        )
        size = len(runs)
        error = (size - 1) / size * np.sum((without - without.mean()) ** 2)
        total += stats.t.ppf(0.975, size - 1) ** 2 * error
    centre = z(statistic(scores))
    return pytest.approx(tuple(back(centre + side * np.sqrt(total)) for side in (0, -1, 1)), abs=1e-9)


def check(tables):
    scores = simulated()
    pairs, summary = tables({"s": scores})
    pairs = pairs.set_index(["kind", "model_a", "model_b"])[["estimate", "low", "high"]]
    summary = summary.set_index("kind")[["estimate", "low", "high"]]
    for kind, statistic in (("mean_mean", mean_mean), ("disattenuated", disattenuated)):
        fisher = kind == "mean_mean"
        for a, b in (("a", "b"), ("a", "c"), ("b", "c")):
            found = tuple(pairs.loc[(kind, a, b)])
            assert found == expected(lambda s, p=(a, b), f=statistic: f(s, *p), scores, fisher), (kind, a, b)
        assert tuple(summary.loc[kind]) == expected(over_pairs(statistic), scores, fisher)
    for model in MODELS:
        found = tuple(pairs.loc[("reliability", model, model)])
        assert found == expected(lambda s, m=model: reliability(s[m]), scores, True)


def test_against_loops():
    check(model_correlation.model_correlation_tables)


def test_disattenuation_recovers_what_noise_hid():
    rng = np.random.default_rng(1)
    a = rng.standard_normal(5000)
    b = 0.8 * a + 0.6 * rng.standard_normal(5000)
    noisy = {"a": a + 1.5 * rng.standard_normal((8, 5000)), "b": b + 1.5 * rng.standard_normal((8, 5000))}
    found = model_correlation.model_correlation_tables({"s": noisy}).pairs.set_index("kind").estimate
    assert found["disattenuated"] == pytest.approx(rho(a, b), abs=0.03)
    assert found["mean_mean"] < rho(a, b) - 0.1


def test_intervals_are_as_wide_as_the_spread_of_studies():
    """Sixty studies with the same examples and models, and new runs."""
    rng, found = np.random.default_rng(2), []
    a, b = rng.standard_normal((2, 80))
    for _ in range(60):
        noisy = {
            "a": a + 0.7 * rng.standard_normal((5, 80)),
            "b": a + b + 0.7 * rng.standard_normal((6, 80)),
        }
        row = model_correlation.model_correlation_tables({"s": noisy}).pairs.iloc[0]
        found.append((np.arctanh(row["estimate"]), np.arctanh(row["high"]) - np.arctanh(row["low"])))
    estimates, widths = np.array(found).T
    assert 0.7 < widths.mean() / (2 * 2.7 * estimates.std()) < 1.5  # t quantiles of 4 and 5 degrees: 2.8, 2.6


def test_a_reliability_of_one_run_in_place_of_the_mean_is_caught(monkeypatch):
    monkeypatch.setattr(model_correlation, "spearman_brown", lambda r, runs: r)
    with pytest.raises(AssertionError):
        check(model_correlation.model_correlation_tables)


def test_a_left_out_run_that_stays_in_the_mean_is_caught(monkeypatch):
    monkeypatch.setattr(model_correlation, "all_but", lambda runs, *r: np.ones((len(r[0]), runs), dtype=bool))
    with pytest.raises(AssertionError):
        check(model_correlation.model_correlation_tables)


def test_runs_of_one_model_only_are_caught(monkeypatch):
    original = model_correlation._interval

    def first_only(numbers, involved, n, on_z):
        return original(numbers._replace(without=numbers.without[:1]), involved[:1], n, on_z)

    monkeypatch.setattr(model_correlation, "_interval", first_only)
    with pytest.raises(AssertionError):
        check(model_correlation.model_correlation_tables)
