"""The classifier against scikit-learn, selection and whole fingerprints against loops; mutants are caught."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from study.analysis import logistic
from study.analysis.fingerprint import fit
from study.analysis.selectors import by_balanced_p_value, by_coefficient, by_loading, by_p_value


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


def check_wide():
    """More examples than runs: scikit-learn's penalty, and the weights found in all dimensions."""
    for seed in range(2):
        features, labels = observations(seed, 60)
        fitted = logistic.fit(features, labels)
        assert fitted.penalty == penalty_by_loop(features, labels)
        everything, penalty = np.ones((1, len(labels))), np.array([fitted.penalty])
        weights, intercept = logistic.solve(features, np.eye(4)[labels], everything, penalty)
        np.testing.assert_allclose(fitted.weights, weights[0, 0], atol=1e-6)
        np.testing.assert_allclose(fitted.intercept, intercept[0, 0], atol=1e-6)


def test_fits_to_more_examples_than_runs_agree_with_scikit_learn():
    check_wide()


def test_a_lossy_rotation_is_caught(monkeypatch):
    exact = logistic.principal_axes
    monkeypatch.setattr(logistic, "principal_axes", lambda rows: tuple(part[..., :9] for part in exact(rows)))
    with pytest.raises(AssertionError):
        check_wide()


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


def p_by_loop(features, labels):
    """{(pair, example): p} by scipy's t-test."""
    return {
        (pair, example): stats.ttest_ind(
            features[labels == pair[0], example], features[labels == pair[1], example], equal_var=False
        ).pvalue
        for pair in combinations(sorted(set(labels)), 2)
        for example in range(features.shape[1])
    }


def smallest_p_by_loop(features, labels, k):
    p = p_by_loop(features, labels)
    best = [min(value for (_, x), value in p.items() if x == example) for example in range(features.shape[1])]
    return sorted(range(len(best)), key=lambda example: best[example])[:k]


def balanced_by_loop(features, labels, k):
    p = p_by_loop(features, labels)
    pairs = sorted({pair for pair, _ in p})
    chosen = [min(p, key=p.get)[1]]
    while len(chosen) < k:
        evidence = {pair: sum(min(16, -np.log10(p[pair, example])) for example in chosen) for pair in pairs}
        needy = min(evidence, key=evidence.get)
        left = [example for example in range(features.shape[1]) if example not in chosen]
        chosen.append(min(left, key=lambda example: p[needy, example]))
    return chosen


def coefficient_by_loop(features, labels, k):
    standard = (features - features.mean(axis=0)) / features.std(axis=0)
    peer = LogisticRegression(C=1.0, tol=1e-9, max_iter=10_000).fit(standard, labels)
    return np.argsort(-np.abs(peer.coef_).max(axis=0))[:k].tolist()


def loading_by_loop(features, labels, k):
    peer = PCA(len(set(labels)) - 1).fit(features)
    scores = peer.transform(features) / np.sqrt(peer.explained_variance_)
    covariances = [
        [np.cov(features[:, example], score)[0, 1] for score in scores.T]
        for example in range(features.shape[1])
    ]
    return np.argsort([-np.linalg.norm(row) for row in covariances])[:k].tolist()


ORACLES = {
    by_p_value: smallest_p_by_loop,
    by_balanced_p_value: balanced_by_loop,
    by_coefficient: coefficient_by_loop,
    by_loading: loading_by_loop,
}


def check_selection(select, expected, k=8):
    for seed in range(3):
        features, labels = observations(seed, 60)
        features *= np.random.default_rng(seed).uniform(0.5, 2, 60)
        assert list(select(features, labels, k, None)) == expected(features, labels, k)


def equal_variances(features, labels, k, rng):
    groups = [features[labels == label] for label in np.unique(labels)]
    return np.argsort(stats.f_oneway(*groups).pvalue)[:k]


def without_scaling(features, labels, k, rng):
    peer = LogisticRegression(C=1.0, max_iter=10_000).fit(features - features.mean(axis=0), labels)
    return np.argsort(-np.abs(peer.coef_).max(axis=0))[:k]


def weaker_penalty(features, labels, k, rng):
    standard = (features - features.mean(axis=0)) / features.std(axis=0)
    peer = LogisticRegression(C=1e4, max_iter=10_000).fit(standard, labels)
    return np.argsort(-np.abs(peer.coef_).max(axis=0))[:k]


def first_component_only(features, labels, k, rng):
    return np.argsort(-np.abs(PCA(1).fit(features).components_[0]))[:k]


def not_centred(features, labels, k, rng):
    axes = np.linalg.svd(features + 1, full_matrices=False)[0][:, : len(set(labels)) - 1]
    return np.argsort(-np.square((features + 1).T @ axes).sum(axis=1))[:k]


MUTANTS = [
    (by_p_value, by_balanced_p_value),
    (by_p_value, equal_variances),
    (by_balanced_p_value, by_p_value),
    (by_coefficient, without_scaling),
    (by_coefficient, weaker_penalty),
    (by_loading, first_component_only),
    (by_loading, not_centred),
]


@pytest.mark.parametrize("select", ORACLES)
def test_selection_agrees_with_loops(select):
    check_selection(select, ORACLES[select])


@pytest.mark.parametrize(("select", "mutant"), MUTANTS)
def test_other_selections_are_caught(select, mutant):
    with pytest.raises(AssertionError):
        check_selection(mutant, ORACLES[select])


def names_by_loop(features, labels, train, test, k):
    """The whole procedure on training rows only, with scikit-learn."""
    examples = smallest_p_by_loop(features[train], labels[train], k)
    seen = features[np.ix_(train, examples)]
    mean, scale = seen.mean(axis=0), seen.std(axis=0)
    peer = LogisticRegression(
        C=penalty_by_loop((seen - mean) / scale, labels[train]), tol=1e-8, max_iter=10_000
    )
    peer.fit((seen - mean) / scale, labels[train])
    return peer.predict((features[np.ix_(test, examples)] - mean) / scale)


def check_whole(rows_of):
    for seed in range(3):
        features, labels = observations(seed, 20)
        order = np.random.default_rng(seed).permutation(len(labels))
        train, test = np.sort(order[:20]), np.sort(order[20:])
        fitted = fit(
            features,
            labels,
            rows_of(train, labels),
            [6],
            [None],
            by_p_value,
            ["logistic"],
            np.random.SeedSequence(0),
        )[None, 6, "logistic"]
        expected = names_by_loop(features, labels, train, test, 6)
        assert fitted.predict(features[test]).tolist() == expected.tolist()


def test_a_fingerprint_names_runs_as_a_loop_over_training_runs_does():
    check_whole(lambda train, labels: train)


def test_a_fingerprint_of_all_runs_is_caught():
    with pytest.raises(AssertionError):
        check_whole(lambda train, labels: np.arange(len(labels)))
