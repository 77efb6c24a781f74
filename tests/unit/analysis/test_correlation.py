"""Correlation tables: columns, symmetry, degenerate and one-row scores."""

import numpy as np
import pytest

from study.analysis.correlation import KINDS, correlation_table
from study.errors import StudyError


def scores(runs=6, examples=120):
    rng = np.random.default_rng(0)
    signal = rng.standard_normal(examples)
    shared = rng.standard_normal((runs, examples))  # noise of a run that both scores see
    a, b = (signal + 0.7 * shared + 0.4 * rng.standard_normal((runs, examples)) for _ in range(2))
    return {"a": a, "b": b, "c": rng.standard_normal((runs, examples))}


def square(table, kind, field="estimate"):
    part = table[table.kind == kind]
    return part.pivot(index="score_a", columns="score_b", values=field)


def test_a_row_per_kind_and_pair():
    table = correlation_table(scores())
    assert list(table.columns) == [
        "kind", "score_a", "score_b", "estimate", "low", "high", "n", "detectable", "above_one",
        "reason",
    ]  # fmt: skip
    assert len(table) == len(KINDS) * 9 and (table.n == 6).all()
    for kind in ("mean_mean", "run_run", "same_run", "disattenuated"):
        values = square(table, kind)
        assert np.allclose(values, values.T, equal_nan=True)
    assert (np.diag(square(table, "same_run")) == 1).all() and (
        np.diag(square(table, "mean_mean")) == 1
    ).all()


def test_shared_noise_of_a_run_is_kept_out_of_run_run():
    table = correlation_table(scores())
    same, different = square(table, "same_run"), square(table, "run_run")
    assert same.loc["a", "b"] > different.loc["a", "b"] + 0.15
    assert square(table, "disattenuated").loc["a", "b"] == pytest.approx(1, abs=0.1)
    assert (
        different.loc["a", "b"]
        < square(table, "mean_run").loc["a", "b"]
        < square(table, "mean_mean").loc["a", "b"]
    )


def test_disattenuated_values_above_one_are_kept_and_flagged():
    table = correlation_table({"a": scores()["a"], "b": 2 * scores()["a"]})
    row = table[table.kind == "disattenuated"]
    assert row.estimate.to_numpy() == pytest.approx(1) and not row.above_one[row.score_a == row.score_b].any()
    rng = np.random.default_rng(4)
    signal = rng.standard_normal(30)
    many = {str(i): signal + 2 * rng.standard_normal((5, 30)) for i in range(6)}
    found = correlation_table(many)
    assert found.above_one.any() and (found.estimate[found.above_one] > 1).all()
    assert not found.above_one[found.kind != "disattenuated"].any()


def test_scores_over_all_runs_have_a_mean_only():
    table = correlation_table(scores() | {"whole": scores()["a"].mean(0, keepdims=True)})
    assert square(table, "mean_mean").loc["whole", "a"] == 1
    assert square(table, "mean_run").loc["whole"].notna().tolist() == [True, True, True, False]
    for kind in ("run_run", "same_run", "disattenuated"):
        assert square(table, kind).loc["whole"].isna().all()
        assert (square(table, kind, "n").loc["whole"] == 0).all()
        assert (square(table, kind, "reason").loc["whole"] == "whole has one value over all runs").all()
    assert np.isnan(square(table, "mean_mean", "low").loc["whole", "whole"])
    assert np.isfinite(square(table, "mean_mean", "low").loc["whole", "a"])


def test_constant_runs_are_left_out_and_constant_scores_are_undefined():
    matrices = scores()
    matrices["b"][0] = 1.0
    matrices["c"][:] = 0.0
    table = correlation_table(matrices)
    run_run = table[table.kind == "run_run"].set_index(["score_a", "score_b"])
    assert run_run.n["a", "b"] == 5 and run_run.n["b", "b"] == 5 and run_run.n["a", "a"] == 6
    assert run_run.estimate["a", "b"] > 0.3 and np.isfinite(run_run.low["a", "b"])
    with_constant = table[(table.score_a == "c") | (table.score_b == "c")]
    with_constant = with_constant[~((with_constant.kind == "mean_mean") & (with_constant.score_a == "c"))]
    assert with_constant.estimate.isna().all() and with_constant.low.isna().all()
    assert (table.reason != "").equals(table.estimate.isna())
    assert run_run.reason["a", "c"] == "c gives all examples the same score"


@pytest.mark.parametrize("runs", [1, 2])
def test_few_runs(runs):
    table = correlation_table(scores(runs))
    assert table.low.isna().all()
    assert square(table, "run_run").notna().all(axis=None) == (runs > 1)
    assert square(table, "mean_mean").notna().all(axis=None)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(StudyError):
        correlation_table({"a": np.zeros((3, 5)), "b": np.zeros((4, 5))})
    assert correlation_table({}).empty
