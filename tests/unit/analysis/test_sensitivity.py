"""Sensitivity: tables and their meaning on simulated models."""

import numpy as np
import pytest
from scipy.stats import kstest

from study.analysis.sensitivity import extremes, sensitivity
from study.errors import StudyError

MODELS, RUNS, EXAMPLES, PLANTED = 4, 12, 300, 15


def simulated(seed, planted=PLANTED, models=MODELS, runs=RUNS, noise=0.5):
    """Models of one common difficulty that differ on the first `planted` examples and in level."""
    rng = np.random.default_rng(seed)
    common, scores = rng.normal(size=EXAMPLES), {}
    for model in range(models):
        own = common.copy()
        own[:planted] += 3 * rng.normal(size=planted)
        level = rng.normal(model, 0.1, size=(runs, 1))
        scores[f"m{model}"] = own + level + noise * rng.normal(size=(runs, EXAMPLES))
    return scores


@pytest.fixture(scope="module")
def planted():
    return sensitivity(simulated(0), rng=np.random.default_rng(1), draws=5)


@pytest.fixture(scope="module")
def equal():
    return sensitivity(simulated(2, planted=0), rng=np.random.default_rng(1), draws=10)


def test_tables_have_a_row_per_thing(planted):
    pairs = MODELS * (MODELS - 1) // 2
    assert len(planted.tests) == pairs * EXAMPLES
    assert planted.tests["example"].tolist() == list(range(EXAMPLES)) * pairs
    assert planted.tests[["model_a", "model_b"]].drop_duplicates().astype(str).to_numpy().tolist() == (
        planted.pairs[["model_a", "model_b"]].to_numpy().tolist()
    )
    assert len(planted.pairs) == pairs
    assert planted.null["model"].tolist() == [f"m{m}" for m in range(MODELS)]
    assert planted.examples["example"].tolist() == list(range(EXAMPLES))
    assert set(planted.qq["series"]) == {"between", "between_equal_n", "within"}
    for table in (planted.tests, planted.pairs, planted.null, planted.overall, planted.qq, planted.examples):
        assert not table.isna().any().any()


def test_tables_agree_with_each_other(planted):
    tests = planted.tests.groupby(["model_a", "model_b"], observed=True)
    np.testing.assert_allclose(tests["sensitive"].mean(), planted.pairs["share_sensitive"])
    np.testing.assert_allclose(tests["equivalent"].mean(), planted.pairs["share_equivalent"])
    by_example = planted.tests.groupby("example")
    np.testing.assert_allclose(by_example["p"].min(), planted.examples["p_min"])
    np.testing.assert_allclose(by_example["p"].median(), planted.examples["p_median"])
    assert by_example["equivalent"].all().tolist() == planted.examples["equivalent_everywhere"].tolist()
    overall = planted.overall.set_index("statistic")["estimate"]
    assert overall["share_sensitive"] == pytest.approx(planted.pairs["share_sensitive"].mean())
    assert overall["excess"] == pytest.approx(overall["share_sensitive_equal_n"] - overall["null_share"])
    assert overall["excess"] == pytest.approx(planted.pairs["excess"].mean())
    named = planted.examples.merge(
        planted.tests.astype({"model_a": object, "model_b": object}), on=["example", "model_a", "model_b"]
    )
    assert (named["p"] == named["p_min"]).all()


def test_planted_examples_are_found(planted):
    found = planted.tests[planted.tests["sensitive"]]
    assert (found["example"] < PLANTED).mean() > 0.9
    # A pair may by chance draw nearly the same difficulty for an example: most, not all, are found.
    assert (found["example"] < PLANTED).sum() > 0.7 * PLANTED * len(planted.pairs)
    top = extremes(planted.examples, PLANTED)
    assert (top.loc[top["kind"] == "most", "example"] < PLANTED).all()
    assert (top.loc[top["kind"] == "least", "example"] >= PLANTED).all()
    assert top["place"].tolist() == [*range(1, PLANTED + 1)] * 2
    excess = planted.overall.set_index("statistic").loc["excess"]
    assert 0 < excess["low"] < excess["estimate"] < excess["high"] < 0.1


