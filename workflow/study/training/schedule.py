"""The learning rate as a function of the step number: nothing to store, nothing to resume."""

import math

from study.config.training import TrainingSettings


def learning_rate(step: int, steps: int, settings: TrainingSettings) -> float:
    """The learning rate of one update.

    Warm-up takes the first w = round(warmup * steps) updates and rises linearly, (step + 1) / w. A step
    schedule multiplies by `gamma` at each milestone, round(fraction * steps), counted over the whole
    training. A cosine falls from the end of warm-up, (1 + cos(π (step - w) / (steps - w))) / 2 (Loshchilov &
    Hutter 2017, eq. 5 with one period and a minimum of 0), and would reach 0 right after the last update.

    A line falls from there to 0 likewise, (steps - step) / (steps - w).

    Args:
        step: number of the update, from 0.
        steps: updates of the whole training.
        settings: peak rate, shape and warm-up.
    """
    warmup = round(settings.warmup * steps)
    rate = settings.lr * min(1.0, (step + 1) / warmup) if warmup else settings.lr
    if settings.schedule == "step":
        passed = sum(step >= round(fraction * steps) for fraction in settings.milestones)
        return rate * settings.gamma**passed
    if settings.schedule == "cosine" and step >= warmup:
        return rate * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2
    if settings.schedule == "linear" and step >= warmup:
        return rate * (steps - step) / (steps - warmup)
    return rate
