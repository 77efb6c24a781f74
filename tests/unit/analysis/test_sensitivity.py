"""Sensitivity: tables and their meaning on simulated models."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, kstest

from study.analysis.comparison import LEVEL, MARGIN, compared, differing, discoveries, equivalent
from study.analysis.sensitivity import extremes, sensitivity
from study.analysis.welch import equivalence_test, moments, welch_test
from study.errors import StudyError

MODELS, RUNS, EXAMPLES, PLANTED = 4, 12, 300, 15
PAIRS = MODELS * (MODELS - 1) // 2


def estimates(table, *units):
    """The estimates of a table of shares by unit, scale and statistic."""
    return table.set_index([*units, "scale", "statistic"])["estimate"]


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
    named = ["model_a", "model_b"]
    assert len(planted.tests) == PAIRS * EXAMPLES
    assert planted.tests["example"].tolist() == list(range(EXAMPLES)) * PAIRS
    assert planted.tests[named].drop_duplicates().astype(str).to_numpy().tolist() == (
        planted.pairs[named].drop_duplicates().to_numpy().tolist()
    )
    differences = {"share_sensitive", "share_sensitive_equal_n", "null_share", "excess"}
    equivalences = {"share_equivalent", "share_equivalent_singly", "share_equivalent_equal_n"}
    for scale, statistics in (("normal", differences), ("raw", differences), ("rank", equivalences)):
        for table, units in ((planted.pairs, PAIRS), (planted.overall, 1)):
            assert table.loc[table["scale"] == scale, "statistic"].value_counts().to_dict() == (
                dict.fromkeys(statistics, units)
            )
    assert planted.null["model"].unique().tolist() == [f"m{m}" for m in range(MODELS)]
    assert (planted.null.groupby("model")["statistic"].count() == 5).all()
    assert planted.examples["example"].tolist() == list(range(EXAMPLES))
    assert set(planted.qq["series"]) == {"between", "between_equal_n", "within"}
    assert set(planted.qq["scale"]) == {"normal", "raw"}
    for table in (planted.tests, planted.pairs, planted.null, planted.overall, planted.qq, planted.examples):
        assert not table.isna().any().any()


def test_tables_agree_with_each_other(planted):
    tests = planted.tests.groupby(["model_a", "model_b"], observed=True)
    pairs = planted.pairs.set_index(["scale", "statistic"])["estimate"]
    np.testing.assert_allclose(tests["sensitive"].mean(), pairs["normal", "share_sensitive"])
    np.testing.assert_allclose(tests["sensitive_raw"].mean(), pairs["raw", "share_sensitive"])
    np.testing.assert_allclose(tests["equivalent"].mean(), pairs["rank", "share_equivalent"])
    singly = (planted.tests["p_equivalence"] <= 0.05).groupby(planted.tests["model_a"], observed=True)
    assert singly.mean().iloc[0] == pytest.approx(pairs["rank", "share_equivalent_singly"][:3].mean())
    by_example = planted.tests.groupby("example")
    np.testing.assert_allclose(by_example["p"].min(), planted.examples["p_min"])
    np.testing.assert_allclose(by_example["p"].median(), planted.examples["p_median"])
    assert by_example["equivalent"].all().tolist() == planted.examples["equivalent_everywhere"].tolist()
    overall = estimates(planted.overall)
    for key, estimate in overall.items():
        assert estimate == pytest.approx(pairs[key].mean())
    for scale in ("normal", "raw"):
        assert overall[scale, "excess"] == pytest.approx(
            overall[scale, "share_sensitive_equal_n"] - overall[scale, "null_share"]
        )
    own = estimates(planted.null, "model")[:, "normal", "share_sensitive"]
    assert pairs["normal", "null_share"].iloc[0] == pytest.approx(own[["m0", "m1"]].mean())
    named = planted.examples.merge(
        planted.tests.astype({"model_a": object, "model_b": object}), on=["example", "model_a", "model_b"]
    )
    assert (named["p"] == named["p_min"]).all()


def test_every_share_has_an_interval_within_bounds(planted, equal):
    for found in (planted, equal):
        for table in (found.pairs, found.null, found.overall):
            lowest = np.where(table["statistic"] == "excess", -1, 0)
            assert (table["low"] >= lowest).all() and (table["high"] <= 1).all()
            assert (table["low"] < table["high"]).all()
            assert ((table["low"] <= table["estimate"]) & (table["estimate"] <= table["high"])).all()
            assert (table["detectable"] > 0).all() and (table["n"] == RUNS).all()
            assert (table["level"] == 0.05).all() and (table["margin"] == 0.05).all()
            assert (table["examples"] == EXAMPLES).all() and (table["n_equal"] == RUNS // 2).all()


def test_planted_examples_are_found(planted):
    found = planted.tests[planted.tests["sensitive"]]
    assert (found["example"] < PLANTED).mean() > 0.9
    # A pair may by chance draw nearly the same difficulty for an example: most, not all, are found.
    assert (found["example"] < PLANTED).sum() > 0.7 * PLANTED * PAIRS
    top = extremes(planted.examples, PLANTED)
    assert (top.loc[top["kind"] == "most", "example"] < PLANTED).all()
    assert (top.loc[top["kind"] == "least", "example"] >= PLANTED).all()
    assert top["place"].tolist() == [*range(1, PLANTED + 1)] * 2
    excess = planted.overall.set_index(["scale", "statistic"]).loc["normal", "excess"]
    assert 0 < excess["low"] < excess["estimate"] < excess["high"] < 0.1


def test_equal_models_are_not_sensitive_and_p_values_uniform(equal):
    # Runs differ in level by model; ranks within a run do not see it, raw values do.
    for _, pair in equal.tests.groupby(["model_a", "model_b"], observed=True):
        assert kstest(pair["p"], "uniform").pvalue > 1e-3
    assert equal.tests["sensitive"].mean() < 0.005 and equal.tests["sensitive_raw"].mean() > 0.9
    null = equal.null.groupby("statistic")["estimate"]
    assert null.mean()["share_below_level"] == pytest.approx(0.05, abs=0.01)
    assert null.max()["share_sensitive"] < 0.01
    excess = equal.overall.set_index(["scale", "statistic"]).loc["normal", "excess"]
    assert excess["low"] <= 0 <= excess["high"]
    assert estimates(equal.overall)["raw", "excess"] > 0.9
    null = equal.qq[(equal.qq["series"] == "within") & (equal.qq["scale"] == "normal")]
    middle = null[(null["expected"] > 0.3) & (null["expected"] < 2)]
    np.testing.assert_allclose(middle["observed"], middle["expected"], rtol=0.3)


def test_quiet_models_are_equivalent():
    quiet = sensitivity(simulated(3, planted=0, noise=0.02), rng=np.random.default_rng(0), draws=2)
    assert quiet.tests["equivalent"].mean() > 0.95
    assert quiet.examples["equivalent_everywhere"].mean() > 0.9
    assert estimates(quiet.overall)["rank", "share_equivalent"] > 0.95


def test_constant_examples_give_results():
    steady = np.tile(np.arange(6.0), (4, 1))
    swapped = steady[:, [1, 0, 2, 3, 4, 5]]
    result = sensitivity({"a": steady, "b": swapped}, rng=np.random.default_rng(0), draws=2)
    assert result.tests["p"].tolist() == [0, 0, 1, 1, 1, 1]
    assert result.tests["minus_log10_p"].tolist() == [np.inf, np.inf, 0, 0, 0, 0]
    assert result.tests["sensitive"].tolist() == [True, True, False, False, False, False]
    assert result.tests["equivalent"].tolist() == [False, False, True, True, True, True]
    assert estimates(result.overall)["normal", "excess"] == pytest.approx(2 / 6)
    assert not result.tests.isna().any().any()


def test_qq_is_thinned_but_keeps_the_extremes():
    scores = simulated(4, models=3, runs=4)
    result = sensitivity(scores, rng=np.random.default_rng(0), draws=2)
    between = result.qq[(result.qq["series"] == "between") & (result.qq["scale"] == "normal")]
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
    found = sensitivity(scores, rng=np.random.default_rng(0), draws=2)
    assert found.pairs["n"][:3].tolist() == [7, 12, 7] and found.null["n"][:3].tolist() == [12, 7, 12]
    assert (found.pairs["n_equal"] == 3).all() and (found.overall["n"] == 7).all()


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


@given(st.lists(st.integers(0, 40), max_size=12), st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_discoveries_are_those_of_benjamini_and_hochberg(steps, missing):
    p = np.array(steps) / 800  # up to the level, with ties
    everything = np.concatenate([p, np.full(missing, 0.7)])
    q = false_discovery_control(everything) if len(everything) else everything
    assert discoveries(p, len(everything)).tolist() == (q[: len(p)] <= LEVEL).tolist()


@pytest.mark.parametrize("difference", [0.0, 0.02, 0.0499, 0.05, 0.0501, 0.5])
def test_what_is_tested_fast_is_what_the_full_test_says(difference):
    rng = np.random.default_rng(9)
    groups = [
        rng.normal(0, 10 ** rng.uniform(-4, 0, 2000), size=(5, 2000)) + part for part in (0, difference)
    ]
    diff = compared(moments(groups), (np.array([0]), np.array([1])))
    for passing, p in ((differing, welch_test(diff)[1]), (equivalent, equivalence_test(diff, MARGIN))):
        singly, together = passing(diff)
        assert (singly == (p <= LEVEL)).all()
        assert (together == (false_discovery_control(p, axis=None).reshape(p.shape) <= LEVEL)).all()


@pytest.mark.parametrize(("true", "passing"), [(0.05, 0.05), (-0.05, 0.05), (0.0, 1.0), (0.07, 0.0)])
def test_equivalence_errs_at_its_level_on_the_margin_and_finds_what_is_within(true, passing):
    rng = np.random.default_rng(10)
    groups = [rng.normal(part, 0.01, size=(8, 20_000)) for part in (0.0, true)]
    singly, _ = equivalent(compared(moments(groups), (np.array([0]), np.array([1]))))
    assert singly.mean() == pytest.approx(passing, abs=0.006)
