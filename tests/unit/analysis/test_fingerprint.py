"""Fingerprints on simulated models, and the checks that catch a procedure that sees test runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from study.analysis.fingerprint import (
    Fingerprint,
    fingerprint,
    fit_on,
    fit_with,
    run_features,
    stratified_split,
)
from study.analysis.fingerprint_leaks import altered_test_runs, leak_checks, shuffled_labels
from study.analysis.fingerprint_tables import GREATER, accuracy_table, difference_table
from study.analysis.selectors import SELECTORS
from study.errors import StudyError

MODELS, RUNS, EXAMPLES, PLANTED = 4, 8, 200, 5


def simulated(seed, planted=PLANTED):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=EXAMPLES)
    scores = {}
    for model in range(MODELS):
        own = common.copy()
        own[:planted] = np.array([-2.0, -0.7, 0.7, 2.0])[(np.arange(planted) + model) % 4]
        scores[f"m{model}"] = own + 0.3 * rng.normal(size=(RUNS, EXAMPLES)) + rng.normal(size=(RUNS, 1))
    return scores


def accuracies(seed):
    rng = np.random.default_rng(seed)
    return {f"m{model}": rng.uniform(0.9, 1, RUNS) for model in range(MODELS)}


@pytest.fixture(scope="module")
def results():
    return fingerprint(simulated(0), accuracies(0), rng=np.random.default_rng(0), ks=(1, 5, 10), repeats=6)


@pytest.fixture(scope="module")
def table(results):
    return accuracy_table(results)


def pick(table, **wanted):
    for column, value in wanted.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_one_row_per_fit_and_evaluation(results):
    # Per split: two baselines; per selector and k one in distribution, and two for each held-out model.
    assert len(results) == 6 * (2 + 2 * 3 * (1 + 2 * MODELS))
    assert not results.isna().any().any()
    assert results["n_train"].unique().tolist() == [MODELS * 6]
    assert results.groupby("evaluated")["n_evaluated"].unique().explode().to_dict() == {
        "all": MODELS * 2,
        "held_out_model": 2,
    }


def test_planted_examples_name_the_model(table):
    common = {"setting": "in_distribution", "evaluated": "all"}
    assert pick(table, features="p_value", k=5, **common)["estimate"] > 0.95
    assert pick(table, features="random", k=5, **common)["estimate"] < 0.6
    assert pick(table, features="mean_score", **common)["estimate"] < 0.6
    row = pick(table, features="p_value", k=1, **common)
    assert row["low"] <= row["estimate"] <= row["high"]
    assert (row["chance"], row["n"]) == (1 / MODELS, 6)
    assert table["low"].min() >= 0
    assert table["high"].max() <= 1


def test_held_out_models_are_chosen_for_without_them(results, table):
    # Random examples do not depend on the models seen, those chosen by p-value do.
    keys = ["repeat", "k"]
    both = results[results["evaluated"] == "all"].set_index([*keys])
    random = both[both["features"] == "random"]
    inside = random[random["setting"] == "in_distribution"]["accuracy"]
    outside = random[random["held_out"] == "m1"]["accuracy"]
    assert inside.sort_index().tolist() == outside.sort_index().tolist()
    held_out = {"setting": "held_out", "features": "p_value", "k": 5}
    mean = pick(table, held_out="mean", evaluated="held_out_model", **held_out)
    each = table[(table["evaluated"] == "held_out_model") & (table["held_out"] != "mean")]
    each = each[(each["features"] == "p_value") & (each["k"] == 5)]
    assert len(each) == MODELS
    assert mean["estimate"] == pytest.approx(each["estimate"].mean())


def test_selection_never_sees_the_held_out_model(monkeypatch):
    seen = []

    def spy(features, labels, k, rng):
        seen.append(sorted(set(labels.tolist())))
        return np.arange(k)

    monkeypatch.setitem(SELECTORS, "spy", spy)
    fingerprint(
        simulated(0), accuracies(0), rng=np.random.default_rng(0), ks=(2,), selectors=("spy",), repeats=1
    )
    assert seen == [[0, 1, 2, 3], [1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


def test_differences_are_paired_and_ask_for_the_better_baseline(results):
    table = difference_table(results)
    common = {"setting": "in_distribution", "k": 5}
    rows = {name: pick(table, baseline=name, **common) for name in table["baseline"].unique()}
    assert set(rows) == {"random", "mean_score", "accuracy", GREATER}
    for column in ("estimate", "low", "high"):
        assert rows[GREATER][column] == min(rows[name][column] for name in ("random", "mean_score"))
    assert rows[GREATER]["low"] > 0
    inside = results[(results["setting"] == "in_distribution") & results["k"].isin([1, 5])]
    wide = inside.pivot_table(index="repeat", columns=["features", "k"], values="accuracy")
    gain = wide["p_value", 5] - wide["mean_score", 1]
    assert rows["mean_score"]["estimate"] == pytest.approx(gain.mean())
    half = 2.5706 * gain.std() * np.sqrt(1 / 6 + 8 / 24)  # t quantile at 5 degrees of freedom
    assert rows["mean_score"]["high"] - rows["mean_score"]["estimate"] == pytest.approx(half, rel=1e-4)


def test_two_models_of_three_runs_and_few_examples():
    scores = {name: np.random.default_rng(i).normal(size=(3, 4)) for i, name in enumerate("ab")}
    result = fingerprint(scores, {"a": np.ones(3), "b": np.ones(3)}, rng=np.random.default_rng(0), repeats=2)
    assert set(result["setting"]) == {"in_distribution"}  # one model alone leaves nothing to choose by
    assert result["k"].max() == 3
    assert len(accuracy_table(result)) == 2 + 2 * 2
    assert len(difference_table(result)) == 2 * 4


def test_noise_gives_chance():
    rng = np.random.default_rng(8)
    noise = {f"m{model}": rng.normal(size=(RUNS, EXAMPLES)) for model in range(MODELS)}
    result = fingerprint(noise, accuracies(1), rng=rng, ks=(10,), repeats=20)
    inside = result[result["setting"] == "in_distribution"]
    for _, group in inside.groupby("features"):
        right = (group["accuracy"] * group["n_evaluated"]).sum()
        low, high = binom.interval(0.9999, group["n_evaluated"].sum(), 1 / MODELS)
        assert low <= right <= high


def test_the_same_generator_gives_the_same_results(results):
    again = fingerprint(simulated(0), accuracies(0), rng=np.random.default_rng(0), ks=(1, 5, 10), repeats=6)
    assert again.equals(results)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(3, 15), min_size=2, max_size=5), st.integers(0, 99))
def test_splits_are_stratified_and_complete(runs, seed):
    labels = np.repeat(np.arange(len(runs)), runs)
    train, test = stratified_split(labels, np.random.default_rng(seed))
    assert sorted([*train, *test]) == list(range(len(labels)))
    assert len(set(np.bincount(labels[test], minlength=len(runs)))) == 1
    assert np.bincount(labels[train], minlength=len(runs)).min() >= 2


def test_constant_features_are_not_divided_by_zero():
    features, labels = run_features(simulated(0))
    features[:, 3] = 0.1
    fitted = fit_on(features, labels, np.array([3, 0]))
    assert fitted.scale[0] == 1
    assert np.isfinite(fitted.classifier.weights).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: {"m0": s["m0"]}, "tells models apart"),
        (lambda s: s | {"m1": s["m1"][:2]}, "2 runs are too few"),
        (lambda s: s | {"m1": s["m1"][:, 1:]}, "different numbers of examples"),
        (lambda s: s | {"m1": np.where(s["m1"] > 1, np.inf, 0)}, "finite"),
    ],
)
def test_unusable_scores_are_refused(change, message):
    with pytest.raises(StudyError, match=message):
        run_features(change(simulated(0)))


def test_more_examples_than_there_are_is_refused():
    with pytest.raises(StudyError, match="as few as 200 examples"):
        fingerprint(simulated(0), accuracies(0), rng=np.random.default_rng(0), ks=(300,), repeats=1)


def chooses_on_all_runs(features, labels, train, k, rng):
    return fit_on(features[train], labels[train], SELECTORS["p_value"](features, labels, k, rng))


def scales_on_all_runs(features, labels, train, k, rng):
    honest = fit_with(SELECTORS["p_value"])(features, labels, train, k, rng)
    return Fingerprint(
        honest.examples, features[:, honest.examples].mean(axis=0), honest.scale, honest.classifier
    )


def learns_from_all_runs(features, labels, train, k, rng):
    return fit_on(features, labels, SELECTORS["p_value"](features[train], labels[train], k, rng))


def features_of(seed=0):
    features, labels = run_features(simulated(seed))
    return {"features": features, "labels": labels, "k": 10}


@pytest.mark.parametrize("name", SELECTORS)
def test_selectors_pass_both_leak_checks(name):
    fit = fit_with(SELECTORS[name])
    assert altered_test_runs(fit, **features_of(), rng=np.random.default_rng(0), repeats=5)["passed"]
    assert shuffled_labels(fit, **features_of(), rng=np.random.default_rng(0), repeats=15)["passed"]


@pytest.mark.parametrize("leaky", [chooses_on_all_runs, scales_on_all_runs, learns_from_all_runs])
def test_any_leak_changes_the_fingerprint_when_test_runs_change(leaky):
    row = altered_test_runs(leaky, **features_of(), rng=np.random.default_rng(0), repeats=5)
    assert not row["passed"]


@pytest.mark.parametrize("leaky", [chooses_on_all_runs, learns_from_all_runs])
def test_leaked_labels_beat_chance_even_when_shuffled(leaky):
    row = shuffled_labels(leaky, **features_of(), rng=np.random.default_rng(0), repeats=15)
    assert not row["passed"]
    assert row["estimate"] > row["high"]


def test_leak_checks_report_a_row_per_check_and_selector():
    report = leak_checks(simulated(0), rng=np.random.default_rng(0), repeats=5)
    assert report[["check", "features"]].to_numpy().tolist() == [
        [check, name] for name in SELECTORS for check in ("test runs altered", "labels shuffled")
    ]
    assert report["passed"].all()
    assert ((report["low"] <= report["estimate"]) & (report["estimate"] <= report["high"])).all()
