"""The learning rate by step."""

import pytest

from study.config.training import TrainingSettings
from study.training.schedule import learning_rate


def rates(steps: int, **settings) -> list[float]:
    training = TrainingSettings(**{"lr": 1.0, "schedule": "constant", **settings})
    return [learning_rate(step, steps, training) for step in range(steps)]


def test_constant():
    assert rates(3) == [1, 1, 1]


def test_warm_up_reaches_the_peak_at_its_last_update():
    assert rates(5, warmup=0.4) == [0.5, 1, 1, 1, 1]


def test_steps_fall_at_fractions_of_the_whole_training():
    assert rates(8, schedule="step", milestones=[0.5, 0.75], gamma=0.5) == [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25]


def test_the_papers_schedule_falls_after_epochs_80_and_120_of_160():
    steps = 391
    by_step = rates(160 * steps, schedule="step", milestones=[0.5, 0.75], gamma=0.1)
    assert by_step[80 * steps - 1] == 1
    assert by_step[80 * steps] == 0.1
    assert by_step[120 * steps - 1] == 0.1
    assert by_step[120 * steps] == pytest.approx(0.01)


def test_a_milestone_that_floats_miss_falls_on_its_step():
    assert (
        rates(20, schedule="step", milestones=[0.55], gamma=0.5)[11] == 0.5
    )  # 0.55 * 20 = 11.000000000000002


def test_cosine_falls_from_the_peak_to_almost_nothing():
    by_step = rates(100, schedule="cosine", warmup=0.1)
    assert max(by_step) == by_step[9] == by_step[10] == 1
    assert by_step[55] == pytest.approx(0.5)
    assert 0 < by_step[-1] < 0.001
