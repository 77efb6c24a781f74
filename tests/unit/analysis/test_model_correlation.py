"""Correlation between models: rows, undefined cases in words, models with few runs."""

import numpy as np

from study.analysis.model_correlation import model_correlation_tables


def simulated(models="abc", runs=4, examples=50):
    rng = np.random.default_rng(0)
    common = rng.standard_normal(examples)
    return {m: common + 0.5 * rng.standard_normal((runs, examples)) for m in models}


def of_kind(table, kind):
    return table[table.kind == kind]


def test_rows_and_columns():
    pairs, summary = model_correlation_tables({"s": simulated(), "t": simulated()})
    assert list(pairs.columns) == [
        "score", "kind", "model_a", "model_b", "estimate", "low", "high", "n", "detectable", "above_one",
        "reason",
    ]  # fmt: skip
    assert len(pairs) == 2 * (3 + 3 + 3) and len(summary) == 2 * 3
    assert pairs.estimate.notna().all() and (pairs.n == 4).all() and (pairs.reason == "").all()
    assert summary.set_index(["score", "kind"]).pairs["s", "mean_mean"] == 3


def test_noise_alone_leaves_the_disattenuated_correlation_near_one():
    pairs, _ = model_correlation_tables({"s": simulated(examples=2000)})
    found = of_kind(pairs, "disattenuated")
    assert np.allclose(found.estimate, 1, atol=0.03)
    assert (found.above_one == (found.estimate > 1)).all()


def test_two_runs_have_estimates_without_intervals():
    pairs, summary = model_correlation_tables({"s": simulated(runs=2)})
    assert pairs.estimate.notna().all() and pairs.low.isna().all() and summary.low.isna().all()


def test_a_model_with_few_runs_spoils_only_its_own_pairs():
    scores = simulated()
    scores["c"] = scores["c"][:2]
    pairs, _ = model_correlation_tables({"s": scores})
    rows = of_kind(pairs, "mean_mean").set_index(["model_a", "model_b"])
    assert np.isfinite(rows.low["a", "b"]) and np.isnan(rows.low["a", "c"])
    assert rows.n["a", "c"] == 2


def test_a_constant_score_is_said():
    scores = simulated() | {"b": np.ones((4, 50))}
    pairs, summary = model_correlation_tables({"s": scores})
    rows = of_kind(pairs, "mean_mean").set_index(["model_a", "model_b"])
    assert np.isnan(rows.estimate["a", "b"]) and "same for all examples" in rows.reason["a", "b"]
    assert np.isfinite(rows.low["a", "c"]) and rows.reason["a", "c"] == ""
    assert of_kind(summary, "mean_mean").pairs.item() == 1


def test_a_score_over_runs_has_its_correlation_alone():
    one_row = {model: runs.mean(0, keepdims=True) for model, runs in simulated().items()}
    pairs, summary = model_correlation_tables({"s": one_row})
    assert of_kind(pairs, "mean_mean").estimate.notna().all()
    assert of_kind(pairs, "disattenuated").reason.str.contains("reliability is unknown").all()
    assert of_kind(summary, "disattenuated").reason.str.contains("reliability is unknown").all()


def test_runs_that_disagree_have_no_reliability():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(50)
    scores = simulated() | {"b": np.array([x, -x, x, -x])}
    pairs, _ = model_correlation_tables({"s": scores})
    row = of_kind(pairs, "reliability").set_index("model_a").loc["b"]
    assert np.isnan(row.estimate) and "do not agree" in row.reason
    assert np.isfinite(of_kind(pairs, "disattenuated").set_index(["model_a", "model_b"]).low["a", "c"])
