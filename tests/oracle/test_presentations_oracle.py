"""Forgetting is counted on what the model says of an example just before the update that it is part of.

The plain loop of the reference notes its own predictions, so a loop that tells its observers too late, or in
another mode, disagrees with it.
"""

from itertools import pairwise

import numpy as np
import pytest
from tests.oracle.mutation import mutated
from tests.oracle.training_reference import CONFIGS, EPOCHS, reference, trained

from study.scores.forgetting import PresentationForgetting
from study.training import loop


def disagree(name: str) -> bool:
    """Whether recorded forgetting is not that of the plain loop's predictions."""
    _, initial, recorder, _, settings = trained(name)
    _, right = reference(name, initial, settings)
    recorded = recorder.columns()
    events = [
        sum(a and not b for a, b in pairwise(history)) if any(history) else EPOCHS + 1 for history in right.T
    ]
    never = ~right.any(0)
    return recorded["forgetting"].tolist() != events or recorded["never_learned"].tolist() != never.tolist()


@pytest.mark.parametrize("name", CONFIGS)
def test_forgetting_is_that_of_the_plain_loops_predictions(name):
    assert not disagree(name)


TELLING = """            for observer in observers:
                observer.on_batch(batch.indices, right)
"""
STEP = "            optimizer.step()\n"
AGAIN = "right = task.right(model(batch.inputs), batch)"
MUTANTS = {
    "after the update, in evaluation mode": (
        (TELLING, ""),
        (STEP, STEP + "            model.eval(); " + AGAIN + "; model.train()\n" + TELLING),
    ),
    "after the update": (
        (TELLING, ""),
        (STEP, STEP + "            " + AGAIN + "\n" + TELLING),
    ),
    "in evaluation mode": (
        (
            TELLING,
            "            model.eval(); " + AGAIN + "; model.train()\n" + TELLING,
        ),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_predictions_of_another_moment_are_caught(mutant, monkeypatch):
    monkeypatch.setattr(loop, "train", mutated(loop, *MUTANTS[mutant]).train)
    assert any(disagree(name) for name in ("resnet", "resnet-adam"))


def test_predictions_of_another_order_are_caught(monkeypatch):
    update = PresentationForgetting.update
    monkeypatch.setattr(
        PresentationForgetting, "update", lambda self, i, right: update(self, np.sort(i), right)
    )
    assert disagree("mlp")
