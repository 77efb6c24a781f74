"""Trajectory scores: columns, windows, ties and going on from a saved state."""

import numpy as np
import pytest

from study.errors import StudyError
from study.scores.pointwise import FUNCTIONS, pointwise_scores
from study.scores.trajectory import TrajectoryScores


def training(epochs=6, n=20, c=4, seed=0):
    """The pointwise scores of each epoch of a made-up training."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, c, n)
    return [pointwise_scores(generator.normal(0, 3, (n, c)), labels) for _ in range(epochs)]


def run(epochs, early=1):
    trajectory = TrajectoryScores(len(epochs[0]["loss"]), len(epochs), early)
    for scores in epochs:
        trajectory.update(scores)
    return trajectory.columns()


def test_every_pointwise_score_has_three_columns_and_confidence_a_spread():
    columns = run(training())
    expected = {f"{name}_{when}" for name in FUNCTIONS for when in ("mean", "early", "last")} | {
        "variability"
    }
    assert columns.keys() == expected
    assert all(values.dtype == np.float64 and values.shape == (20,) for values in columns.values())


@pytest.mark.parametrize("early", [1, 3, 6])
def test_early_counts_from_one_and_last_is_the_last(early):
    epochs = training()
    columns = run(epochs, early)
    for name in FUNCTIONS:
        assert (columns[f"{name}_early"] == epochs[early - 1][name]).all()
        assert (columns[f"{name}_last"] == epochs[-1][name]).all()


def test_one_epoch_is_its_own_mean():
    columns = run(training(epochs=1))
    assert (columns["loss_mean"] == columns["loss_last"]).all() and (columns["variability"] == 0).all()


def test_equal_numbers_of_correct_epochs_tie_whatever_their_order():
    epochs = training(epochs=7, n=35)
    generator = np.random.default_rng(1)
    orders = np.array([generator.permutation([1, 1, 1, 0, 0, 0, 0]) for _ in range(35)], float)
    for e, scores in enumerate(epochs):
        scores["accuracy"] = orders[:, e]
    assert np.unique(run(epochs)["accuracy_mean"]).tolist() == [3 / 7]


def test_steady_confidence_has_no_spread_and_a_shift_does_not_matter():
    epochs = training(epochs=9)
    steady = [scores | {"confidence": np.full(20, 0.1)} for scores in epochs]
    assert (run(steady)["variability"] == 0).all()
    # The textbook E[x²] − E[x]² loses all digits here; Welford's recurrence does not.
    shifted = [scores | {"confidence": scores["confidence"] + 1e8} for scores in epochs]
    np.testing.assert_allclose(run(shifted)["variability"], run(epochs)["variability"], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("stop", range(7))
def test_going_on_from_a_saved_state_gives_the_same_bytes(stop):
    epochs = training()
    first = TrajectoryScores(20, 6, 2)
    for scores in epochs[:stop]:
        first.update(scores)
    state = first.state()
    for scores in epochs[stop:]:
        first.update(scores)  # must not reach into the saved state
    second = TrajectoryScores(20, 6, 2)
    second.load_state(state)
    for scores in epochs[stop:]:
        second.update(scores)
    a, b = first.columns(), second.columns()
    assert all(a[name].tobytes() == b[name].tobytes() for name in a)
    ours, theirs = first.state(), second.state()
    assert all(ours[name].tobytes() == theirs[name].tobytes() for name in ours)


def test_a_loaded_state_stays_as_it_was():
    state = TrajectoryScores(20, 2, 1).state()
    for array in state.values():
        array.flags.writeable = False  # as arrays that are read from a file may be
    trajectory = TrajectoryScores(20, 2, 1)
    trajectory.load_state(state)
    trajectory.update(training(1)[0])
    assert state["epoch"] == 0 and (state["loss_sum"] == 0).all()


def test_memory_does_not_grow_with_epochs():
    sizes = [sum(a.nbytes for a in TrajectoryScores(100, t, 1).state().values()) for t in (2, 200)]
    assert sizes[0] == sizes[1] <= 100 * 8 * (3 * len(FUNCTIONS) + 2) + 8


def test_columns_are_copies():
    trajectory = TrajectoryScores(20, 1, 1)
    trajectory.update(training(1)[0])
    trajectory.columns()["loss_last"][:] = -1
    assert (trajectory.columns()["loss_last"] >= 0).all()


def test_misuse_is_refused():
    for early in (0, 5):
        with pytest.raises(ValueError, match="early epoch"):
            TrajectoryScores(3, 4, early)
    trajectory = TrajectoryScores(20, 2, 1)
    trajectory.update(training(1)[0])
    with pytest.raises(ValueError, match="1 of 2"):
        trajectory.columns()
    trajectory.update(training(1)[0])
    with pytest.raises(ValueError, match="all 2"):
        trajectory.update(training(1)[0])


def test_a_foreign_state_is_refused():
    with pytest.raises(StudyError, match="TrajectoryScores") as caught:
        TrajectoryScores(20, 2, 1).load_state(TrajectoryScores(21, 2, 1).state())
    assert "(21,)" in caught.value.where and "(20,)" in caught.value.expected
    with pytest.raises(StudyError):
        TrajectoryScores(20, 2, 1).load_state({})
