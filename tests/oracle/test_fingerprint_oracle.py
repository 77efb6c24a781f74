"""The classifier against scikit-learn, selection and whole fingerprints against loops; mutants are caught."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

from study.analysis import logistic
from study.analysis.fingerprint import fit_with
from study.analysis.selectors import by_p_value


def observations(seed, k, classes=4, each=7):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    features = 0.7 * rng.normal(size=(classes, k))[labels] + rng.normal(size=(len(labels), k))
    return (features - features.mean(axis=0)) / features.std(axis=0), labels


def probabilities(features, weights, intercept):
    logits = features @ weights + intercept
    return np.array([np.exp(row) / np.exp(row).sum() for row in logits])


def check_solver():
    """Every subset and penalty of one batch against scikit-learn's fit of that subset alone."""
    for k in (1, 5, 40):
        features, labels = observations(k, k)
        used = np.ones((2, len(labels)))
        used[1, ::3] = 0
        penalties = np.array([0.01, 1.0, 10.0])
        weights, intercept = logistic.solve(features, np.eye(4)[labels], used, penalties, 1e-6)
        for subset in range(2):
            rows = used[subset] == 1
            for place, penalty in enumerate(penalties):
                peer = LogisticRegression(C=penalty, tol=1e-9, max_iter=10_000)
                peer.fit(features[rows], labels[rows])
                np.testing.assert_allclose(
                    probabilities(features, weights[subset, place], intercept[subset, place]),
                    peer.predict_proba(features),
                    atol=1e-3,
                )


def test_solver_agrees_with_scikit_learn():
    check_solver()


def halved_penalty(descend):
    return lambda design, targets, step, ridge, enough: descend(design, targets, step, ridge / 2, enough)


def penalised_intercept(descend):
    def wrong(design, targets, step, ridge, enough):
        everywhere = np.repeat(ridge[:, :, :1], ridge.shape[2], axis=2)
        return descend(design, targets, step / (1 + step * everywhere), everywhere, enough)

    return wrong


def impatient(descend):
    return lambda design, targets, step, ridge, enough: descend(design, targets, step, ridge, 1e4 * enough)


@pytest.mark.parametrize("mutant", [halved_penalty, penalised_intercept, impatient])
def test_wrong_solvers_are_caught(monkeypatch, mutant):
    monkeypatch.setattr(logistic, "_descend", mutant(logistic._descend))
    with pytest.raises(AssertionError):
        check_solver()


def penalty_by_loop(features, labels):
    """C by three folds, every class dealt out in turn, and the log-loss of scikit-learn's fits."""
    fold, dealt = [], {}
    for label in labels:
        fold.append(dealt.get(label, 0) % 3)
        dealt[label] = dealt.get(label, 0) + 1
    fold = np.array(fold)
    losses = []
    for penalty in (0.01, 0.1, 1.0, 10.0, 100.0):
        loss = 0.0
        for out in range(3):
            peer = LogisticRegression(C=penalty, tol=1e-8, max_iter=10_000)
            peer.fit(features[fold != out], labels[fold != out])
            for row, label in zip(features[fold == out], labels[fold == out], strict=True):
                loss -= peer.predict_log_proba(row[None])[0, label]
        losses.append(loss)
    return (0.01, 0.1, 1.0, 10.0, 100.0)[int(np.argmin(losses))]


@pytest.mark.parametrize(("seed", "k"), [(0, 1), (1, 3), (2, 10), (3, 30)])
def test_the_penalty_is_the_one_that_cross_validation_finds(seed, k):
    features, labels = observations(seed, k)
    order = np.random.default_rng(seed).permutation(len(labels))
    features, labels = features[order], labels[order]
    assert logistic.fit(features, labels).penalty == penalty_by_loop(features, labels)


def selection_by_loop(features, labels, k):
    pairs = list(combinations(sorted(set(labels)), 2))
    p = {
        (pair, example): stats.ttest_ind(
            features[labels == pair[0], example], features[labels == pair[1], example], equal_var=False
        ).pvalue
        for pair in pairs
        for example in range(features.shape[1])
    }
    chosen = [min(p, key=p.get)[1]]
    while len(chosen) < k:
        evidence = {pair: sum(min(16, -np.log10(p[pair, example])) for example in chosen) for pair in pairs}
        needy = min(evidence, key=evidence.get)
        left = [example for example in range(features.shape[1]) if example not in chosen]
        chosen.append(min(left, key=lambda example: p[needy, example]))
    return chosen


def check_selection(select):
    for seed in range(3):
        features, labels = observations(seed, 25)
        assert list(select(features, labels, 12, None)) == selection_by_loop(features, labels, 12)


def smallest_p_only(features, labels, k, rng):
    groups = [features[labels == label] for label in np.unique(labels)]
    p = np.min([stats.ttest_ind(a, b, equal_var=False).pvalue for a, b in combinations(groups, 2)], axis=0)
    return np.argsort(p)[:k]


def equal_variances(features, labels, k, rng):
    groups = [features[labels == label] for label in np.unique(labels)]
    return np.argsort(stats.f_oneway(*groups).pvalue)[:k]


def test_selection_agrees_with_loops():
    check_selection(by_p_value)


@pytest.mark.parametrize("mutant", [smallest_p_only, equal_variances])
def test_other_selections_are_caught(mutant):
    with pytest.raises(AssertionError):
        check_selection(mutant)


def names_by_loop(features, labels, train, test, k):
    """The whole procedure on training rows only, with scikit-learn."""
    examples = selection_by_loop(features[train], labels[train], k)
    seen = features[np.ix_(train, examples)]
    mean, scale = seen.mean(axis=0), seen.std(axis=0)
    peer = LogisticRegression(
        C=penalty_by_loop((seen - mean) / scale, labels[train]), tol=1e-8, max_iter=10_000
    )
    peer.fit((seen - mean) / scale, labels[train])
    return peer.predict((features[np.ix_(test, examples)] - mean) / scale)


def check_whole(fit):
    for seed in range(3):
        features, labels = observations(seed, 20)
        order = np.random.default_rng(seed).permutation(len(labels))
        train, test = np.sort(order[:20]), np.sort(order[20:])
        fitted = fit(features, labels, train, 6, None)
        expected = names_by_loop(features, labels, train, test, 6)
        assert fitted.predict(features[test]).tolist() == expected.tolist()


def test_a_fingerprint_names_runs_as_a_loop_over_training_runs_does():
    check_whole(fit_with(by_p_value))


def test_a_fingerprint_of_all_runs_is_caught():
    honest = fit_with(by_p_value)
    with pytest.raises(AssertionError):
        check_whole(
            lambda features, labels, train, k, rng: honest(features, labels, np.arange(len(labels)), k, rng)
        )
