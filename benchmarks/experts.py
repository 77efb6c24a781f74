"""Mixtures of experts beside dense layers of equal active width, and whole models by number of experts.

Run: python benchmarks/experts.py      (about a minute on one thread)

A layer: hidden size 256, experts as wide, 2 of 64 work for each of 4,096 tokens, forward and backward; the
floor is the dense layer of twice that width, which does the same products. Whole models: one block of width
16, rows of 10 tokens, forward, backward and step. Ways take turns; the table shows medians.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import torch

from study.config.architectures import DecoderSettings
from study.models.decoder import Sequences, build
from study.models.routing import load_balance_loss, z_loss

TOKENS, DIM, EXPERTS, TOP_K = 4096, 256, 64, 2
BUDGET = 1.6


DEVICE, DTYPE = torch.device("cpu"), torch.float32  # as the command line says


def now() -> float:
    """Seconds, when the device has done what it was given."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def layer(**changes):
    """Seconds of one forward and backward pass of a feed-forward layer."""
    settings = DecoderSettings(architecture="decoder", dim=DIM, heads=4, top_k=TOP_K, **changes)
    block = build(settings, (TOKENS,), 16).network.model.layers[0].mlp.to(DEVICE, DTYPE)
    hidden = torch.randn(1, TOKENS, DIM, device=DEVICE, dtype=DTYPE, requires_grad=True)

    def work() -> float:
        start = now()
        block(hidden).square().mean().backward()
        return now() - start

    return work


def model(experts: int):
    """Seconds of one step of a whole model on 256 rows of 10 tokens."""
    settings = DecoderSettings(architecture="decoder", experts=experts)
    network = build(settings, (10,), 40).to(DEVICE)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    rows = torch.randint(40, (256, 10), device=DEVICE)

    def work() -> float:
        start = now()
        output = network(Sequences(rows))
        loss = torch.nn.functional.cross_entropy(output.logits.reshape(-1, 40), rows.reshape(-1))
        if output.router_logits:
            loss = loss + 0.01 * load_balance_loss(output.router_logits, TOP_K)
            loss = loss + 0.001 * z_loss(output.router_logits)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return now() - start

    return work


def medians(ways: dict, repeats: int) -> dict[str, float]:
    """Median seconds of each way; the ways take turns."""
    seconds = {name: [] for name in ways}
    for work in ways.values():
        work()  # warms caches up
    for _ in range(repeats):
        for name, work in ways.items():
            seconds[name].append(work())
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    global DEVICE, DTYPE
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--bfloat16", action="store_true")
    options = parser.parse_args()
    repeats = options.repeats
    DEVICE = torch.device(options.device)
    DTYPE = torch.bfloat16 if options.bfloat16 else torch.float32
    torch.set_num_threads(1)
    torch.manual_seed(0)
    dense = f"floor: dense, {TOP_K * DIM} wide"
    found = medians(
        {
            dense: layer(experts=1),
            f"{EXPERTS} experts, grouped_mm": layer(experts=EXPERTS),
            f"{EXPERTS} experts, eager": layer(experts=EXPERTS, experts_implementation="eager"),
        },
        repeats,
    )
    precision = str(DTYPE).removeprefix("torch.")
    print(
        f"{TOKENS:,} tokens, hidden size {DIM}, top {TOP_K}, {precision}, {options.device}, 1 thread, "
        f"median of {repeats}. Budget: {BUDGET} × the dense layer\n"
    )
    print("| layer, forward and backward | ms | × floor |\n|---|---:|---:|")
    for name, seconds in found.items():
        print(f"| {name} | {1e3 * seconds:.1f} | {seconds / found[dense]:.2f} |")
    steps = medians({str(experts): model(experts) for experts in (1, 4, 16, 64)}, repeats)
    print("\n| experts of a whole model | ms a step | tokens/s | × dense |\n|---|---:|---:|---:|")
    for name, seconds in steps.items():
        print(f"| {name} | {1e3 * seconds:.1f} | {2560 / seconds:,.0f} | {seconds / steps['1']:.2f} |")


if __name__ == "__main__":
    main()
