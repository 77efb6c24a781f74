"""Divergence: found, named, and not seen in healthy training."""

import numpy as np
import pytest
import torch

from study.training.contracts import RunKey
from study.training.faults import DivergedError, check_losses

RUN = RunKey(0, 3, "resnet8")
CHANCE = float(np.log(10))


def check(losses, epoch=2, sizes=None):
    losses = torch.tensor(losses)
    return check_losses(losses, sizes or [8] * len(losses), [0.1] * len(losses), RUN, epoch, CHANCE)


def test_the_mean_counts_examples_not_minibatches():
    assert check([1.0, 4.0], sizes=[3, 1]) == pytest.approx(1.75)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_names_its_step(bad):
    with pytest.raises(DivergedError) as error:
        check([1.0, bad, bad], epoch=1)
    message = str(error.value)
    for part in (
        "model resnet8",
        "seed 3",
        "epoch 1",
        "step 2 of 3",
        "learning rate 0.1",
        "training.lr",
        "warmup",
    ):
        assert part in message


def test_a_loss_far_above_guessing_is_divergence():
    assert check([9.9 * CHANCE]) > 20
    with pytest.raises(DivergedError, match=r"rose to 23\.3, and guessing would have 2\.3"):
        check([10.1 * CHANCE])


def test_a_spike_in_the_first_epoch_passes():
    assert check([50.0], epoch=1) == 50
