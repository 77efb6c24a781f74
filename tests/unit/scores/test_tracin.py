"""TracIn: what is summed, and going on from a saved state."""

import numpy as np

from study.scores.tracin import SelfInfluence


def test_rates_weigh_squares_of_norms():
    influence = SelfInfluence(2)
    influence.update(0.5, np.array([2.0, 0.0]))
    influence.update(0.1, np.array([1.0, 3.0]))
    np.testing.assert_allclose(influence.columns()["tracin_self"], [2.1, 0.9])


def test_large_norms_have_squares():
    influence = SelfInfluence(1)
    influence.update(1.0, np.array([1e30]))
    assert influence.columns()["tracin_self"].item() == 1e30**2


def test_a_loaded_state_goes_on_with_the_same_bytes():
    norms = np.random.default_rng(0).random((4, 9))
    whole, first, second = SelfInfluence(9), SelfInfluence(9), SelfInfluence(9)
    for influence, rows in ((whole, norms), (first, norms[:2])):
        for row in rows:
            influence.update(0.3, row)
    second.load_state(first.state())
    for row in norms[2:]:
        second.update(0.3, row)
    assert whole.columns()["tracin_self"].tobytes() == second.columns()["tracin_self"].tobytes()
