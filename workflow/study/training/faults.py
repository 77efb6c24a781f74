"""Trainings that went wrong, in words."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from study.errors import StudyError
from study.training.contracts import RunKey

TOLERATED = 10
"""An epoch's mean training loss above so many times that of guessing counts as divergence, from the second
epoch on. A healthy training stays near or below 1; a spike in the first steps at a high rate passes."""


class DivergedError(StudyError):
    """A run whose loss is not finite or far above that of guessing. Other seeds of the model may do well."""


def check_losses(
    losses: Tensor,
    sizes: Sequence[int],
    rates: Sequence[float],
    run: RunKey,
    epoch: int,
    chance_loss: float,
) -> float:
    """The mean loss of an epoch over its examples.

    Args:
        losses: (S,) mean loss of each minibatch; read once an epoch, so that a GPU need not wait each step.
        sizes: (S,) examples of each minibatch.
        rates: (S,) learning rate of each update.
        run, epoch: what the error message names.
        chance_loss: loss of a uniform guess.

    Raises:
        DivergedError: a loss is not finite, or the mean is above `TOLERATED * chance_loss` in a later epoch
            than the first.
    """
    values = losses.double().cpu().numpy()
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        step = int(bad[0])
        raise diverged(
            f"the training loss became {values[step]}",
            run,
            epoch,
            rates[step],
            f"step {step + 1} of {len(values)}",
        )
    mean = float(np.average(values, weights=sizes))
    if epoch > 1 and mean > TOLERATED * chance_loss:
        what = f"the training loss rose to {mean:.3g}, and guessing would have {chance_loss:.3g}"
        raise diverged(what, run, epoch, rates[-1])
    return mean


def diverged(what: str, run: RunKey, epoch: int, rate: float, step: str = "its end") -> DivergedError:
    """The error for a training that diverged at a step of an epoch."""
    model = run.model.partition("/")[0]
    return DivergedError(
        f"training diverged: {what}",
        where=f"model {run.model}, seed {run.seed}, epoch {epoch}, {step}, learning rate {rate:.3g}",
        expected=f"a finite loss, and below {TOLERATED} times that of guessing after the first epoch",
        do=f"lower models.{model}.training.lr (by a factor of 3, say), or lengthen training.warmup; "
        "if only some seeds fail, the rate is at the edge of what the model can bear",
    )
