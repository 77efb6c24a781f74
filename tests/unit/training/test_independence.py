"""Runs start from weights of their own, and no two purposes share a stream of random numbers."""

import pytest
import torch
from tests.tiny_study import tiny_data, tiny_study
from torch import nn

from study.seeds import torch_seed
from study.training import image_runs as training
from study.training.device import prepare_device
from study.training.image_runs import prepare_model
from study.training.images import Normalisation, TrainingImages

CPU = torch.device("cpu")
BASE = {"study_seed": 0, "seed": 0, "model_name": "mlp"}
CHANGES = [{"study_seed": 1}, {"seed": 1}, {"model_name": "twin"}, {"study_seed": 1, "seed": -1}]


def settings(**changes):
    return tiny_study().run("difficulty", "tiny", "mlp", 0).model_copy(update=BASE | changes)


def weights(run) -> tuple[float, ...]:
    return tuple(nn.utils.parameters_to_vector(prepare_model(run, tiny_data(), CPU).parameters()).tolist())


def check_initial_weights():
    """Each key of a run changes its weights, none of them is drawn from another purpose's stream."""
    assert weights(settings()) == weights(settings())
    found = [weights(settings()), *(weights(settings(**change)) for change in CHANGES)]
    for stream in (("order", 1), ("augmentation", 1), ("dropout", 1), (1,), ()):
        torch.manual_seed(torch_seed(0, 0, "mlp", *stream))
        model = training.build(settings().model, (2, 8, 8), 3)
        found.append(tuple(nn.utils.parameters_to_vector(model.parameters()).tolist()))
    assert len(set(found)) == len(found), "two runs or purposes share their initial weights"


def test_initial_weights_are_those_of_their_run_alone():
    check_initial_weights()


@pytest.mark.parametrize(
    "mutant",
    [
        lambda study, seed, model, purpose: torch_seed(0, seed, model, purpose),
        lambda study, seed, model, purpose: torch_seed(study, 0, model, purpose),
        lambda study, seed, model, purpose: torch_seed(study, seed, purpose),
        lambda study, seed, model, purpose: torch_seed(study + seed, model, purpose),
        lambda study, seed, model, purpose: torch_seed(study, seed, model, "dropout", 1),
        lambda study, seed, model, purpose: torch_seed(study, seed, model),
    ],
    ids=["no study seed", "no run seed", "no model", "sum of seeds", "stream of dropout", "no purpose"],
)
def test_seeds_that_forget_a_key_are_caught(mutant, monkeypatch):
    monkeypatch.setattr(training, "torch_seed", mutant)
    with pytest.raises(AssertionError, match="share their initial weights"):
        check_initial_weights()


def orders(**changes) -> list[tuple[int, ...]]:
    """The order of examples in the first two epochs of a run."""
    run, data, device = settings(**changes), tiny_data(), prepare_device("cpu", 1)
    key = training.key_of(run)
    images = TrainingImages(
        data.train, 3, run.training, key, Normalisation(data.train.inputs, device), device
    )
    return [tuple(i for b in images.batches(epoch) for i in b.indices.tolist()) for epoch in (1, 2)]


def test_every_run_and_epoch_has_an_order_of_its_own():
    assert orders() == orders()
    found = orders() + [order for change in CHANGES for order in orders(**change)]
    assert len(set(found)) == len(found)
