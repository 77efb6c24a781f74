"""Runs of ResNet-20 an hour on a GPU: one at a time, or several processes, beside a plain loop.

Run: python benchmarks/images_on_gpu.py      (four minutes)

50,000 random images of 3 x 32 x 32, trained as resnet20 of config/paper.yaml: batches of 128, pad, crop and
mirror, 160 epochs. The plain loop is what one would write at first for images that lie on the GPU: torch's
defaults, channels first, one move for all images of a batch, no determinism. Each way trains some epochs
after a warm-up; the median epoch counts, times 160, without recording. Several runs of a job train one after
the other in its process: as one, but for the start, which they share.
"""

import argparse
import multiprocessing
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import numpy as np
import torch
from recording import NONE
from steps import now
from torch.nn import functional

from study.config.files import read
from study.config.runs import RunSettings
from study.data.dataset import Dataset, data_digest, split
from study.training import gradients
from study.training.contracts import Observer, key_of
from study.training.device import prepare_device
from study.training.image_runs import image_recorder, prepare_model
from study.training.images import Images, Normalisation, TrainingImages
from study.training.loop import train
from study.training.optim import build_optimizer

EPOCHS, WARM, OF_A_RUN = 2, 1, 160
SHARED = (2, 4)  # processes
RECORDED = 11  # epochs: a recorded run reads VoG at ten of them
CONFIG = Path(__file__).resolve().parent.parent / "config" / "paper.yaml"


def images() -> Dataset:
    """As many images as CIFAR-10 has, at random."""
    rng = np.random.default_rng(0)

    def part(name: str, n: int):
        pixels = rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8)
        return split("random", name, np.arange(n), pixels, np.arange(n) % 10)

    both, names = (part("train", 50_000), part("test", 10_000)), tuple(map(str, range(10)))
    return Dataset("random", *both, names, "made here", data_digest(*both, 10))


def settings(epochs: int, **training) -> RunSettings:
    """The run of config/paper.yaml, for fewer epochs; at a low rate, as labels are random."""
    run = read([CONFIG]).run("difficulty", "cifar10", "resnet20", 0)
    changed = {"epochs": epochs, "schedule": "constant", "lr": 0.01} | training
    return run.model_copy(update={"training": run.training.model_copy(update=changed)})


class Ends(Observer):
    """Seconds of each epoch, once the device is done with it."""

    def __init__(self, device: torch.device) -> None:
        self._device, self._at, self.seconds = device, now(device), []

    def on_epoch(self, epoch, model) -> None:
        at = now(self._device)
        self.seconds.append(at - self._at)
        self._at = at


class Between(Observer):
    """Lets ways that share a GPU begin together, when all are warm."""

    def __init__(self, barrier) -> None:
        self._barrier = barrier

    def on_epoch(self, epoch, model) -> None:
        if epoch.number == WARM:
            torch.cuda.synchronize()
            self._barrier.wait()


def ours(data: Dataset, run: RunSettings, barrier=None, recorded: bool = False) -> list[float]:
    """Seconds of the epochs of our training, but for those that warm up."""
    device = prepare_device("cuda", 1)
    model, key = prepare_model(run, data, device), key_of(run)
    normalise = Normalisation(data.train.inputs, device)
    task = TrainingImages(data.train, len(data.classes), run.training, key, normalise, device)
    observers = [Between(barrier)] if barrier else []
    if recorded:
        test = Images(data.test, normalise, device)
        observers.append(image_recorder(task, test, key, run.training.epochs, run.recording, False))
    ends = Ends(device)
    train(model, task, run.training, key, [*observers, ends])
    return ends.seconds[WARM:]


def plain(data: Dataset, run: RunSettings) -> list[float]:
    """Seconds of the epochs of a loop as one would write it."""
    torch.backends.cudnn.allow_tf32 = True
    device, training = torch.device("cuda"), run.training
    model = prepare_model(run, data, device).to(memory_format=torch.contiguous_format)
    optimizer = build_optimizer(model, training)
    padded = functional.pad(torch.from_numpy(data.train.inputs).to(device).float() / 255, (4,) * 4)
    labels, seconds = torch.from_numpy(data.train.labels).to(device), []
    for _ in range(training.epochs):
        start = now(device)
        model.train()
        for chosen in torch.randperm(len(labels), device=device).split(training.batch_size):
            down, right = np.random.randint(0, 9, 2)  # one crop a batch, the cheapest way
            batch = padded[chosen, :, down : down + 32, right : right + 32]
            batch = batch.flip(-1) if np.random.rand() < 0.5 else batch
            optimizer.zero_grad()
            functional.cross_entropy(model(batch), labels[chosen]).backward()
            optimizer.step()
        seconds.append(now(device) - start)
    return seconds[WARM:]


