"""Weights before training beside the distributions that the papers name."""

from math import sqrt

import pytest
import torch
from scipy import stats
from tests.architectures import OF_IMAGES
from torch import nn

from study.config.architectures import MlpSettings, ResNetSettings, VggSettings, VitSettings
from study.models.registry import build

KAIMING = {
    "mlp": MlpSettings(architecture="mlp", hidden=[256, 64]),
    "resnet": ResNetSettings(architecture="resnet", depth=14, width=16),
    "vgg": VggSettings(architecture="vgg", stages=[(16, 1), (64, 2)]),
}
XAVIER = {"vit": VitSettings(architecture="vit", patch=2, dim=64, depth=2)}
SMALLEST_P = 1e-5  # of about 30 tests at a fixed seed
ENOUGH = 1000  # weights, for a test of their distribution to see the mutants below


def layers(settings):
    torch.manual_seed(11)
    model = build(settings, (3, 8, 8), 20)
    found = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    for layer in found:
        assert layer.bias is None or not layer.bias.any()
    return [layer.weight.detach() for layer in found if layer.weight.numel() >= ENOUGH]


def p_kaiming(settings):
    """Smallest p over layers that weights are N(0, 2 / fan-in): He et al. 2015, eq. 10."""
    return min(
        stats.kstest(w.flatten(), "norm", (0, sqrt(2 / w[0].numel()))).pvalue for w in layers(settings)
    )


def p_xavier(settings):
    """The same for uniform within ± √(6 / (in + out)): Glorot & Bengio 2010, eq. 16."""
    bounds = [(w, sqrt(6 / sum(w.shape))) for w in layers(settings)]
    return min(stats.kstest(w.flatten(), "uniform", (-b, 2 * b)).pvalue for w, b in bounds)


@pytest.mark.parametrize("name", KAIMING)
def test_kaiming_normal(name):
    assert p_kaiming(KAIMING[name]) > SMALLEST_P


@pytest.mark.parametrize("name", XAVIER)
def test_xavier_uniform(name):
    assert p_xavier(XAVIER[name]) > SMALLEST_P


def test_positions_are_small_and_normal():
    torch.manual_seed(11)
    table = build(XAVIER["vit"], (1, 16, 16), 10).positions.table.weight.detach()
    assert stats.kstest(table.flatten(), "norm", (0, 0.02)).pvalue > SMALLEST_P


def test_every_registered_architecture_is_among_them():
    assert {*KAIMING, *XAVIER} == OF_IMAGES


@pytest.mark.parametrize("name", KAIMING)
@pytest.mark.parametrize("mutant", ["uniform", "fan-out", "gain of a linear layer", "torch's own"])
def test_other_distributions_are_caught(name, mutant, monkeypatch):
    normal, uniform = nn.init.kaiming_normal_, nn.init.kaiming_uniform_
    mutants = {
        "uniform": lambda w, nonlinearity: uniform(w, nonlinearity=nonlinearity),
        "fan-out": lambda w, nonlinearity: normal(w, mode="fan_out", nonlinearity=nonlinearity),
        "gain of a linear layer": lambda w, nonlinearity: normal(w, nonlinearity="linear"),
        "torch's own": lambda w, nonlinearity: uniform(w, a=sqrt(5)),
    }
    monkeypatch.setattr(nn.init, "kaiming_normal_", mutants[mutant])
    assert p_kaiming(KAIMING[name]) < SMALLEST_P


def test_a_normal_transformer_is_caught(monkeypatch):
    monkeypatch.setattr(nn.init, "xavier_uniform_", nn.init.xavier_normal_)
    assert p_xavier(XAVIER["vit"]) < SMALLEST_P
