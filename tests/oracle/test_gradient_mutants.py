"""The comparison of gradient norms with autograd catches wrong formulas, each one met in practice."""

import copy

import pytest
import torch
from tests.oracle.gradient_reference import batch, check, randomised
from torch import nn

from study.scores import gradient_rules
from study.scores.gradient import per_example_gradient_norms


def mean_of_the_batch(model, inputs, labels):
    total, head = per_example_gradient_norms(model, inputs, labels)
    return total / len(inputs), head / len(inputs)


def training_mode(model, inputs, labels):
    model = copy.deepcopy(model).train()
    model.eval = lambda: model
    return per_example_gradient_norms(model, inputs, labels)


def squared(model, inputs, labels):
    return tuple(norms**2 for norms in per_example_gradient_norms(model, inputs, labels))


def without_the_label(model, inputs, labels):
    return per_example_gradient_norms(model, inputs, (labels + 1) % 4)


def mutants_of_rules():
    rules = gradient_rules

    def no_bias(layer, x, g):
        bare = copy.copy(layer)
        bare.__dict__["_parameters"] = {"weight": layer.weight, "bias": None}
        return ORIGINAL[type(layer)](bare, x, g)

    def positions_apart(layer, x, g):  # the sum of each position's squares, as if positions were examples
        return ((x.square().sum(-1) + 1) * g.square().sum(-1)).reshape(len(x), -1).sum(1)

    def not_padded(layer, x, g):
        bare = copy.copy(layer)
        bare.padding = (0, 0)
        return ORIGINAL[nn.Conv2d](bare, x[:, :, 1:, 1:], g)

    def not_normalised(layer, x, g):
        return rules.squares((x * g).sum((2, 3))) + rules.squares(g.sum((2, 3)))

    def activations_only(layer, x, g):
        return rules.squares(x)

    return {
        "convolution without bias": (nn.Conv2d, no_bias),
        "linear without bias": (nn.Linear, no_bias),
        "norm without bias": (nn.BatchNorm2d, no_bias),
        "positions as examples": (nn.Linear, positions_apart),
        "padding forgotten": (nn.Conv2d, not_padded),
        "scale by raw inputs": (nn.BatchNorm2d, not_normalised),
        "group norm ignored": (nn.GroupNorm, lambda layer, x, g: torch.zeros(len(x))),
        "embedding by look-ups": (nn.Embedding, lambda layer, x, g: rules.squares(g)),
        "layer norm by activations": (nn.LayerNorm, activations_only),
    }


ORIGINAL = dict(gradient_rules.RULES)


def mutant_model():
    class Model(nn.Module):
        """Every layer with a rule, on images of 4 × 4 pixels."""

        def __init__(self):
            super().__init__()
            self.conv, self.batch, self.group = (
                nn.Conv2d(1, 6, 3, padding=1),
                nn.BatchNorm2d(6),
                nn.GroupNorm(2, 6),
            )
            self.linear, self.table, self.norm = nn.Linear(6, 6), nn.Embedding(3, 6), nn.LayerNorm(6)
            self.head = nn.Linear(6, 4)

        def forward(self, x):
            words = (x.flatten(1) > 0).long()
            x = self.group(torch.tanh(self.batch(self.conv(x)))).flatten(2).mT + self.table(words)
            return self.head(self.norm(torch.tanh(self.linear(x))).square().mean(1))

    torch.manual_seed(6)
    return randomised(Model())


@pytest.mark.filterwarnings("error")
def test_the_mutants_model_passes_unmutated():
    check(mutant_model(), *batch((1, 4, 4)))


@pytest.mark.parametrize("name", mutants_of_rules())
def test_mutants_of_rules_are_caught(name, monkeypatch):
    layer, rule = mutants_of_rules()[name]
    monkeypatch.setitem(gradient_rules.RULES, layer, rule)
    with pytest.raises(AssertionError, match="not close"):
        check(mutant_model(), *batch((1, 4, 4)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("norms", [mean_of_the_batch, training_mode, squared, without_the_label])
def test_mutants_of_the_whole_are_caught(norms):
    with pytest.raises(AssertionError, match="not close"):
        check(mutant_model(), *batch((1, 4, 4)), norms=norms)