def channels_first(work):
    """The same work with contiguous weights and images."""
    of_last = Normalisation.__call__

    def of_first(self, pixels):
        return of_last(self, pixels).contiguous()

    prepared = prepare_model

    def prepare_first(*of_run):
        return prepared(*of_run).to(memory_format=torch.contiguous_format)

    globals()["prepare_model"], Normalisation.__call__ = prepare_first, of_first
    try:
        return work()
    finally:
        globals()["prepare_model"], Normalisation.__call__ = prepared, of_last


def one_by_one(work):
    """The same work without recordings: each kernel is started by itself."""
    repeated, gradients.Repeated = gradients.Repeated, gradients.Whole
    try:
        return work()
    finally:
        gradients.Repeated = repeated


def _of_process(run: RunSettings, barrier, queue) -> None:
    data = images()
    queue.put(ours(data, run, barrier))


def processes(count: int, run: RunSettings) -> list[float]:
    """Seconds of epochs of so many processes that share the GPU, each divided by their number."""
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(count), context.Queue()
    started = [
        context.Process(target=_of_process, args=(run, barrier, queue), daemon=True) for _ in range(count)
    ]
    for process in started:
        process.start()
    found = [queue.get(timeout=120) for _ in started]
    for process in started:
        process.join()
    return [seconds / count for of_one in found for seconds in of_one]


def of_recorded(data: Dataset) -> str:
    """What recording costs of a whole run: its passes after each epoch, and all that it does now and then."""
    passes, run = settings(WARM + EPOCHS, precision="bfloat16"), settings(RECORDED, precision="bfloat16")
    epoch = statistics.median(ours(data, passes.model_copy(update={"recording": NONE}), recorded=True))
    all_of_it = sum(ours(data, run, recorded=True))
    now_and_then = all_of_it - (RECORDED - WARM) * epoch
    hours = (OF_A_RUN * epoch + now_and_then) / 3600
    return (
        f"In bfloat16 an epoch with the passes that record it takes {epoch:.2f} s, and what is recorded now "
        f"and then {now_and_then:.0f} s a run: {hours:.2f} hours a run, {1 / hours:.1f} runs an hour."
    )


def ways_to_train(data: Dataset) -> dict:
    """Each gives seconds of epochs."""
    run, halved = settings(WARM + EPOCHS), settings(WARM + EPOCHS, precision="bfloat16")
    return {
        "a plain loop, TF32 in convolutions": lambda: plain(data, run),
        "float32, each kernel started by itself": lambda: one_by_one(lambda: ours(data, run)),
        "float32": lambda: ours(data, run),
        "float32, channels first": lambda: channels_first(lambda: ours(data, run)),
        **{f"float32, {k} processes": lambda k=k: processes(k, run) for k in SHARED},
        "bfloat16, each kernel started by itself": lambda: one_by_one(lambda: ours(data, halved)),
        "bfloat16": lambda: ours(data, halved),
        "bfloat16, channels first": lambda: channels_first(lambda: ours(data, halved)),
        **{f"bfloat16, {k} processes": lambda k=k: processes(k, halved) for k in SHARED},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="the ways that begin so")
    only = parser.parse_args().only
    if not torch.cuda.is_available():
        raise SystemExit("no GPU is available")
    data = images()
    name = torch.cuda.get_device_name()
    print(f"{name}, torch {torch.__version__}; batches of 128, medians of {EPOCHS} epochs\n")
    print("| way | s an epoch and run | runs an hour |\n|---|---:|---:|")
    for way, work in ways_to_train(data).items():
        if way.startswith(only):
            seconds = statistics.median(work())
            print(f"| {way} | {seconds:.2f} | {3600 / (OF_A_RUN * seconds):.1f} |", flush=True)
    print(f"\n{of_recorded(data)}")


if __name__ == "__main__":
    main()
