"""Ranks of means: ties that rounding must keep, and refusals."""

import numpy as np
import pytest

from study.analysis import run_means
from study.analysis.run_means import (
    all_but,
    correlate_ranks,
    finite_matrix,
    mean_ranks,
    ranked_runs,
    rounded,
    same_shape,
)
from study.errors import StudyError


def test_means_of_the_same_values_in_another_order_tie():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 25, 24) / 24
    matrix = np.array([rng.permutation(values) for _ in range(200)]).T  # every example: the same 24 values
    assert len(set(matrix.mean(0))) > 1  # as sums of floats they differ
    assert (mean_ranks(matrix, np.ones((1, 24), dtype=bool)) == 100.5).all()


def test_rounding_keeps_41_bits():
    values = np.array([1 + 2.0**-52, 1 + 2.0**-30, -3.0, 0.0, 1e-300])
    assert rounded(values)[0] == 1
    assert rounded(values)[1:] == pytest.approx(values[1:], rel=2.0**-40)


def test_ranks_of_means_do_not_depend_on_blocks(monkeypatch):
    values = np.random.default_rng(0).standard_normal((5, 30))
    chosen = all_but(5, np.arange(5), np.roll(np.arange(5), 1))
    assert chosen.sum(1).tolist() == [3] * 5
    whole = mean_ranks(values, chosen)
    monkeypatch.setattr(run_means, "_BLOCK", 45)
    assert (mean_ranks(values, chosen) == whole).all()


def test_constant_runs_are_left_out():
    matrix = np.array([[1.0, 1, 1], [1, 2, 3], [0, 0, 1]])
    assert ranked_runs("s", matrix).tolist() == [[1, 2, 3], [0, 0, 1]]
    assert ranked_runs("s", np.ones((2, 3))).shape == (0, 3)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_without_a_rank_are_refused(bad):
    with pytest.raises(StudyError, match="'loss' cannot be ranked: 1 values"):
        finite_matrix("loss", np.array([[1.0, bad], [0.0, 1.0]]))
    with pytest.raises(StudyError, match="shape"):
        finite_matrix("loss", np.zeros((2, 2, 2)))


def test_scores_that_do_not_fit_together_are_refused():
    assert same_shape({"a": np.ones((3, 5)), "b": np.ones(5)}) == (3, 5)
    for other in (np.ones((2, 5)), np.ones((3, 4))):
        with pytest.raises(StudyError, match="'b' has"):
            same_shape({"a": np.ones((3, 5)), "b": other})


def test_correlation_of_ranks_is_exact_in_single_precision():
    ranks = np.array([np.random.default_rng(0).permutation(999) + 1.0])
    rows = np.vstack([ranks, 1000 - ranks, np.full((1, 999), 500.0)]).astype(np.float32)
    table = correlate_ranks(rows, rows)
    assert table[0, 0] == 1 and table[0, 1] == -1 and np.isnan(table[2]).all() and np.isnan(table[:, 2]).all()
