"""Gradient norms do not depend on the batch, cover what has no rule, and leave the model as it was."""

import copy
import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional

from study.errors import StudyError
from study.scores import gradient_rules
from study.scores.gradient import logit_gradient, per_example_gradient_norms


class Model(nn.Module):
    """A body from images (B, 2, 6, 6) to (B, 8, 6, 6), channel means, and a head."""

    def __init__(self, *body):
        super().__init__()
        self.body, self.head = nn.Sequential(*body), nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))


def plain():
    torch.manual_seed(0)
    return Model(nn.Conv2d(2, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())


def batch(size=7):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(size, 2, 6, 6, generator=generator), torch.arange(size) % 3


def one_by_one(model, inputs, labels):
    model = copy.deepcopy(model).eval()
    norms = []
    for i in range(len(inputs)):
        model.zero_grad()
        functional.cross_entropy(model(inputs[i : i + 1]), labels[i : i + 1]).backward()
        norms.append(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]).norm())
    return torch.stack(norms)


def test_a_last_partial_batch_does_not_change_the_scale():
    model, (inputs, labels) = plain(), batch()
    whole, _ = per_example_gradient_norms(model, inputs, labels)
    for chunk in (1, 3, 4, 7, 100):
        parts = zip(inputs.split(chunk), labels.split(chunk), strict=True)
        chunked = torch.cat([per_example_gradient_norms(model, *part)[0] for part in parts])
        torch.testing.assert_close(chunked, whole, rtol=1e-5, atol=0)


def test_batch_norm_uses_its_running_statistics():
    model, (inputs, labels) = plain().train(), batch()
    model(10 * inputs)  # moves the running statistics
    statistics = model.body[1].running_mean.clone()
    norms, _ = per_example_gradient_norms(model, inputs, labels)
    torch.testing.assert_close(norms, one_by_one(model, inputs, labels), rtol=1e-5, atol=0)
    assert torch.equal(model.body[1].running_mean, statistics)


class Failing(nn.Module):
    def forward(self, x):
        raise KeyError("forward")


class FailingBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        raise KeyError("backward")


class FailsBackward(nn.Module):
    def forward(self, x):
        return FailingBackward.apply(x)


@pytest.mark.filterwarnings("ignore:Gradients of")
@pytest.mark.parametrize("last", [nn.Identity, Failing, FailsBackward, lambda: nn.PReLU(8)])
def test_the_model_is_left_as_it_was_whatever_happens(last):
    model, (inputs, labels) = plain(), batch()
    model.body.append(last())
    model.train()
    model.body[1].eval()
    model.head.bias.requires_grad_(False)
    model.head.weight.grad = torch.ones_like(model.head.weight)
    before = copy.deepcopy(model.state_dict())
    modes = [module.training for module in model.modules()]
    wanted = [parameter.requires_grad for parameter in model.parameters()]
    if isinstance(model.body[-1], Failing | FailsBackward):
        with pytest.raises(KeyError):
            per_example_gradient_norms(model, inputs, labels)
    else:
        per_example_gradient_norms(model, inputs, labels)
    assert modes == [module.training for module in model.modules()]
    assert wanted == [parameter.requires_grad for parameter in model.parameters()]
    assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(model.head.weight.grad, torch.ones(3, 8))
    assert all(p.grad is None for p in model.body.parameters())
    assert not inputs.requires_grad


def test_gradients_are_taken_where_they_are_switched_off():
    model, (inputs, labels) = plain(), batch()
    with torch.no_grad():
        norms, _ = per_example_gradient_norms(model, inputs, labels)
    torch.testing.assert_close(norms, one_by_one(model, inputs, labels), rtol=1e-5, atol=0)


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        return self.conv(torch.tanh(self.conv(x)))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1, bias=False)
        self.b.weight = self.a.weight

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


