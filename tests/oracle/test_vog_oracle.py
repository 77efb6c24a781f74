"""VoG against two passes over kept gradients of each example, in double precision."""

import copy
import math
import statistics

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from study.config.architectures import MlpSettings, ResNetSettings, VitSettings
from study.models.registry import build
from study.scores.vog import VogAccumulator, input_gradients

RESNET = ResNetSettings(architecture="resnet", depth=8, width=8)


def slow_gradients(model, x, y):
    """∂z_y/∂x, ∂p_y/∂x and ∂(−log p_y)/∂x of one example, each by a pass of its own, as lists of lists."""
    model, x = copy.deepcopy(model).double().eval(), x.double()[None].requires_grad_()
    outcomes = {
        "logit": lambda z: z[y],
        "prob": lambda z: z[y].exp() / z.exp().sum(),
        "loss": lambda z: z.exp().sum().log() - z[y],
    }
    return {k: torch.autograd.grad(f(model(x)[0]), x)[0][0].tolist() for k, f in outcomes.items()}


def slow_vog(history):
    """From the gradients (C, H, W) of one example at each checkpoint: two passes, pixel by pixel."""
    height, width = len(history[0]["logit"][0]), len(history[0]["logit"][0][0])

    def mean_over_pixels(form, spread):
        total = 0.0
        for h in range(height):
            for w in range(width):
                pixel = [statistics.fmean(channel[h][w] for channel in g[form]) for g in history]
                total += spread(pixel)
        return total / (height * width)

    return {
        "vog": mean_over_pixels("logit", statistics.pstdev),
        "vog_prob": mean_over_pixels("prob", statistics.variance),
        "vog_loss": mean_over_pixels("loss", statistics.variance),
    }


def slow_columns(histories, labels):
    rows = [slow_vog(history) for history in histories]
    for row, label in zip(rows, labels, strict=True):
        classmates = [other["vog"] for other, y in zip(rows, labels, strict=True) if y == label]
        spread = statistics.pstdev(classmates)
        row["vog_class_normalised"] = (row["vog"] - statistics.fmean(classmates)) / spread if spread else 0.0
    return {name: [row[name] for row in rows] for name in rows[0]}


def checkpoints(settings, shape, number, classes):
    for t in range(number):
        torch.manual_seed(t)
        model = build(settings, shape, classes)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean += 0.3 * torch.randn(module.running_mean.shape)
                module.running_var *= 0.5 + torch.rand(module.running_var.shape)
        with torch.no_grad():
            model.head.weight *= 0.3
        yield model


def examples(shape, size=7, classes=3):
    generator = torch.Generator().manual_seed(9)
    return torch.randn(size, *shape, generator=generator), torch.arange(size) % classes


def ours(models, inputs, labels, gradients=input_gradients, accumulator=VogAccumulator, batch=4):
    vog = accumulator(len(inputs), tuple(inputs.shape[2:]), labels.numpy())
    for model in models:
        vog.begin_checkpoint()
        for start in range(0, len(inputs), batch):
            window = slice(start, min(start + batch, len(inputs)))
            logits, of_logit, of_loss = gradients(model, inputs[window], labels[window])
            vog.update(window, logits, labels[window], of_logit, of_loss)
    return vog.columns()


def check(models, inputs, labels, **changes):
    models = list(models)
    histories = [
        [slow_gradients(model, x, int(y)) for model in models] for x, y in zip(inputs, labels, strict=True)
    ]
    slow, fast = slow_columns(histories, labels.tolist()), ours(models, inputs, labels, **changes)
    assert set(slow) == set(fast)
    for name, values in slow.items():
        np.testing.assert_allclose(
            fast[name], values, rtol=2e-4, atol=1e-4 * (name == "vog_class_normalised")
        )


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 4, 6)])
@pytest.mark.parametrize(
    "settings",
    [
        RESNET,
        MlpSettings(architecture="mlp", hidden=[9]),
        VitSettings(architecture="vit", patch=2, dim=8, depth=1, heads=2),
    ],
    ids=lambda s: s.architecture,
)
def test_all_forms_against_two_passes(settings, shape):
    check(checkpoints(settings, shape, 4, 3), *examples(shape))


@pytest.mark.parametrize("number", [2, 3])
def test_few_checkpoints(number):
    check(checkpoints(RESNET, (1, 4, 4), number, 3), *examples((1, 4, 4)))


