"""Fingerprints on simulated models, and the checks that catch a procedure that sees test runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from study.analysis import fingerprint as whole
from study.analysis import fingerprint_leaks, fingerprint_trials
from study.analysis.classifiers import CLASSIFIERS
from study.analysis.fingerprint import Fingerprint, fit, run_features, stratified_split
from study.analysis.fingerprint_leaks import (
    CONTROL,
    altered_test_runs,
    honest,
    identical,
    leak_checks,
    leaky,
    shuffled_labels,
)
from study.analysis.fingerprint_tables import AGGREGATE, GREATER, accuracy_table, difference_table
from study.analysis.fingerprint_trials import fingerprint
from study.analysis.selectors import SELECTORS, by_p_value
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


def run_trials(**changed):
    given = {"ks": (1, 5, 10), "repeats": 8, "curve_repeats": 6, "held_out_repeats": 3}
    few = {name: SELECTORS[name] for name in ("p_value", "random")}
    return fingerprint(
        simulated(0), accuracies(0), rng=np.random.default_rng(0), **{"selectors": few} | given | changed
    )


@pytest.fixture(scope="module")
def trials():
    return run_trials()


@pytest.fixture(scope="module")
def table(trials):
    return accuracy_table(trials)


def pick(table, **wanted):
    for column, value in wanted.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_one_row_per_fit_and_evaluation(trials):
    # All splits: baselines and k = 10; six also the other k and k-means; three also held-out models.
    rows = trials.accuracies
    assert not rows.isna().any().any()
    assert rows["n_train"].unique().tolist() == [MODELS * 6]
    assert len(rows) == 8 * 4 + 6 * (2 + 2 * (2 + 3)) + 3 * (2 * 3 * 2 * MODELS * 2)
    splits = rows.groupby(["setting", "features", "classifier", "k"])["repeat"].nunique()
    assert splits["in_distribution", "p_value", "logistic", 10] == 8
    assert splits["in_distribution", "mean_score", "logistic", 1] == 8
    assert splits["in_distribution", "p_value", "k_means", 10] == 6
    assert splits["in_distribution", "p_value", "logistic", 5] == 6
    assert splits["held_out"].unique().tolist() == [3]
    assert trials.chosen.groupby(["repeat", "features"]).size().unique().tolist() == [10]


def test_planted_examples_name_the_model(table):
    common = {"setting": "in_distribution", "evaluated": "all", "classifier": "logistic"}
    assert pick(table, features="p_value", k=5, **common)["estimate"] > 0.95
    assert pick(table, features="p_value", k=5, **common | {"classifier": "k_means"})["estimate"] > 0.8
    assert pick(table, features="random", k=5, **common)["estimate"] < 0.6
    assert pick(table, features="mean_score", **common)["estimate"] < 0.6
    row = pick(table, features="random", k=1, **common)
    assert row["low"] <= row["estimate"] <= row["high"]
    assert (row["chance"], row["n"]) == (1 / MODELS, 6)
    assert table["low"].min() >= 0
    assert table["high"].max() <= 1


def test_held_out_models_are_chosen_for_without_them(trials, table):
    # Random examples do not depend on the models seen, those chosen by p-value do.
    rows = trials.accuracies[trials.accuracies["repeat"] < 3]
    both = rows[rows["evaluated"] == "all"].set_index(["repeat", "k", "classifier"])
    random = both[both["features"] == "random"]
    inside = random[random["setting"] == "in_distribution"]["accuracy"]
    outside = random[random["held_out"] == "m1"]["accuracy"]
    assert inside.sort_index().tolist() == outside.sort_index().tolist()
    held_out = {"setting": "held_out", "features": "p_value", "k": 5, "classifier": "logistic"}
    mean = pick(table, held_out="mean", evaluated="held_out_model", **held_out)
    each = table[(table["evaluated"] == "held_out_model") & (table["held_out"] != "mean")]
    for column, value in held_out.items():
        each = each[each[column] == value]
    assert len(each) == MODELS
    assert mean["estimate"] == pytest.approx(each["estimate"].mean())
    assert mean["runs"] == each["runs"].sum()


def test_selection_never_sees_the_held_out_model():
    seen = []

    def spy(features, labels, k, rng):
        seen.append(sorted(set(labels.tolist())))
        return np.arange(k)

    run_trials(ks=(2,), selectors={"spy": spy}, repeats=1)
    assert seen == [[0, 1, 2, 3], [1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


def test_differences_are_paired_and_ask_for_the_better_baseline(trials):
    table = difference_table(trials)
    common = {"setting": "in_distribution", "features": "p_value", "k": 10}
    rows = {name: pick(table, baseline=name, **common) for name in table["baseline"].unique()}
    assert set(rows) == {"random", "mean_score", "accuracy", GREATER}
    for column in ("estimate", "low", "high"):
        assert rows[GREATER][column] == min(rows[name][column] for name in ("random", "mean_score"))
    assert rows[GREATER]["low"] > 0
    asked = difference_table(trials, {AGGREGATE: ("mean_score", "accuracy")})
    better = pick(asked, baseline=AGGREGATE, **common)
    for column in ("estimate", "low", "high"):
        assert better[column] == min(rows[name][column] for name in ("mean_score", "accuracy"))
    assert GREATER not in set(asked["baseline"]) and len(asked) == len(table)
    inside = trials.accuracies[trials.accuracies["classifier"] == "logistic"]
    inside = inside[(inside["setting"] == "in_distribution") & inside["k"].isin([1, 10])]
    wide = inside.pivot_table(index="repeat", columns=["features", "k"], values="accuracy")
    gain = wide["p_value", 10] - wide["mean_score", 1]
    row = rows["mean_score"]
    assert (row["estimate"], row["n"]) == (pytest.approx(gain.mean()), 8)
    half = 2.3646 * gain.std() * np.sqrt(1 / 8 + 8 / 24)  # t quantile at 7 degrees of freedom
    assert row["high"] - row["estimate"] == pytest.approx(half, rel=1e-4)
    assert row["monte_carlo"] == pytest.approx(gain.std() / np.sqrt(8))


def test_two_models_of_three_runs_and_few_examples():
    scores = {name: np.random.default_rng(i).normal(size=(3, 4)) for i, name in enumerate("ab")}
    one = {"a": np.ones(3), "b": np.ones(3)}
    result = fingerprint(scores, one, rng=np.random.default_rng(0), repeats=2)
    assert set(result.accuracies["setting"]) == {
        "in_distribution"
    }  # one model alone leaves nothing to choose by
    assert result.accuracies["k"].max() == 3
    assert len(accuracy_table(result)) == (2 + 2 * 6) * 2
    assert len(difference_table(result)) == 2 * 5 * 4
    assert len(leak_checks(scores, one, rng=np.random.default_rng(0), repeats=2)) == 2 * (2 * (2 + 6) + 1)


def noise(seed=8):
    rng = np.random.default_rng(seed)
    return {f"m{model}": rng.normal(size=(RUNS, EXAMPLES)) for model in range(MODELS)}


def test_noise_gives_chance():
    result = fingerprint(noise(), accuracies(1), rng=np.random.default_rng(8), ks=(10,), repeats=20)
    inside = result.accuracies[result.accuracies["setting"] == "in_distribution"]
    for _, group in inside.groupby(["features", "classifier"]):
        right = (group["accuracy"] * group["n_test"]).sum()
        low, high = binom.interval(0.9999, group["n_test"].sum(), 1 / MODELS)
        assert low <= right <= high


def test_the_same_generator_gives_the_same_results(trials):
    again = run_trials()
    assert again.accuracies.equals(trials.accuracies) and again.chosen.equals(trials.chosen)


def test_verdicts_do_not_hang_on_the_seed_of_the_splits():
    scores, one = simulated(3, planted=2), accuracies(3)
    gains = []
    for seed in range(2):
        found = fingerprint(
            scores,
            one,
            rng=np.random.default_rng(seed),
            ks=(10,),
            selectors={name: SELECTORS[name] for name in ("p_value", "random")},
            classifiers=("logistic",),
            repeats=60,
            curve_repeats=0,
            held_out_repeats=0,
        )
        gains.append(pick(difference_table(found), baseline="random", setting="in_distribution"))
    assert all(gain["n"] == 60 for gain in gains)
    estimates = [gain["estimate"] for gain in gains]
    assert np.ptp(estimates) < 5 * gains[0]["monte_carlo"] < 0.5 * (gains[0]["high"] - gains[0]["low"])


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
    train, seed = np.arange(len(labels)), np.random.SeedSequence(0)

    def chosen(features, labels, k, rng):
        return np.array([3, 0])

    for fitted in fit(features, labels, train, [2], [None], chosen, list(CLASSIFIERS), seed).values():
        assert fitted.scale[0] == 1
        assert (fitted.predict(features) >= 0).all()


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
        run_trials(ks=(300,))


def scales_on_all_runs(features, labels, train, seed):
    fitted = honest(by_p_value, "logistic", 10)(features, labels, train, seed)
    mean = features[:, fitted.examples].mean(axis=0)
    return Fingerprint(fitted.examples, mean, fitted.scale, fitted.classifier)


def learns_from_all_runs(features, labels, train, seed):
    def chosen(*_):
        return by_p_value(features[train], labels[train], 10, None)

    everything = np.arange(len(labels))
    return fit(features, labels, everything, [10], [None], chosen, ["logistic"], seed)[None, 10, "logistic"]


LEAKY = leaky("logistic", 10)


@pytest.mark.parametrize("procedure", [LEAKY, scales_on_all_runs, learns_from_all_runs])
def test_any_leak_changes_the_fingerprint_when_test_runs_change(procedure):
    features, labels = run_features(simulated(0))
    assert altered_test_runs(procedure, features, labels, rng=np.random.default_rng(0))["leak"]


@pytest.mark.parametrize("procedure", [LEAKY, learns_from_all_runs])
def test_leaked_labels_beat_chance_even_when_shuffled(procedure):
    features, labels = run_features(simulated(0))
    row = shuffled_labels(procedure, features, labels, rng=np.random.default_rng(0))
    assert row["leak"]
    assert row["estimate"] > row["high"]


@pytest.fixture(scope="module")
def leaks():
    return leak_checks(simulated(0), accuracies(0), rng=np.random.default_rng(0))


def test_every_procedure_is_checked_twice_and_the_leaky_one_is_caught(leaks):
    assert leaks["passed"].all()
    assert leaks["control"].sum() == 2 and leaks[leaks["control"]]["leak"].all()
    cases = leaks.groupby(["features", "classifier", "setting"])["check"].nunique()
    assert set(cases) == {2}
    settings = ("in_distribution", "held_out")
    expected = {(name, how, what) for name in SELECTORS for how in CLASSIFIERS for what in settings}
    expected |= {(name, how, settings[0]) for name in ("mean_score", "accuracy") for how in CLASSIFIERS}
    assert set(cases.index) == expected | {(CONTROL, "logistic", settings[0])}


def test_checks_choose_from_some_of_many_examples(monkeypatch):
    seen = set()

    def spy(features, labels, k, rng):
        seen.add(features.shape[1])
        return np.arange(k)

    monkeypatch.setattr(fingerprint_leaks, "_EXAMPLES", 50)
    found = leak_checks(
        simulated(0), accuracies(0), rng=np.random.default_rng(0), selectors={"spy": spy}, repeats=3
    )
    assert seen == {50} and len(found) == 2 * (2 * (2 + 2) + 1)


def leaky_learning(learn):
    """Learning on all runs, as if someone had forgotten to leave the test runs out."""

    def wrong(features, labels, train, *rest):
        return learn(features, labels, np.arange(len(labels)), *rest)

    return wrong


def leaky_choice(learn):
    def wrong(features, labels, train, ks, hidden, selector, *rest):
        return learn(
            features,
            labels,
            train,
            ks,
            hidden,
            lambda f, m, k, rng: selector(features, labels, k, rng),
            *rest,
        )

    return wrong


@pytest.mark.parametrize("mutant", [leaky_learning, leaky_choice])
def test_reported_accuracies_and_checks_rest_on_the_same_procedure(monkeypatch, mutant):
    """A leak in what gives the accuracies is one that the checks see."""
    selectors = {"p_value": SELECTORS["p_value"]}

    def accuracy_on_noise():
        found = fingerprint(
            noise(), accuracies(1), rng=np.random.default_rng(1), ks=(10,), selectors=selectors, repeats=10
        )
        rows = found.accuracies[found.accuracies["setting"] == "in_distribution"]
        return rows[rows["features"] == "p_value"]["accuracy"].mean()

    before = accuracy_on_noise()
    assert fingerprint_trials.fit is whole.fit
    monkeypatch.setattr(whole, "fit", mutant(whole.fit))
    monkeypatch.setattr(fingerprint_trials, "fit", whole.fit)
    assert accuracy_on_noise() > before + 0.15
    found = leak_checks(noise(), accuracies(1), rng=np.random.default_rng(2), selectors=selectors)
    seen = found[(found["features"] == "p_value") & (found["setting"] == "in_distribution")]
    assert seen[seen["check"] == "test runs altered"]["leak"].all()
    assert seen[(seen["check"] == "labels shuffled") & (seen["classifier"] == "logistic")]["leak"].all()


def test_fingerprints_are_compared_bit_by_bit():
    features, labels = run_features(simulated(0))
    train, _ = stratified_split(labels, np.random.default_rng(0))
    one, other = (
        honest(by_p_value, "k_means", 5)(features, labels, train, np.random.SeedSequence(seed))
        for seed in (0, 0)
    )
    assert identical(one, other)
    other.classifier.centres[0, 0] += 1e-16 + np.spacing(abs(other.classifier.centres[0, 0]))
    assert not identical(one, other)
    assert not identical(
        one.classifier,
        honest(by_p_value, "logistic", 5)(features, labels, train, np.random.SeedSequence(0)).classifier,
    )
