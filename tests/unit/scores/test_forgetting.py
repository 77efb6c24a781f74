"""Forgetting and learning: small histories by hand, never-learned examples, going on from a saved state."""

import numpy as np
import pytest

from study.scores.forgetting import EpochForgetting, PresentationForgetting

# One history per line, T = 5: its events, first learned, consistently learned, unforgettable.
HISTORIES = {
    "00000": (6, 6, 6, 0),
    "11111": (0, 1, 1, 1),
    "00111": (0, 3, 3, 1),
    "00001": (0, 5, 5, 1),
    "10101": (2, 1, 5, 0),
    "01010": (2, 2, 6, 0),
    "11110": (1, 1, 6, 0),
    "10000": (1, 1, 6, 0),
    "01101": (1, 2, 5, 0),
}
CORRECT = np.array([[digit == "1" for digit in history] for history in HISTORIES])


def by_epochs(correct):
    forgetting = EpochForgetting(*correct.shape)
    for epoch in correct.T:
        forgetting.update(epoch)
    return forgetting.columns()


def by_presentations(correct, batch=4, seed=0):
    """Each epoch in an order of its own, with a last batch that is not full."""
    generator = np.random.default_rng(seed)
    forgetting = PresentationForgetting(*correct.shape)
    for epoch in correct.T:
        order = generator.permutation(len(epoch))
        for start in range(0, len(order), batch):
            indices = order[start : start + batch]
            forgetting.update(indices, epoch[indices])
    return forgetting.columns()


def test_histories_by_hand():
    columns = by_epochs(CORRECT)
    names = ("forgetting_epoch", "first_learned", "consistently_learned", "unforgettable")
    assert list(zip(*(columns[name].tolist() for name in names), strict=True)) == list(HISTORIES.values())
    assert all(values.dtype == np.int64 for values in columns.values())


def test_presentations_by_hand():
    columns = by_presentations(CORRECT)
    assert columns["forgetting"].tolist() == [events for events, *_ in HISTORIES.values()]
    assert columns["never_learned"].tolist() == [history == "00000" for history in HISTORIES]
    assert columns["forgetting"].dtype == np.int64 and columns["never_learned"].dtype == bool


@pytest.mark.parametrize("epochs", [1, 2, 3, 8])
def test_never_learned_examples_look_harder_than_all_others(epochs):
    every = np.array(np.meshgrid(*[[False, True]] * epochs)).reshape(epochs, -1).T
    never = ~every.any(axis=1)
    for events in (by_presentations(every)["forgetting"], by_epochs(every)["forgetting_epoch"]):
        assert events[never].min() > events[~never].max()


@pytest.mark.parametrize("stop", range(6))
def test_going_on_from_a_saved_state_gives_the_same_bytes(stop):
    steps = {
        EpochForgetting: [(epoch,) for epoch in CORRECT.T],
        PresentationForgetting: [(np.arange(len(epoch)), epoch) for epoch in CORRECT.T],
    }
    for kind, updates in steps.items():
        first, second = kind(*CORRECT.shape), kind(*CORRECT.shape)
        for update in updates[:stop]:
            first.update(*update)
        state = first.state()
        for update in updates[stop:]:
            first.update(*update)
        second.load_state(state)
        for update in updates[stop:]:
            second.update(*update)
        a, b = first.columns(), second.columns()
        assert all(a[name].tobytes() == b[name].tobytes() for name in a)


def test_accuracy_as_numbers_is_the_same():
    numbers, flags = by_epochs(CORRECT.astype(float)), by_epochs(CORRECT)
    assert all((numbers[name] == flags[name]).all() for name in flags)


def test_misuse_is_refused():
    with pytest.raises(ValueError, match="twice"):
        PresentationForgetting(3, 2).update(np.array([1, 1]), np.array([True, False]))
    forgetting = EpochForgetting(1, 1)
    with pytest.raises(ValueError, match="0 of 1"):
        forgetting.columns()
    forgetting.update(np.array([True]))
    with pytest.raises(ValueError, match="all 1"):
        forgetting.update(np.array([True]))
