"""Time of exact per-example gradient norms beside the pass that they need, and beside other ways.

Run: python benchmarks/grand.py      (about half a minute)

One thread, channels_last, eval mode. The floor is one batched forward and backward pass with weight
gradients, as training takes it. Repeats are interleaved, so noise meets all alike; ratios are of medians.
"""

import torch
from timing import interleaved
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from study.config.architectures import ResNetSettings
from study.models.registry import build
from study.scores.gradient import per_example_gradient_norms

REPEATS = 7
FEW = 16  # examples for the ways that are slow


def floor(model: nn.Module, x: Tensor, y: Tensor) -> None:
    model.zero_grad(set_to_none=True)
    cross_entropy(model(x), y, reduction="sum").backward()


def forward(model: nn.Module, x: Tensor, y: Tensor) -> None:
    with torch.no_grad():
        model(x)


def loop(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    norms = []
    for i in range(FEW):
        loss = cross_entropy(model(x[i : i + 1]), y[i : i + 1])
        norms.append(
            sum(g.square().sum() for g in torch.autograd.grad(loss, list(model.parameters()))).sqrt()
        )
    return torch.stack(norms)


def vmap(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    parameters, buffers = dict(model.named_parameters()), dict(model.named_buffers())

    def loss(parameters, x, y):
        logits = torch.func.functional_call(model, (parameters, buffers), (x[None],))
        return cross_entropy(logits, y[None])

    gradients = torch.func.vmap(torch.func.grad(loss), (None, 0, 0))(parameters, x[:FEW], y[:FEW])
    return sum(g.flatten(1).square().sum(1) for g in gradients.values()).sqrt()


def table(title: str, depth: int, width: int, shape: tuple[int, int, int], batch: int) -> None:
    torch.manual_seed(0)
    settings = ResNetSettings(architecture="resnet", depth=depth, width=width)
    model = build(settings, shape, 10).to(memory_format=torch.channels_last).eval()
    x = torch.randn(batch, *shape).to(memory_format=torch.channels_last)
    y = torch.randint(10, (batch,))
    ways = {
        "forward pass": (forward, batch),
        "floor: forward and backward": (floor, batch),
        "exact GraNd, ours": (per_example_gradient_norms, batch),
        "loop over single examples": (loop, FEW),
        "vmap(grad)": (vmap, FEW),
    }
    ours = per_example_gradient_norms(model, x, y)[0][:FEW]
    for other in (loop, vmap):
        torch.testing.assert_close(ours, other(model, x, y), rtol=1e-4, atol=0)
    seconds = interleaved(
        {name: lambda way=way: way(model, x, y) for name, (way, _) in ways.items()}, REPEATS
    )
    each = {name: seconds[name] / examples for name, (_, examples) in ways.items()}
    print(f"\n{title}, batch {batch}, one thread, median of {REPEATS} interleaved repeats\n")
    print("| way | CPU ms an example | of the floor |\n|---|---:|---:|")
    for name, value in each.items():
        print(f"| {name} | {1e3 * value:.3f} | {value / each['floor: forward and backward']:.2f} |")


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("Budget: exact GraNd of ResNet-20, width 16, at 32 × 32 takes at most 1.4 of the floor.")
    table("ResNet-20, width 16, 3 × 32 × 32", 20, 16, (3, 32, 32), 64)
    table("ResNet-20, width 64, 3 × 32 × 32", 20, 64, (3, 32, 32), 32)
    table("ResNet-8, width 16, 1 × 8 × 8", 8, 16, (1, 8, 8), 256)
