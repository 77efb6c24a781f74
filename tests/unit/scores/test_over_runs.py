"""Scores over the runs of a model, by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from study.scores.over_runs import agreement, ddd


def test_by_hand():
    correct = np.array([[1.0, 0, 1], [1, 0, 0], [1, 0, 0]])
    assert agreement(correct).tolist() == [1, 0, 1 / 3]
    assert ddd(correct).tolist() == [1, -1, 0]


@given(arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=st.sampled_from([0.0, 1.0])))
def test_ddd_follows_agreement(correct):
    expected = [{1.0: 1, 0.0: -1}.get(sum(column) / len(column), 0) for column in correct.T.tolist()]
    assert ddd(correct).tolist() == expected
