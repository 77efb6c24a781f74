"""Consistency tables: columns, degenerate scores and known cases."""

import numpy as np
import pytest

from study.analysis.consistency import consistency_tables, example_rank_error, quantile_bins, tied_share
from study.analysis.ranks import average_ranks
from study.errors import StudyError

STATISTICS = [
    "spearman",
    "rank_error_median",
    "rank_error_mean",
    "rank_error_median_inclusive",
    "rank_error_mean_inclusive",
    "tied_share",
]


def runs(noise, shape=(6, 200), seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape[1]) + noise * rng.standard_normal(shape)


def test_tables_have_a_row_per_thing():
    tables = consistency_tables({"a": runs(0.3), "b": runs(0.5)}, quantiles=4)
    assert list(tables.summary.columns) == [
        "score", "statistic", "estimate", "low", "high", "n", "detectable", "reason",
    ]  # fmt: skip
    assert tables.summary.statistic.tolist() == STATISTICS * 2
    assert tables.quantiles["quantile"].tolist() == [1, 2, 3, 4] * 2
    assert tables.quantiles.groupby("score").examples.sum().tolist() == [200, 200]
    assert len(tables.runs) == 12 and not tables.summary.isna().any(axis=None)
    assert (tables.summary.low <= tables.summary.estimate).all()


def test_more_noise_means_less_consistency_and_the_inclusive_form_flatters():
    table = consistency_tables({"a": runs(0.2), "b": runs(1.0)}).summary
    value = table.pivot(index="statistic", columns="score", values="estimate")
    assert value.a["spearman"] > value.b["spearman"]
    assert value.a["rank_error_mean"] < value.b["rank_error_mean"]
    assert (value.loc["rank_error_mean_inclusive"] < value.loc["rank_error_mean"]).all()
    assert (value.loc["tied_share"] == 0).all()


def test_runs_that_agree_have_no_rank_error():
    same = np.tile(np.arange(30.0), (4, 1))
    table = consistency_tables({"s": same}).summary.set_index("statistic")
    assert table.estimate["spearman"] == 1 and table.low["spearman"] == pytest.approx(1)
    assert (table.estimate[STATISTICS[1:]] == 0).all() and (example_rank_error(same) == 0).all()


@pytest.mark.parametrize("constant", [4, 5, 6])
def test_constant_runs_are_left_out_and_counted(constant):
    matrix = runs(0.3)
    matrix[:constant] = 1.0
    left = 6 - constant
    tables = consistency_tables({"s": matrix})
    assert (tables.summary.n == left).all() and (tables.quantiles.n == left).all()
    assert tables.runs.run.tolist() == list(range(6))
    assert tables.runs.reason[:constant].eq("the run gives all examples the same score").all()
    assert tables.runs.spearman.notna().tolist() == [left > 1 and run >= constant for run in range(6)]
    assert tables.summary.reason.ne("").all() == tables.summary.estimate.isna().all()
    if left < 2:
        assert tables.runs.reason.ne("").all() and tables.quantiles.reason.ne("").all()
        assert tables.summary.estimate.isna().all() and tables.quantiles.estimate.isna().all()
        assert np.isnan(example_rank_error(matrix)).all()
    else:
        assert tables.summary.estimate.notna().all()
        assert tables.summary.low.isna().all()


def test_bins_of_coarse_scores_may_be_empty_but_never_split_ties():
    coarse = np.tile(np.repeat([0.0, 1.0], [90, 10]), (5, 1))
    table = consistency_tables({"s": coarse}, quantiles=10).quantiles
    assert table.examples.tolist() == [0, 0, 0, 0, 90, 0, 0, 0, 0, 10]
    assert table.estimate.notna().tolist() == (table.examples > 0).tolist() == (table.reason == "").tolist()
    assert quantile_bins(np.arange(1, 101.0), 10).tolist() == np.repeat(np.arange(10), 10).tolist()


def test_tied_share_counts_examples_with_a_twin():
    values = np.array([[1, 1, 2, 3, 3, 3], [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 1]])
    assert tied_share(average_ranks(values)) == pytest.approx([5 / 6, 0, 5 / 6])


def test_missing_values_are_refused():
    matrix = runs(0.3)
    matrix[2, 3] = np.nan
    with pytest.raises(StudyError, match="'vog'"):
        consistency_tables({"vog": matrix})
