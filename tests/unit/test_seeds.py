"""Streams depend on all their keys, and on nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from study.seeds import generator, torch_seed

keys = st.lists(st.one_of(st.integers(), st.text(max_size=5)), min_size=1, max_size=4)


@given(keys, keys)
def test_streams_are_equal_exactly_when_their_keys_are(a, b):
    same = [(type(x), x) for x in a] == [(type(x), x) for x in b]
    assert (torch_seed(*a) == torch_seed(*b)) == same
    assert (
        np.array_equal(generator(*a).integers(2**62, size=2), generator(*b).integers(2**62, size=2)) == same
    )


def test_torch_takes_the_seed():
    assert 0 <= torch_seed(1, "a") < 2**63


def test_streams_do_not_change_between_versions():
    assert generator(0, "digits", "split").integers(1000, size=3).tolist() == [934, 350, 929]
