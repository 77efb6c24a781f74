"""Pre-training on a GPU: tokens a second of dense models and mixtures, and the share of the device's peak.

Run: python benchmarks/pretraining_on_gpu.py [model ...]      (two minutes)

Language models of config/paper.yaml on random documents of 1,000 tokens on average, in rows of 2,048. A step
is what one of its eight GPUs does of a minibatch: 4 parts of 8 rows, in bfloat16, and the update. The peak is
that of a product of two matrices of 8,192 x 8,192 in bfloat16, measured beforehand; operations are counted
as 6 a token and parameter at work (Kaplan et al. 2020, section 2.1), without attention scores.
"""

import argparse
import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import numpy as np
import torch
from pretraining_hours import VOCABULARY
from steps import seconds_of

from study.config.files import read
from study.data.corpus.store import Documents
from study.models.counting import size_of, training_operations
from study.models.decoder import build
from study.training.contracts import RunKey
from study.training.corpora import TrainingRows
from study.training.device import prepare_device
from study.training.gradients import InParts
from study.training.optim import build_optimizer
from study.training.processes import ALONE

MODELS = ("lm-256", "lm-1024", "lm-2048", "lm-256-8", "lm-256-64", "lm-1024-8", "lm-1024-64")
CONFIG = Path(__file__).resolve().parent.parent / "config" / "paper.yaml"
ROW, STEPS, WARM = 2048, 5, 2


def documents(tokens: int = 2_000_000, mean: int = 1000) -> Documents:
    """Random documents."""
    rng = np.random.default_rng(0)
    ends = np.cumsum(rng.geometric(1 / mean, tokens // mean))
    return Documents(
        rng.integers(0, VOCABULARY, ends[-1]).astype(np.uint16), ends, np.zeros(len(ends), np.uint8)
    )


def peak(device: torch.device, size: int = 8192) -> float:
    """Operations a second of a product of two matrices."""
    a, b = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    return 10 * 2 * size**3 / seconds_of(lambda: [a @ b for _ in range(10)], device, STEPS, WARM)


def training_step(study, name: str, read_from: Documents, device: torch.device):
    """A step of a model: gradients of the parts of one process, and the update."""
    run = study.run("experts", "language", name, 0)
    shared = run.processes
    training = run.training.model_copy(
        update={
            "batch_size": run.training.batch_size // shared,
            "accumulate": run.training.accumulate // shared,
        }
    )
    torch.manual_seed(0)
    model = build(run.model, (ROW,), VOCABULARY).to(device)
    weights = (run.recording.load_balance, run.recording.z_loss)
    key = RunKey(0, 0, name)
    task = TrainingRows(read_from, VOCABULARY, ROW, training, 1, run.model.top_k, weights, key, device)
    gradients, optimizer = InParts(model, training.precision, ALONE), build_optimizer(model, training)
    numbers = count()

    def step() -> None:
        optimizer.zero_grad()
        gradients(model, task, task.batch(next(numbers)))
        optimizer.step()

    return step, task.tokens_of_step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="model", default=MODELS)
    names = parser.parse_args().models
    if not torch.cuda.is_available():
        raise SystemExit("no GPU is available")
    study, device, text = read([CONFIG]), prepare_device("cuda", 1), documents()
    most = peak(device)
    print(
        f"{torch.cuda.get_device_name()}, torch {torch.__version__}, 1 thread, median of {STEPS} steps. "
        f"Peak: {most / 1e12:,.0f} teraFLOP/s\n"
    )
    print("| model | parameters at work | tokens a second | share of peak | memory, GiB |")
    print("|---|---:|---:|---:|---:|")
    for name in names:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        step, tokens = training_step(study, name, text, device)
        size = size_of(study.models[name], VOCABULARY)
        rate = tokens / seconds_of(step, device, STEPS, WARM)
        share = training_operations(size, rate) / most
        gib = torch.cuda.max_memory_allocated() / 2**30
        print(f"| {name} | {size.active / 1e6:,.0f} M | {rate:,.0f} | {share:.1%} | {gib:.0f} |", flush=True)


if __name__ == "__main__":
    main()
