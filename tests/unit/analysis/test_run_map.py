"""Maps of runs: separation by discriminants is shown on runs that they were not fitted to."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from study.analysis.ranks import normal_scores
from study.analysis.run_map import run_map


def simulated(models=4, runs=10, examples=300, signal=0.0, seed=0):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=examples)
    scores, aggregates = {}, {}
    for model in range(models):
        own = common + signal * rng.normal(size=examples)
        scores[f"m{model}"] = own + rng.normal(size=(runs, examples))
        aggregates[f"m{model}"] = signal * 5 * model + rng.normal(size=(runs, 3))
    return scores, aggregates


def shares_named(table):
    lda = table[table["space"] == "lda"]
    return lda.groupby("features")["named"].apply(lambda named: named.astype(bool).mean())


def test_noise_is_not_separated():
    shares = [shares_named(run_map(*simulated(seed=seed), np.random.default_rng(seed))) for seed in range(5)]
    assert np.mean(shares) < 0.4  # chance is 0.25; on the fitted runs it would be 1


@pytest.mark.parametrize("seed", range(3))
def test_models_that_differ_are_separated(seed):
    scores, aggregates = simulated(models=3, signal=1.0, seed=seed)
    assert (shares_named(run_map(scores, aggregates, np.random.default_rng(seed))) > 0.9).all()


def test_with_many_runs_discriminants_are_those_of_scikit_learn():
    scores, aggregates = simulated(models=3, runs=400, examples=3)
    for place, matrix in enumerate(aggregates.values()):
        matrix *= [1.0, 2.0, 0.5]
        matrix[:, place] += 3
    table = run_map(scores, aggregates, np.random.default_rng(0))
    lda = table[(table["space"] == "lda") & (table["features"] == "aggregate")]
    shown = {model: rows["run"].to_numpy() for model, rows in lda.groupby("model")}
    rest = {model: np.setdiff1d(np.arange(400), rows) for model, rows in shown.items()}
    fitted = np.concatenate([aggregates[model][rest[model]] for model in scores])
    peer = LinearDiscriminantAnalysis(solver="svd").fit(fitted, np.repeat(list(scores), 200))
    theirs = peer.transform(np.concatenate([aggregates[model][shown[model]] for model in scores]))
    for place, column in enumerate(("x", "y")):
        assert abs(np.corrcoef(lda[column], theirs[:, place])[0, 1]) > 0.999
        assert lda[f"{column}_share"].iloc[0] == pytest.approx(
            peer.explained_variance_ratio_[place], abs=0.01
        )


def test_half_of_the_runs_are_shown_by_discriminants_and_all_by_components():
    table = run_map(*simulated(runs=7), np.random.default_rng(0))
    sizes = table.groupby(["space", "features", "model"]).size()
    assert sizes["pca"].unique().tolist() == [7] and sizes["lda"].unique().tolist() == [4]
    assert set(table[table["space"] == "lda"]["n_fitted"]) == {12}


def test_components_are_those_of_scikit_learn():
    scores, aggregates = simulated(signal=0.5)
    table = run_map(scores, aggregates, np.random.default_rng(0))
    mine = table[(table["space"] == "pca") & (table["features"] == "per_example")]
    peer = PCA(2)
    theirs = peer.fit_transform(np.concatenate([normal_scores(matrix) for matrix in scores.values()]))
    for place, column in enumerate(("x", "y")):
        values = mine[column].to_numpy()
        np.testing.assert_allclose(np.abs(values), np.abs(theirs[:, place]), atol=1e-6)
        assert mine[f"{column}_share"].iloc[0] == pytest.approx(peer.explained_variance_ratio_[place])


def test_two_models_have_one_discriminant_and_a_constant_aggregate_is_left_out():
    scores, aggregates = simulated(models=2)
    for matrix in aggregates.values():
        matrix[:, 1] = 0.3
    table = run_map(scores, aggregates, np.random.default_rng(0))
    lda = table[table["space"] == "lda"]
    assert lda["y"].isna().all() and (lda["reason"] == "there is one discriminant only").all()
    assert table[table["space"] == "pca"][["x", "y"]].notna().all().all()
