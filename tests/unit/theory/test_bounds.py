"""The bounds, against the counting argument written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.theory import bounds

sizes = st.tuples(st.integers(3, 4000), st.integers(1, 8), st.integers(1, 32))


@given(sizes)
def test_the_minimum_width_is_the_first_that_carries_alices_set(size):
    vertices, heads, bits = size
    width = next(m for m in range(1, 5000) if heads * (m + 1) * bits >= vertices - 2)
    assert bounds.minimum_width(vertices, heads, bits) == width


@given(st.integers(20, 4000), st.integers(1, 4), st.integers(1, 8))
def test_a_mixture_of_equal_size_is_ruled_out_from_k_star_on_and_not_before(vertices, heads, bits):
    least = bounds.minimum_width(vertices, heads, bits)
    if least <= 1:
        with pytest.raises(ValueError, match="rule out no width"):
            bounds.too_narrow_from(vertices, vertices, heads, bits)
        return
    experts = bounds.too_narrow_from(vertices, vertices, heads, bits)
    assert bounds.matched_width(vertices, experts) < least
    assert experts == 1 or bounds.matched_width(vertices, experts - 1) >= least * (1 - 1e-12)


@given(st.integers(2, 10**6))
def test_index_bits_hold_every_position(length):
    bits = bounds.index_bits(length)
    assert 2**bits >= length and (bits == 1 or 2 ** (bits - 1) < length)


def test_k_star_grows_with_the_square_of_the_precision():
    """About (c * bits)^2 for a dense model of width c * n (corollary 3.4)."""
    for factor in (1, 2, 3):
        experts = bounds.too_narrow_from(100_000, factor * 100_000, 1, 17)
        assert experts == pytest.approx((factor * 17) ** 2, rel=0.01)


def test_the_table_has_a_row_for_each_size():
    table = bounds.bounds_table([8, 1000], [1, 2], [1, 32])
    assert len(table) == 2 * 2 * 3
    row = table[(table["vertices"] == 1000) & (table["heads"] == 1) & (table["precision"] == "32")]
    assert row["minimum_width"].item() == 31 and row["solving_width"].item() == 1000
    none = table[(table["vertices"] == 8) & (table["precision"] == "32")]
    assert (none["minimum_width"] == 1).all() and none["too_narrow_experts"].isna().all()
