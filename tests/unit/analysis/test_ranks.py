"""Ranks and rank correlations: shapes, edges, refusals and exactness."""

import numpy as np
import pytest

from study.analysis import ranks
from study.analysis.ranks import average_ranks, normal_scores, spearman_matrix, spearman_rows
from study.errors import StudyError


def test_ranks_keep_the_shape_and_average_ties():
    assert average_ranks(np.array([3.0, 1.0, 3.0, -np.inf])).tolist() == [3.5, 2, 3.5, 1]
    matrix = average_ranks(np.array([[2, 2, 2], [0, 5, 1]]))
    assert matrix.tolist() == [[2, 2, 2], [1, 3, 2]]
    assert matrix.dtype == np.float64
    assert average_ranks(np.array([True, False, True])).tolist() == [2.5, 1, 2.5]


def test_ranks_do_not_depend_on_blocks(monkeypatch):
    values = np.random.default_rng(0).integers(0, 9, (13, 20)).astype(np.float32)
    whole = average_ranks(values)
    monkeypatch.setattr(ranks, "_BLOCK", 45)
    assert (average_ranks(values) == whole).all()


def test_input_is_left_alone():
    values = np.array([[3.0, 1.0, 2.0]])
    for function in (average_ranks, spearman_matrix, normal_scores):
        function(values)
    assert values.tolist() == [[3, 1, 2]]


@pytest.mark.parametrize("function", [average_ranks, spearman_matrix, normal_scores])
def test_nan_is_refused_with_its_place(function):
    values = np.zeros((3, 4))
    values[1, 2] = values[2, 0] = np.nan
    with pytest.raises(StudyError, match="2 missing values") as caught:
        function(values)
    assert "row 1, example 2" in caught.value.where


def test_equal_and_reversed_rankings_are_exact():
    values = np.random.default_rng(0).standard_normal((5, 777))
    matrix = spearman_matrix(values, np.concatenate([np.exp(values), -values]))
    assert (np.diag(matrix[:, :5]) == 1).all() and (np.diag(matrix[:, 5:]) == -1).all()
    assert (np.diag(spearman_matrix(values)) == 1).all()


def test_a_matrix_with_itself_is_bitwise_the_general_product():
    values = np.random.default_rng(0).integers(0, 40, (9, 300)).astype(float)
    own = spearman_matrix(values)
    assert (own == own.T).all() and (own == spearman_matrix(values, values.copy())).all()
    assert (spearman_rows(values, values[::-1]) == np.diag(own[:, ::-1])).all()
    assert (spearman_rows(values, values[0]) == own[:, 0]).all()


def test_constant_rows_give_nan_and_nothing_else_does():
    values = np.array([[1.0, 1, 1], [1, 2, 3], [1, 3, 2]])
    assert np.isnan(spearman_matrix(values)).tolist() == [
        [True] * 3,
        [True, False, False],
        [True, False, False],
    ]
    assert np.isnan(spearman_rows(values, values)).tolist() == [True, False, False]
    assert np.isnan(spearman_matrix(np.ones((2, 1)))).all()


def test_rows_of_different_length_are_refused():
    for function in (spearman_matrix, spearman_rows):
        with pytest.raises(ValueError, match="3 and of 4"):
            function(np.zeros((1, 3)), np.zeros((1, 4)))


def test_normal_scores_are_finite_monotone_and_centred():
    values = np.random.default_rng(0).standard_normal((4, 1001))
    scores = normal_scores(values)
    assert np.isfinite(scores).all()
    assert (average_ranks(scores) == average_ranks(values)).all()
    assert np.allclose(scores.mean(axis=1), 0, atol=1e-12) and np.allclose(scores.std(axis=1), 1, atol=0.01)
    assert (normal_scores(np.full((2, 7), 3.0)) == 0).all()
    tied = normal_scores(np.array([1.0, 1.0, 5.0]))
    assert tied[0] == tied[1] < tied[2]
