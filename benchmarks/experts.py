"""Mixtures of experts beside dense layers of equal active width, and whole models by number of experts.

Run: python benchmarks/experts.py      (about a minute on one thread)

A layer: hidden size 256, experts as wide, 2 of 64 work for each of 4,096 tokens, forward and backward; the
floor is the dense layer of twice that width, which does the same products. Whole models: one block of width
16, rows of 10 tokens, forward, backward and step. Ways take turns; the tables show medians. The same on a
GPU: experts_on_gpu.py.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import torch
from steps import now

from study.config.architectures import DecoderSettings
from study.data.questions.tokens import ANSWER, FIRST
from study.models.decoder import Sequences, build
from study.models.routing import load_balance_loss, z_loss
from study.training.question_evaluation import generate

TOKENS, DIM, EXPERTS, TOP_K = 4096, 256, 64, 2
BUDGET = 1.6
REPEATS = 15
QUESTIONS, FEW, PROMPT, ANSWERED = 1000, 50, 100, 20


def layer(device: torch.device, dtype: torch.dtype, **changes):
    """Seconds of one forward and backward pass of a feed-forward layer."""
    settings = DecoderSettings(architecture="decoder", dim=DIM, heads=4, top_k=TOP_K, **changes)
    block = build(settings, (TOKENS,), 16).network.model.layers[0].mlp.to(device, dtype)
    hidden = torch.randn(1, TOKENS, DIM, device=device, dtype=dtype, requires_grad=True)

    def work() -> float:
        start = now(device)
        block(hidden).square().mean().backward()
        return now(device) - start

    return work


def model(device: torch.device, experts: int):
    """Seconds of one step of a whole model on 256 rows of 10 tokens."""
    settings = DecoderSettings(architecture="decoder", experts=experts)
    network = build(settings, (10,), 40).to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    rows = torch.randint(40, (256, 10), device=device)

    def work() -> float:
        start = now(device)
        output = network(Sequences(rows))
        loss = torch.nn.functional.cross_entropy(output.logits.reshape(-1, 40), rows.reshape(-1))
        if output.router_logits:
            loss = loss + 0.01 * load_balance_loss(output.router_logits, TOP_K)
            loss = loss + 0.001 * z_loss(output.router_logits)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return now(device) - start

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


def print_layers(device: torch.device, dtype: torch.dtype, repeats: int) -> None:
    """The table of layers."""
    dense = f"floor: dense, {TOP_K * DIM} wide"
    ways = {
        dense: {"experts": 1},
        f"{EXPERTS} experts, grouped_mm": {"experts": EXPERTS},
        f"{EXPERTS} experts, eager": {"experts": EXPERTS, "experts_implementation": "eager"},
    }
    found = medians({name: layer(device, dtype, **changes) for name, changes in ways.items()}, repeats)
    precision = str(dtype).removeprefix("torch.")
    print(
        f"{TOKENS:,} tokens, hidden size {DIM}, top {TOP_K}, {precision}, 1 thread, median of {repeats}. "
        f"Budget: {BUDGET} × the dense layer\n"
    )
    print("| layer, forward and backward | ms | × floor |\n|---|---:|---:|")
    for name, seconds in found.items():
        print(f"| {name} | {1e3 * seconds:.1f} | {seconds / found[dense]:.2f} |")


def print_models(device: torch.device, repeats: int) -> None:
    """The table of whole models."""
    steps = medians({str(experts): model(device, experts) for experts in (1, 4, 16, 64)}, repeats)
    print("\n| experts of a whole model | ms a step | tokens/s | × dense |\n|---|---:|---:|---:|")
    for name, seconds in steps.items():
        print(f"| {name} | {1e3 * seconds:.1f} | {2560 / seconds:,.0f} | {seconds / steps['1']:.2f} |")


def generation(experts: int, questions: int, cached: bool):
    """Seconds of answering some questions."""
    settings = DecoderSettings(architecture="decoder", experts=experts, dim=64, layers=2)
    network = build(settings, (PROMPT + ANSWERED + 1,), 60).eval()
    rows = torch.randint(FIRST, 60, (questions, PROMPT))
    rows[:, -1] = ANSWER

    @torch.inference_mode()
    def whole() -> None:
        so_far = rows
        for _ in range(ANSWERED + 1):
            token = network(Sequences(so_far)).logits[:, -1].argmax(dim=1)
            so_far = torch.cat([so_far, token[:, None]], dim=1)

    def work() -> float:
        start = time.perf_counter()
        if cached:
            generate(network, rows.numpy(), ANSWERED, torch.device("cpu"))
        else:
            whole()
        return time.perf_counter() - start

    return work


def print_generation() -> None:
    """The table of generation: without a cache, every answered token costs its whole row again."""
    ways = {
        (experts, *way): generation(experts, *way)
        for experts in (1, 16)
        for way in ((QUESTIONS, True), (FEW, True), (FEW, False))
    }
    found = medians(ways, 3)
    print(f"\nPrompts of {PROMPT} tokens, answers of {ANSWERED}, s, median of 3\n")
    print(f"| experts | {QUESTIONS:,} questions | {FEW} questions | {FEW} without a cache |")
    print("|---|---:|---:|---:|")
    for experts in (1, 16):
        many, few, whole = (found[experts, *way] for way in ((QUESTIONS, True), (FEW, True), (FEW, False)))
        print(f"| {experts} | {many:.1f} | {few:.2f} | {whole:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=REPEATS)
    repeats = parser.parse_args().repeats
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print_layers(torch.device("cpu"), torch.float32, repeats)
    print_models(torch.device("cpu"), repeats)
    print_generation()


if __name__ == "__main__":
    main()
