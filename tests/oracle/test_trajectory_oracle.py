"""Trajectory and forgetting scores against loops over each example's complete history."""

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.scores.forgetting import EpochForgetting, PresentationForgetting
from study.scores.pointwise import pointwise_scores
from study.scores.trajectory import TrajectoryScores


def slow_forgetting(history):
    """From one example's list of booleans."""
    t = len(history)
    if True not in history:
        return {"events": t + 1, "first": t + 1, "lasting": t + 1, "unforgettable": 0}
    events = sum(history[e] and not history[e + 1] for e in range(t - 1))
    lasting = next((e + 1 for e in range(t) if all(history[e:])), t + 1)
    first = history.index(True) + 1
    return {"events": events, "first": first, "lasting": lasting, "unforgettable": int(events == 0)}


def fast_forgetting(histories, shuffle_seed=0):
    correct = np.array(histories)
    epochs, own = EpochForgetting(*correct.shape), PresentationForgetting(*correct.shape)
    generator = np.random.default_rng(shuffle_seed)
    for epoch in correct.T:
        epochs.update(epoch)
        for indices in np.array_split(generator.permutation(len(epoch)), 2):
            own.update(indices, epoch[indices])
    columns = epochs.columns() | own.columns()
    named = {
        "events": "forgetting_epoch",
        "first": "first_learned",
        "lasting": "consistently_learned",
        "unforgettable": "unforgettable",
    }
    return [
        {key: int(columns[name][i]) for key, name in named.items()} | {"own": int(columns["forgetting"][i])}
        for i in range(len(histories))
    ]


def check_forgetting(function, histories):
    for actual, history in zip(function(histories), histories, strict=True):
        expected = slow_forgetting(history)
        assert actual == expected | {"own": expected["events"]}


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 8).flatmap(
        lambda t: st.lists(st.lists(st.booleans(), min_size=t, max_size=t), min_size=1, max_size=6)
    )
)
def test_forgetting_against_loops(histories):
    check_forgetting(fast_forgetting, histories)


def forgetting_mutants():
    def never_is_zero(row, history):
        return row | {"events": row["events"] * (True in history)}

    def zero_based(row, history):
        return row | {"first": row["first"] - 1}

    def learning_events(row, history):
        rises = sum(not a and b for a, b in zip([False, *history], history, strict=False))
        return row | {"own": rises}

    def never_is_unforgettable(row, history):
        return row | {"unforgettable": int(row["events"] == 0 or True not in history)}

    def lasting_ignores_the_end(row, history):
        return row | {"lasting": row["first"]}

    return [never_is_zero, zero_based, learning_events, never_is_unforgettable, lasting_ignores_the_end]


@pytest.mark.parametrize("mutate", forgetting_mutants())
def test_forgetting_mutants_are_caught(mutate):
    histories = [[False] * 4, [True, False, True, True], [True] * 4, [False, True, True, False]]

    def mutant(histories):
        return [
            mutate(row, history) for row, history in zip(fast_forgetting(histories), histories, strict=True)
        ]

    with pytest.raises(AssertionError):
        check_forgetting(mutant, histories)


def made_up_training(seed, epochs, n=4, c=3):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, c, n)
    return [pointwise_scores(generator.normal(0, 2, (n, c)), labels) for _ in range(epochs)]


def fast_trajectory(history, early):
    trajectory = TrajectoryScores(len(history[0]["loss"]), len(history), early)
    for scores in history:
        trajectory.update(scores)
    return trajectory.columns()


def check_trajectory(function, history, early):
    columns = function(history, early)
    for name in history[0]:
        for i in range(len(history[0][name])):
            series = [float(scores[name][i]) for scores in history]
            assert columns[f"{name}_mean"][i] == pytest.approx(statistics.fmean(series), rel=1e-12, abs=1e-15)
            assert columns[f"{name}_early"][i] == series[early - 1]
            assert columns[f"{name}_last"][i] == series[-1]
            if name == "confidence":
                spread = statistics.pstdev(series)
                assert columns["variability"][i] == pytest.approx(spread, rel=1e-9, abs=1e-15)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 7), st.data())
def test_trajectory_against_loops(seed, epochs, data):
    early = data.draw(st.integers(1, epochs))
    check_trajectory(fast_trajectory, made_up_training(seed, epochs), early)


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ("aum_mean", lambda c, t: c["aum_mean"] * t / (t - 1)),  # divides by another window than it sums
        ("aum_mean", lambda c, t: c["margin_mean"]),
        ("aum_early", lambda c, t: c["aum_last"]),
        ("aum_last", lambda c, t: c["aum_mean"]),
        ("el2n_mean", lambda c, t: np.sqrt((c["el2n_mean"] ** 2 + c["el2n_last"] ** 2) / 2)),
        ("variability", lambda c, t: c["variability"] * np.sqrt(t / (t - 1))),  # ddof 1
        ("variability", lambda c, t: c["variability"] ** 2),
    ],
)
def test_trajectory_mutants_are_caught(column, wrong):
    def mutant(history, early):
        columns = fast_trajectory(history, early)
        return columns | {column: wrong(columns, len(history))}

    history = made_up_training(0, 5)
    check_trajectory(fast_trajectory, history, 2)
    with pytest.raises(AssertionError):
        check_trajectory(mutant, history, 2)
