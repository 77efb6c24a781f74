"""VoG goes on from a saved state, leaves the model alone, and refuses what has no variance."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from study.errors import StudyError
from study.scores.registry import SCORES
from study.scores.vog import VogAccumulator, input_gradients

N, SHAPE, LABELS = 6, (3, 4), np.array([0, 0, 0, 1, 1, 2])


def checkpoint(seed, size=N):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(size, 3, generator=generator)
    return logits, *(torch.randn(size, 2, *SHAPE, generator=generator) for _ in range(2))


def add(vog, gradients, where=slice(0, N)):
    logits, of_logit, of_loss = (g[where] for g in gradients)
    vog.update(where, logits, torch.from_numpy(LABELS)[where], of_logit, of_loss)


def accumulated(checkpoints, labels=LABELS):
    vog = VogAccumulator(N, SHAPE, labels)
    for gradients in checkpoints:
        vog.begin_checkpoint()
        add(vog, gradients)
    return vog


def test_a_loaded_state_goes_on_with_the_same_bytes():
    checkpoints = [checkpoint(t) for t in range(5)]
    whole = accumulated(checkpoints)
    resumed = VogAccumulator(N, SHAPE, LABELS)
    resumed.load_state(accumulated(checkpoints[:2]).state())
    for gradients in checkpoints[2:]:
        resumed.begin_checkpoint()
        add(resumed, gradients)
    for name, array in whole.state().items():
        assert array.tobytes() == resumed.state()[name].tobytes()
    for name, values in whole.columns().items():
        assert values.tobytes() == resumed.columns()[name].tobytes()


def test_batches_by_slice_or_by_index_are_the_same():
    checkpoints = [checkpoint(t) for t in range(3)]
    whole, parts = accumulated(checkpoints), VogAccumulator(N, SHAPE, LABELS)
    for gradients in checkpoints:
        parts.begin_checkpoint()
        add(parts, gradients, np.array([5, 0, 3]))
        add(parts, gradients, slice(1, 3))
        add(parts, gradients, np.array([4]))
    for name, values in whole.columns().items():
        np.testing.assert_allclose(parts.columns()[name], values, rtol=1e-6)


def test_state_does_not_grow_with_checkpoints():
    sizes = [sum(a.nbytes for a in accumulated([checkpoint(0)] * k).state().values()) for k in (2, 9)]
    assert sizes[0] == sizes[1] == 6 * 4 * N * 12 + 8


def test_columns_are_those_that_the_registry_knows():
    columns = accumulated([checkpoint(0), checkpoint(1)]).columns()
    assert set(columns) == {name for name, score in SCORES.items() if score.family == "vog"}
    assert all(values.shape == (N,) and values.dtype == np.float64 for values in columns.values())


def test_classes_that_do_not_vary_are_normalised_to_zero():
    normalised = accumulated([checkpoint(0), checkpoint(1)]).columns()["vog_class_normalised"]
    assert normalised[5] == 0 and (normalised[:5] != 0).all()
    assert normalised[:3].mean() == pytest.approx(0) and normalised[:3].std() == pytest.approx(1)
    same = accumulated([checkpoint(0)] * 3).columns()
    assert all((values == 0).all() for values in same.values())


@pytest.mark.parametrize("number", [0, 1])
def test_one_checkpoint_has_no_variance(number):
    with pytest.raises(StudyError) as error:
        accumulated([checkpoint(0)] * number).columns()
    assert "vog_checkpoints" in error.value.where and error.value.expected and error.value.do


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_gradients_that_are_not_finite_do_not_pass_silently(value):
    bad = checkpoint(1)
    bad[2][3, 1, 0, 0] = value
    columns = accumulated([checkpoint(0), bad, checkpoint(2)]).columns()
    assert np.isfinite(columns["vog_loss"]).tolist() == [True, True, True, False, True, True]


def test_the_model_is_left_as_it_was():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(8, 3))
    model[0].bias.requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    inputs = torch.randn(5, 2, *SHAPE)
    with torch.no_grad():
        logits, of_logit, of_loss = input_gradients(model, inputs, torch.tensor([0, 1, 2, 0, 1]))
    assert of_logit.shape == of_loss.shape == inputs.shape
    assert model.training and not model[0].bias.requires_grad and model[0].weight.requires_grad
    assert all(p.grad is None for p in model.parameters()) and inputs.grad is None
    assert not logits.requires_grad and not of_logit.requires_grad and not inputs.requires_grad
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