def test_classes_of_one_example():
    inputs, _ = examples((1, 4, 4))
    check(checkpoints(RESNET, (1, 4, 4), 3, 7), inputs, torch.arange(7))


@settings(max_examples=100, deadline=None)
@example(values=[0.0, 1.401298464324817e-45], offset=0.0, scale=1.0)
@given(
    st.lists(st.floats(-5, 5, width=32), min_size=2, max_size=12),
    st.sampled_from([0.0, 1.0, -100.0]),
    st.sampled_from([1e-3, 1.0, 1e3]),
)
def test_running_variance_of_any_history(values, offset, scale):
    """A single pixel: logits do not matter to the variance of the gradient of z_y and of the loss."""
    history = [np.float32(scale * (offset + value)) for value in values]
    vog = VogAccumulator(1, (1, 1), np.zeros(1, int))
    for g in history:
        vog.begin_checkpoint()
        gradient = torch.full((1, 1, 1, 1), float(g))
        vog.update(np.array([0]), torch.zeros(1, 2), torch.zeros(1, dtype=torch.long), gradient, gradient)
    columns, exact = vog.columns(), [float(g) for g in history]
    # Float32 cannot keep a spread far below the values themselves: so much of it may be lost.
    # And squares below its smallest number (1.4e-45) are lost whole, twelve of them at most.
    rounding = max(1e-6 * max(map(abs, exact)), math.sqrt(12 * 1.5e-45))
    assert columns["vog"][0] == pytest.approx(statistics.pstdev(exact), rel=1e-5, abs=rounding)
    assert math.sqrt(columns["vog_loss"][0]) == pytest.approx(statistics.stdev(exact), rel=1e-5, abs=rounding)


# Mutants: each must be caught.


def loss_for_logit(model, x, y):
    logits, of_logit, of_loss = input_gradients(model, x, y)
    return logits, of_loss, of_logit


def without_sign_of_the_softmax(model, x, y):
    logits, of_logit, of_loss = input_gradients(model, x, y)
    return torch.zeros_like(logits), of_logit, of_loss


def other_label(model, x, y):
    return input_gradients(model, x, (y + 1) % 3)


def in_training_mode(model, x, y):
    x = x.clone().requires_grad_()
    logits = model.train()(x)
    (of_logit,) = torch.autograd.grad(logits.gather(1, y[:, None]).sum(), x, retain_graph=True)
    (of_loss,) = torch.autograd.grad(nn.functional.cross_entropy(logits, y, reduction="sum"), x)
    return logits.detach(), of_logit, of_loss


def mean_of_the_batch(model, x, y):
    logits, of_logit, of_loss = input_gradients(model, x, y)
    return logits, of_logit, of_loss / len(x)


def first_channel(model, x, y):
    logits, of_logit, of_loss = input_gradients(model, x, y)
    return logits, of_logit[:, :1], of_loss[:, :1]


@pytest.mark.parametrize(
    "gradients",
    [
        loss_for_logit,
        without_sign_of_the_softmax,
        other_label,
        in_training_mode,
        mean_of_the_batch,
        first_channel,
    ],
)
def test_mutants_of_the_gradients_are_caught(gradients):
    with pytest.raises(AssertionError, match="Not equal"):
        check(checkpoints(RESNET, (2, 4, 4), 3, 3), *examples((2, 4, 4)), gradients=gradients)


class CountsBatches(VogAccumulator):
    def update(self, *args):
        super().update(*args)
        self._arrays["checkpoints"] += 1


class NoRoot(VogAccumulator):
    def columns(self):
        return super().columns() | {"vog": super().columns()["vog"] ** 2}


class PopulationEverywhere(VogAccumulator):
    def columns(self):
        columns, k = super().columns(), int(self._arrays["checkpoints"])
        return columns | {"vog_prob": columns["vog_prob"] * (k - 1) / k}


class NormalisedOverAll(VogAccumulator):
    def __init__(self, n, shape, labels):
        super().__init__(n, shape, np.zeros_like(labels))


@pytest.mark.parametrize("accumulator", [CountsBatches, NoRoot, PopulationEverywhere, NormalisedOverAll])
def test_mutants_of_the_accumulator_are_caught(accumulator):
    with pytest.raises(AssertionError, match="Not equal"):
        check(checkpoints(RESNET, (2, 4, 4), 3, 3), *examples((2, 4, 4)), accumulator=accumulator)
