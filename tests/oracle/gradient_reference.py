"""The slow reference for per-example gradient norms, and what the oracle tests of them share."""

import copy
import math

import torch
from torch import nn

from study.scores.gradient import per_example_gradient_norms

TOLERANCE = 1e-5  # relative


def slow_norms(model, inputs, labels):
    """(norms over all parameters, norms over the head), examples in a loop, float64."""
    model = copy.deepcopy(model).double().eval().requires_grad_(True)
    totals, heads = [], []
    for x, y in zip(inputs.double(), labels, strict=True):
        loss = nn.CrossEntropyLoss()(model(x[None]), y[None])
        named = dict(model.named_parameters())
        gradients = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
        sizes = {k: 0.0 if g is None else float(g.norm()) for k, g in zip(named, gradients, strict=True)}
        totals.append(math.hypot(*sizes.values()))
        heads.append(math.hypot(*(size for name, size in sizes.items() if name.startswith("head."))))
    return torch.tensor(totals), torch.tensor(heads)


def check(model, inputs, labels, norms=per_example_gradient_norms):
    for ours, slow in zip(norms(model, inputs, labels), slow_norms(model, inputs, labels), strict=True):
        torch.testing.assert_close(ours.float(), slow.float(), rtol=TOLERANCE, atol=0)


def randomised(model, seed=0):
    """The model with no parameter or running statistic at a special value."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer += 0.3 * torch.randn(buffer.shape, generator=generator)
            if name.endswith("running_var"):
                buffer *= 0.5 + torch.rand(buffer.shape, generator=generator)
    return model


def batch(shape, size=5, classes=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(classes, (size,), generator=generator)
    return torch.randn(size, *shape, generator=generator), labels


class Net(nn.Module):
    """Layers under test, then the mean over all but examples and channels, and a linear head."""

    def __init__(self, *layers, width, channels_last=False):
        super().__init__()
        self.body, self.head, self.dim = (
            nn.Sequential(*layers),
            nn.Linear(width, 4),
            -1 if channels_last else 1,
        )

    def forward(self, x):
        x = self.body(x)
        x = x.movedim(self.dim, 1).flatten(2) if x.ndim > 2 else x
        return self.head((x.square().mean(2) + x[:, :, 0]) if x.ndim > 2 else x)
