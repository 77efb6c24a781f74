"""Encoders of texts: padding that bucketing saves, what VoG and TracIn cost, and steps at the papers' sizes.

Run: python benchmarks/encoders.py [--device cuda]      (two minutes on one thread, seconds on a GPU)

Texts are drawn at random, as long as pairs of SNLI are (8 to 90 pieces, 28 on average). The floor of VoG are
its passes alone: for each of ten checkpoints forward, and backward to the embeddings, with nothing kept. On
a GPU the encoders are those of config/paper.yaml, on the CPU that of config/config.yaml.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import numpy as np
import torch
from steps import now
from torch.nn import functional
from transformers import BertConfig, BertModel

from study.config.training import TrainingSettings
from study.models.encoder import Encoder
from study.models.tokenizer import Pieces
from study.scores.embedding_vog import embedding_gradients, variance_of_gradients
from study.scores.gradient import frozen, per_example_gradient_norms
from study.training.contracts import RunKey
from study.training.optim import build_optimizer
from study.training.text_scores import LOOKED_AT
from study.training.texts import TrainingTexts

CHECKPOINTS, CLASSES, BUDGET = 10, 3, 1.2
SIZES = {  # layers, width, heads, feed-forward, vocabulary
    "cpu": {"bert": (2, 64, 2, 128, 2000)},
    "cuda": {"bert-small": (4, 512, 8, 2048, 30522), "bert-base": (12, 768, 12, 3072, 30522)},
}


def encoder(sizes: tuple[int, ...], device: torch.device) -> Encoder:
    """An encoder of some size, at random."""
    layers, width, heads, hidden, vocabulary = sizes
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=hidden,
    )
    return Encoder(BertModel(config, add_pooling_layer=False), [], CLASSES, 0.1).to(device)


def texts(n: int, vocabulary: int, batch: int, device: torch.device) -> TrainingTexts:
    """Random texts as long as those of SNLI."""
    rng = np.random.default_rng(0)
    lengths = np.clip(np.round(rng.lognormal(np.log(26), 0.38, n)), 8, 90).astype(np.int64)
    ids = rng.integers(5, vocabulary, lengths.sum()).astype(np.int32)
    pieces = Pieces(ids, np.zeros(len(ids), np.uint8), np.cumsum(lengths))
    settings = TrainingSettings(batch_size=batch, optimizer="adam", lr=1e-4)
    labels = rng.integers(CLASSES, size=n)
    return TrainingTexts(pieces, labels, 0, device, None, CLASSES, settings, RunKey(0, 0, "benchmark"))


def padding(task: TrainingTexts) -> tuple[float, float]:
    """Share of the pieces of an epoch's batches that are padding: as they are, and in random batches."""
    real, lengths = int(task.pieces.ends[-1]), task.pieces.lengths
    bucketed = sum(batch.inputs.ids.numel() for batch in task.batches(1))
    order = np.random.default_rng(0).permutation(len(lengths))
    size = len(next(task.batches(1)).indices)
    shuffled = [lengths[order[k : k + size]] for k in range(0, len(order), size)]
    at_random = sum(len(part) * int(part.max()) for part in shuffled)
    return 1 - real / bucketed, 1 - real / at_random


def passes(model: Encoder, task: TrainingTexts, device: torch.device) -> dict[str, float]:
    """Seconds of each kind of pass over all texts."""
    optimizer = build_optimizer(model, TrainingSettings(optimizer="adam", lr=1e-5))
    batches = list(task.batches(1))
    looked_at = list(task.evaluation_batches(LOOKED_AT))

    def train() -> None:
        model.train()
        for batch in batches:
            loss = functional.cross_entropy(model(batch.inputs), batch.labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def floor() -> None:
        for _, tokens, labels in looked_at:
            for _ in range(CHECKPOINTS):
                embedding_gradients(model, model.embeddings, tokens, labels)

    def vog() -> None:
        for _, tokens, labels in looked_at:
            found = (embedding_gradients(model, model.embeddings, tokens, labels) for _ in range(CHECKPOINTS))
            variance_of_gradients(found, tokens.mask)

    def plain() -> None:
        for _, tokens, labels in looked_at:
            with frozen(model):
                model.embeddings.requires_grad_(True)
                functional.cross_entropy(model(tokens), labels).backward()

    def tracin() -> None:
        for _, tokens, labels in looked_at:
            per_example_gradient_norms(model, tokens, labels, model.last_layers)

    ways = {"epoch": train, "floor": floor, "vog": vog, "one pass": plain, "tracin": tracin}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(4):
        for name, work in ways.items():
            start = now(device)
            work()
            if repeat:  # the first warms up
                seconds[name].append(now(device) - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    device = torch.device(parser.parse_args().device)
    torch.set_num_threads(1)
    n, batch = (1024, 32) if device.type == "cpu" else (16384, 128)
    print(f"{n:,} texts of 28 pieces on average, batches of {batch}, {device.type}, median of 3\n")
    print("| encoder | texts/s, training | VoG, s | its floor, s | × floor | TracIn, s | × one pass |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, sizes in SIZES[device.type].items():
        task, model = texts(n, sizes[-1], batch, device), encoder(sizes, device)
        found = passes(model, task, device)
        print(
            f"| {name} | {n / found['epoch']:,.0f} | {found['vog']:.2f} | {found['floor']:.2f} "
            f"| {found['vog'] / found['floor']:.2f} | {found['tracin']:.2f} "
            f"| {found['tracin'] / found['one pass']:.2f} |"
        )
    bucketed, at_random = padding(task)
    print(f"\nBudget of VoG: {BUDGET} x its passes, at {CHECKPOINTS} checkpoints.")
    print(f"Padding: {bucketed:.1%} of a batch of texts of like lengths, {at_random:.1%} of one at random.")


if __name__ == "__main__":
    main()
