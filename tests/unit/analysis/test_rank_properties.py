"""What holds of ranks and rank correlations for any numbers, infinite and tiny ones among them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from study.analysis import ranks as module
from study.analysis.ranks import average_ranks, normal_scores, spearman_matrix, spearman_rows

NUMBERS = st.floats(allow_nan=False) | st.integers(-3, 3).map(float)  # small integers tie
MATRICES = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 30)), elements=NUMBERS)


@pytest.fixture(autouse=True, scope="module", params=[module._LONG, 1], ids=["compared", "by digits"])
def way_of_sorting(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LONG", request.param)
        yield


@settings(deadline=None)
@given(MATRICES, st.randoms(use_true_random=False))
def test_ranks_follow_their_examples_and_add_up(values, random):
    ranks, n = average_ranks(values), values.shape[1]
    assert (ranks.sum(axis=1) == n * (n + 1) / 2).all()
    order = random.sample(range(n), n)
    assert (average_ranks(values[:, order]) == ranks[:, order]).all()
    assert (average_ranks(-values) == n + 1 - ranks).all()
    smaller = values[:, :, None] < values[:, None, :]
    assert ((ranks[:, :, None] < ranks[:, None, :]) == smaller).all()


@settings(deadline=None)
@given(MATRICES)
def test_only_the_order_of_numbers_counts(values):
    replaced = np.array([np.unique(row, return_inverse=True)[1] for row in values])
    matrix = spearman_matrix(values)
    np.testing.assert_array_equal(spearman_matrix(replaced), matrix)
    np.testing.assert_array_equal(normal_scores(replaced), normal_scores(values))


@settings(deadline=None)
@given(MATRICES, st.randoms(use_true_random=False))
def test_correlations_are_bounded_symmetric_and_blind_to_the_order_of_examples(values, random):
    matrix = spearman_matrix(values)
    varied = ~(values == values[:, :1]).all(axis=1)
    np.testing.assert_array_equal(np.isfinite(matrix), np.outer(varied, varied))
    assert (np.abs(matrix[varied][:, varied]) <= 1).all() and (np.diag(matrix)[varied] == 1).all()
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(spearman_matrix(-values, values), -matrix)
    order = random.sample(range(values.shape[1]), values.shape[1])
    np.testing.assert_array_equal(spearman_matrix(values[:, order]), matrix)
    np.testing.assert_array_equal(spearman_rows(values, values[::-1]), np.diag(matrix[:, ::-1]))


@settings(deadline=None)
@given(MATRICES)
def test_normal_scores_are_finite_and_change_sign_with_their_numbers(values):
    scores = normal_scores(values)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(normal_scores(-values), -scores, atol=1e-12)