def test_equal_models_are_not_sensitive_and_p_values_uniform(equal):
    # Runs differ in level by model; ranks within a run do not see it, raw values do.
    for _, pair in equal.tests.groupby(["model_a", "model_b"], observed=True):
        assert kstest(pair["p"], "uniform").pvalue > 1e-3
    assert (equal.tests["p_raw"] < 0.05).mean() > 0.9
    assert equal.tests["sensitive"].mean() < 0.005
    assert equal.null["share_below_level"].mean() == pytest.approx(0.05, abs=0.01)
    assert equal.null["share_sensitive"].max() < 0.01
    excess = equal.overall.set_index("statistic").loc["excess"]
    assert excess["low"] <= 0 <= excess["high"]
    null = equal.qq[equal.qq["series"] == "within"]
    middle = null[(null["expected"] > 0.3) & (null["expected"] < 2)]
    np.testing.assert_allclose(middle["observed"], middle["expected"], rtol=0.3)


def test_quiet_models_are_equivalent():
    quiet = sensitivity(simulated(3, planted=0, noise=0.02), rng=np.random.default_rng(0), draws=2)
    assert quiet.tests["equivalent"].mean() > 0.95
    assert quiet.examples["equivalent_everywhere"].mean() > 0.9
    assert quiet.overall.set_index("statistic").loc["share_equivalent", "estimate"] > 0.95


def test_constant_examples_give_results():
    steady = np.tile(np.arange(6.0), (4, 1))
    swapped = steady[:, [1, 0, 2, 3, 4, 5]]
    result = sensitivity({"a": steady, "b": swapped}, rng=np.random.default_rng(0), draws=2)
    assert result.tests["p"].tolist() == [0, 0, 1, 1, 1, 1]
    assert result.tests["minus_log10_p"].tolist() == [np.inf, np.inf, 0, 0, 0, 0]
    assert result.tests["sensitive"].tolist() == [True, True, False, False, False, False]
    assert result.tests["equivalent"].tolist() == [False, False, True, True, True, True]
    assert result.overall.set_index("statistic")["estimate"]["excess"] == pytest.approx(2 / 6)
    assert not result.tests.isna().any().any()


def test_qq_is_thinned_but_keeps_the_extremes():
    scores = simulated(4, models=3, runs=4)
    result = sensitivity(scores, rng=np.random.default_rng(0), draws=2)
    between = result.qq[result.qq["series"] == "between"]
    assert len(between) <= 400 < between["m"].iloc[0] == 3 * EXAMPLES
    smallest = np.sort(result.tests["p"])[:5]
    np.testing.assert_allclose(between["observed"].iloc[:5], -np.log10(smallest))


def test_the_same_generator_gives_the_same_tables():
    scores = simulated(5, runs=5)
    one, other = (sensitivity(scores, rng=np.random.default_rng(7), draws=3) for _ in range(2))
    assert one.overall.equals(other.overall)
    assert one.pairs.equals(other.pairs)
    assert one.pairs["n_equal"].unique().tolist() == [2]


def test_runs_may_differ_by_model():
    scores = simulated(6, models=3)
    scores["m1"] = scores["m1"][:7]
    pairs = sensitivity(scores, rng=np.random.default_rng(0), draws=2).pairs
    assert pairs[["n_a", "n_b", "n_equal"]].to_numpy().tolist() == [[12, 7, 3], [12, 12, 3], [7, 12, 3]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: {"m0": s["m0"]}, "compares models"),
        (lambda s: s | {"m1": s["m1"][:3]}, "3 runs are too few"),
        (lambda s: s | {"m1": s["m1"][:, 1:]}, "different numbers of examples"),
        (lambda s: s | {"m1": np.where(s["m1"] > 1, np.nan, 0)}, "finite"),
        (lambda s: s | {"m1": np.where(s["m1"] > 1, np.inf, 0)}, "finite"),
    ],
)
def test_unusable_scores_are_refused(change, message):
    with pytest.raises(StudyError, match=message):
        sensitivity(change(simulated(0)), rng=np.random.default_rng(0))
