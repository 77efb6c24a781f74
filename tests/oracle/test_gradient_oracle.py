"""Per-example gradient norms against torch's autograd, one example at a time, in double precision."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.architectures import OF_IMAGES
from tests.oracle.gradient_reference import Net, batch, check, randomised
from torch import nn

from study.config.architectures import MlpSettings, ResNetSettings, VggSettings, VitSettings
from study.models.registry import build
from study.scores import gradient_rules
from study.scores.gradient import per_example_gradient_norms

REGISTRY = [
    MlpSettings(architecture="mlp", hidden=[12, 7]),
    *(ResNetSettings(architecture="resnet", depth=8, width=6, norm=n) for n in ("batch", "group", "none")),
    ResNetSettings(architecture="resnet", depth=14, width=8),
    *(VggSettings(architecture="vgg", stages=[(6, 2), (20, 1)], norm=n) for n in ("batch", "group", "none")),
    VitSettings(architecture="vit", patch=2, dim=12, depth=2, heads=3),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 12, 10)])
@pytest.mark.parametrize("settings", REGISTRY, ids=lambda s: f"{s.architecture} {getattr(s, 'norm', '')}")
def test_every_architecture(settings, shape, channels_last):
    torch.manual_seed(1)
    model = build(settings, shape, 4)
    with torch.no_grad():
        model.head.weight *= 0.1  # away from saturated softmaxes
    model = randomised(model)
    inputs, labels = batch(shape)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        inputs = inputs.to(memory_format=torch.channels_last)
    check(model, inputs, labels)


def test_every_registered_architecture_is_among_them():
    assert {settings.architecture for settings in REGISTRY} == OF_IMAGES


class Tokens(nn.Module):
    """Real inputs (B, T) as word numbers."""

    def forward(self, x):
        return (x * 10).long().abs() % 5


LAYERS = {
    "linear": (lambda: Net(nn.Linear(6, 9), nn.Tanh(), width=9), (6,)),
    "linear without bias": (lambda: Net(nn.Linear(6, 9, bias=False), nn.Tanh(), width=9), (6,)),
    "linear, many tokens": (lambda: Net(nn.Linear(3, 4), nn.Tanh(), width=4, channels_last=True), (20, 3)),
    "linear, few tokens": (lambda: Net(nn.Linear(30, 40), nn.Tanh(), width=40, channels_last=True), (3, 30)),
    "linear, grid of tokens": (
        lambda: Net(nn.Linear(3, 5, bias=False), nn.Tanh(), width=5, channels_last=True),
        (2, 4, 3),
    ),
    "embedding": (lambda: Net(Tokens(), nn.Embedding(5, 6), width=6, channels_last=True), (9,)),
    "embedding with padding": (
        lambda: Net(
            Tokens(), nn.Embedding(5, 6, padding_idx=2), nn.Linear(6, 6), width=6, channels_last=True
        ),
        (9,),
    ),
    "batch norm 1d": (lambda: Net(nn.Linear(6, 9), nn.BatchNorm1d(9), nn.Tanh(), width=9), (6,)),
    "batch norm 1d, sequences": (lambda: Net(nn.BatchNorm1d(3), nn.Tanh(), width=3), (3, 7)),
    "batch norm 2d": (lambda: Net(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Tanh(), width=3), (2, 6, 5)),
    "batch norm first": (lambda: Net(nn.BatchNorm2d(2), nn.ReLU(inplace=True), width=2), (2, 6, 5)),
    "batch norm without affine": (
        lambda: Net(nn.BatchNorm2d(2, affine=False), nn.Conv2d(2, 3, 3), width=3),
        (2, 6, 5),
    ),
    "group norm": (lambda: Net(nn.Conv2d(2, 6, 3), nn.GroupNorm(3, 6), nn.Tanh(), width=6), (2, 6, 5)),
    "group norm, tokens": (lambda: Net(nn.GroupNorm(2, 6), nn.Tanh(), width=6), (6, 5)),
    "layer norm": (lambda: Net(nn.LayerNorm(6), nn.Tanh(), width=6, channels_last=True), (5, 6)),
    "layer norm, no tokens": (lambda: Net(nn.Linear(6, 9), nn.LayerNorm(9), nn.Tanh(), width=9), (6,)),
    "layer norm without bias": (
        lambda: Net(nn.LayerNorm(6, bias=False), nn.Tanh(), width=6, channels_last=True),
        (5, 6),
    ),
    "layer norm over images": (lambda: Net(nn.LayerNorm((2, 4, 4)), nn.Tanh(), width=2), (2, 4, 4)),
    "relu in place after the first layer": (
        lambda: Net(nn.Conv2d(2, 3, 3), nn.ReLU(True), width=3),
        (2, 5, 5),
    ),
    "max-pool": (lambda: Net(nn.Conv2d(2, 3, 3), nn.MaxPool2d(2), nn.Conv2d(3, 3, 1), width=3), (2, 8, 8)),
    "same padding": (lambda: Net(nn.Conv2d(2, 3, (4, 3), padding="same"), width=3), (2, 6, 5)),
    "valid padding": (lambda: Net(nn.Conv2d(2, 3, 3, padding="valid"), width=3), (2, 6, 5)),
}


@pytest.mark.filterwarnings("error", "ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_type(name):
    make, shape = LAYERS[name]
    torch.manual_seed(2)
    check(randomised(make()), *batch(shape))


def test_every_layer_with_a_rule_is_among_them():
    used = {type(layer) for make, _ in LAYERS.values() for layer in make().modules()}
    assert set(gradient_rules.RULES) <= used


convolutions = st.fixed_dictionaries(
    {
        "in_channels": st.integers(1, 5),
        "out_channels": st.integers(1, 5),
        "kernel_size": st.tuples(st.integers(1, 4), st.integers(1, 4)),
        "stride": st.sampled_from([1, 1, 2, 3, (1, 2), (2, 1)]),
        "padding": st.tuples(st.integers(0, 3), st.integers(0, 3)),
        "dilation": st.sampled_from([1, 1, 2, (1, 2), (2, 1)]),
        "bias": st.booleans(),
    }
)


@pytest.mark.filterwarnings("error")
@settings(max_examples=120, deadline=None)
@given(convolutions, st.tuples(st.integers(1, 7), st.integers(1, 7)), st.booleans(), st.booleans())
def test_convolutions_of_any_shape(arguments, size, channels_last, tiny_workspace):
    """Both ways of a stride-1 convolution are met: few channels and many positions, and the reverse."""
    dilation = (
        arguments["dilation"] if isinstance(arguments["dilation"], tuple) else (arguments["dilation"],) * 2
    )
    least = [
        (k - 1) * d + 1 - 2 * p
        for k, d, p in zip(arguments["kernel_size"], dilation, arguments["padding"], strict=True)
    ]
    shape = (arguments["in_channels"], max(size[0], least[0]), max(size[1], least[1]))
    torch.manual_seed(3)
    model = Net(nn.Conv2d(**arguments), nn.Tanh(), nn.Conv2d(arguments["out_channels"], 3, 1), width=3)
    inputs, labels = batch(shape)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        inputs = inputs.to(memory_format=torch.channels_last)
    # torch 2.13's fast convolutions crash at some of these shapes (more padding than kernel).
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.backends.mkldnn, "enabled", False)
        patch.setattr(gradient_rules, "CPU_WORKSPACE", 2**10 if tiny_workspace else 2**21)
        for cost in (-(10**9), 10**9):  # forces either way
            patch.setattr(gradient_rules, "ELEMENTWISE", cost)
            check(model, inputs, labels)


@pytest.mark.parametrize("classes", [2, 7])
def test_last_layer_in_closed_form(classes):
    torch.manual_seed(4)
    model = build(MlpSettings(architecture="mlp", hidden=[9]), (1, 4, 4), classes)
    inputs, labels = batch((1, 4, 4), size=8, classes=classes)
    error = model(inputs).softmax(1) - nn.functional.one_hot(labels, classes)
    closed = error.norm(dim=1) * (model.features(inputs).square().sum(1) + 1).sqrt()
    ours = per_example_gradient_norms(model, inputs, labels)[1]
    torch.testing.assert_close(ours, closed, rtol=1e-5, atol=0)


@pytest.mark.parametrize("scale", [30.0, 300.0])
def test_examples_that_are_learned_too_well_for_single_precision(scale):
    """1 − p_y rounds to 0, and squares of the gradients are below the smallest float32."""
    torch.manual_seed(5)
    model = Net(nn.Linear(6, 9), nn.Tanh(), width=9)
    inputs, _ = batch((6,), size=40)
    labels = model(inputs).argmax(1)
    with torch.no_grad():
        model.head.weight *= scale
        model.head.bias *= scale
    model, inputs = model.double(), inputs.double()
    logits = model(inputs)
    others = logits.scatter(1, labels[:, None], -math.inf)
    chosen = (logits.gather(1, labels[:, None])[:, 0] - others.amax(1)).sub(
        40
    ).abs() < 40  # p_y = 1 − 1e-35 … 1
    assert chosen.any()
    inputs, labels = inputs[chosen], labels[chosen]
    # The reference takes CE without cancellation: −log p_y = log(1 + Σ_j≠y exp(z_j − z_y)).
    expected = []
    for x, y in zip(inputs, labels, strict=True):
        z = model(x[None])[0]
        rest = torch.cat([z[:y], z[y + 1 :]])
        loss = torch.log1p(torch.exp(rest - z[y]).sum())
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        expected.append(math.hypot(*(float(g.norm()) for g in gradients)))
    ours, _ = per_example_gradient_norms(model.float(), inputs.float(), labels)
    torch.testing.assert_close(ours.double(), torch.tensor(expected, dtype=torch.float64), rtol=1e-3, atol=0)
