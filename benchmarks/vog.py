"""Time of VoG at one checkpoint beside the passes that it needs, and the accumulator's memory.

Run: python benchmarks/vog.py      (about half a minute)

One thread, channels_last, eval mode. The floor is one forward pass and two backward passes to the inputs,
without gradients of parameters. Repeats are interleaved, so noise meets all alike; ratios are of medians.
"""

import torch
from timing import interleaved
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from study.config.architectures import ResNetSettings
from study.models.registry import build
from study.scores.vog import VogAccumulator, input_gradients

REPEATS = 9


def floor(model: nn.Module, x: Tensor, y: Tensor) -> None:
    x = x.detach().requires_grad_()
    logits = model(x)
    torch.autograd.grad(logits, x, torch.ones_like(logits), retain_graph=True)
    torch.autograd.grad(logits, x, torch.ones_like(logits))


def three_passes(model: nn.Module, x: Tensor, y: Tensor) -> None:
    """A forward and a backward pass for each form, with gradients of parameters."""
    for form in (
        lambda z: z.gather(1, y[:, None]).sum(),
        lambda z: z.softmax(1).gather(1, y[:, None]).sum(),
        lambda z: cross_entropy(z, y, reduction="sum"),
    ):
        x = x.detach().requires_grad_()
        model.zero_grad(set_to_none=True)
        form(model(x)).backward()


def table(title: str, depth: int, shape: tuple[int, int, int], batch: int) -> None:
    torch.manual_seed(0)
    settings = ResNetSettings(architecture="resnet", depth=depth, width=16)
    model = build(settings, shape, 10).to(memory_format=torch.channels_last).eval()
    frozen = build(settings, shape, 10).to(memory_format=torch.channels_last).eval().requires_grad_(False)
    x = torch.randn(batch, *shape).to(memory_format=torch.channels_last)
    y = torch.randint(10, (batch,))
    vog = VogAccumulator(batch, shape[1:], y.numpy())

    def ours() -> None:
        vog.begin_checkpoint()
        logits, of_logit, of_loss = input_gradients(model, x, y)
        vog.update(slice(0, batch), logits, y, of_logit, of_loss)

    ways = {
        "floor: forward, two backward passes to inputs": lambda: floor(frozen, x, y),
        "input_gradients": lambda: input_gradients(model, x, y),
        "input_gradients and accumulation, ours": ours,
        "a forward and a backward pass for each form": lambda: three_passes(model, x, y),
    }
    seconds = interleaved(ways, REPEATS)
    first = next(iter(seconds.values()))
    print(f"\n{title}, batch {batch}, one thread, median of {REPEATS} interleaved repeats\n")
    print("| way | CPU ms an example | of the floor |\n|---|---:|---:|")
    for name, value in seconds.items():
        print(f"| {name} | {1e3 * value / batch:.3f} | {value / first:.2f} |")
    held = sum(array.nbytes for array in vog.state().values())
    print(f"\nThe accumulator holds {held / batch:,.0f} bytes an example, for any number of checkpoints.")


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("Budget: VoG takes at most 1.2 of the floor.")
    table("ResNet-20, width 16, 3 × 32 × 32", 20, (3, 32, 32), 64)
    table("ResNet-8, width 16, 1 × 8 × 8", 8, (1, 8, 8), 256)