class Functional(nn.Module):
    """Uses a layer's weight without calling the layer."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)

    def forward(self, x):
        return functional.conv2d(x, self.conv.weight, self.conv.bias)


class ByKeyword(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)

    def forward(self, x):
        return self.conv(input=x)


class Transposed(nn.Module):
    """Runs a layer over something that has no examples along its first dimension."""

    def __init__(self):
        super().__init__()
        self.linear, self.table = nn.Linear(5, 8), torch.linspace(-1, 1, 20).reshape(4, 5)

    def forward(self, x):
        return x * self.linear(self.table).mean(0)[:, None, None]


class BareParameter(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.linspace(0.5, 1.5, 8))

    def forward(self, x):
        return x * self.scale[:, None, None]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        tokens = x.flatten(2).mT
        return self.inner(tokens, tokens, tokens)[0].mT.reshape(x.shape)


class Unused(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)

    def forward(self, x):
        return x


class Subclass(nn.Conv2d):
    def forward(self, x):
        return super().forward(x) ** 2


SLOW = {
    "grouped convolution": (lambda: nn.Conv2d(8, 8, 3, padding=1, groups=4), "Conv2d"),
    "reflected padding": (lambda: nn.Conv2d(8, 8, 3, padding=1, padding_mode="reflect"), "Conv2d"),
    "no rule": (lambda: nn.ConvTranspose2d(8, 8, 1), "ConvTranspose2d"),
    "instance norm": (lambda: nn.InstanceNorm2d(8, affine=True), "InstanceNorm2d"),
    "twice in a pass": (Twice, "Conv2d"),
    "tied weights": (Tied, "Conv2d"),
    "used functionally": (Functional, "Conv2d"),
    "called by keyword": (ByKeyword, "Conv2d"),
    "no examples along the first dimension": (Transposed, "Linear"),
    "parameter outside of a layer": (BareParameter, "BareParameter"),
    "attention": (Attention, "MultiheadAttention"),
    "never used": (Unused, "Conv2d"),
    "subclass of a layer with a rule": (lambda: Subclass(8, 8, 1), "Subclass"),
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Conv2d(8, 8, 1)), "ParametrizationList"),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_no_rule_covers_is_right_with_one_warning(name):
    make, culprit = SLOW[name]
    model, (inputs, labels) = plain(), batch()
    model.body.append(make())
    with pytest.warns(UserWarning, match=rf"Gradients of .*\b{culprit}\b") as caught:
        norms, _ = per_example_gradient_norms(model, inputs, labels)
    assert len(caught) == 1 and caught[0].filename == __file__
    torch.testing.assert_close(norms, one_by_one(model, inputs, labels), rtol=1e-5, atol=0)


def test_a_head_that_is_used_twice():
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(4, 4)

        def forward(self, x):
            return self.head(torch.tanh(self.head(x)))

    torch.manual_seed(0)
    model, inputs, labels = Recurrent(), torch.randn(5, 4), torch.arange(5) % 4
    with pytest.warns(UserWarning, match="Linear"):
        total, head = per_example_gradient_norms(model, inputs, labels)
    torch.testing.assert_close(total, one_by_one(model, inputs, labels), rtol=1e-5, atol=0)
    assert torch.equal(total, head)


def test_an_earlier_hook_that_changes_a_layers_output():
    model, (inputs, labels) = plain(), batch()
    model.body[0].register_forward_hook(lambda layer, args, output: output * 3)
    norms, _ = per_example_gradient_norms(model, inputs, labels)
    torch.testing.assert_close(norms, one_by_one(model, inputs, labels), rtol=1e-5, atol=0)


def test_nothing_warns_where_rules_cover_everything():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        per_example_gradient_norms(plain(), *batch())


def test_a_layer_is_one_line_of_the_table(monkeypatch):
    model, (inputs, labels) = plain(), batch()
    model.body.append(BareParameter())
    model.body[-1].weight = model.body[-1].scale
    del model.body[-1].scale
    model.body[-1].forward = lambda x: x * model.body[-1].weight[:, None, None]
    rule = lambda layer, x, g: gradient_rules.squares((x * g).sum((2, 3)))  # noqa: E731
    monkeypatch.setitem(gradient_rules.RULES, BareParameter, rule)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        norms, _ = per_example_gradient_norms(model, inputs, labels)
    expected = one_by_one_with(model, inputs, labels)
    torch.testing.assert_close(norms, expected, rtol=1e-5, atol=0)


def one_by_one_with(model, inputs, labels):
    model.eval()
    norms = []
    for i in range(len(inputs)):
        loss = functional.cross_entropy(model(inputs[i : i + 1]), labels[i : i + 1])
        norms.append(
            torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()))]).norm()
        )
    return torch.stack(norms)


def test_statistics_of_the_batch_are_refused():
    model = Model(nn.Conv2d(2, 8, 1), nn.BatchNorm2d(8, track_running_stats=False))
    with pytest.raises(StudyError) as error:
        per_example_gradient_norms(model, *batch())
    assert "body.1" in error.value.where and error.value.expected and error.value.do


def test_logit_gradient_keeps_the_digits_of_certain_predictions():
    gradient = logit_gradient(torch.tensor([[0.0, 60.0, 0.0]]), torch.tensor([1]))
    tiny = torch.exp(torch.tensor(-60.0))
    torch.testing.assert_close(gradient, torch.stack([tiny, -2 * tiny, tiny])[None], rtol=1e-5, atol=0)
