"""GPU-hours of a large study, from timed training steps of each of its models.

Run: python benchmarks/paper_scale.py [config/paper.yaml] [--device cuda]      (some minutes on one GPU)

For studies whose images are CIFAR-10, CIFAR-100 or CINIC-10.

Every model makes a few steps as its runs do (batch, rows, precision, kernels), on random images or on a small
data set of the right kind; the medians, times the steps of a run and the number of runs, are
hours. Recording is not timed here: it adds up to as much again for images (BENCHMARKS.md), and one pass
over the recorded questions for each of ten readings for decoders.
"""

import argparse
import sys
from itertools import chain, count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import numpy as np
import torch
from steps import seconds_of

from study.config import parse_study
from study.config.files import read_mapping
from study.config.questions import QuestionData
from study.data.dataset import split
from study.data.questions.load import load
from study.kinds import CORPUS
from study.models.registry import build
from study.training.contracts import key_of
from study.training.device import prepare_device
from study.training.gradients import at_once
from study.training.images import Normalisation, TrainingImages
from study.training.optim import build_optimizer
from study.training.question_runs import prepare_decoder
from study.training.questions import TrainingQuestions

TIMED = ("difficulty", "experts", "synthesis")
IMAGES = {"cifar10": (50_000, 10), "cifar100": (50_000, 100), "cinic10": (70_000, 10)}  # examples, classes
CUT = {"phone_book": {"entries": 8192}, "shortest_path": {"graphs": 4096, "held_out": 16}}
REPEATS, WARM = 10, 3
STEPS = REPEATS + WARM
_LOADED: dict = {}  # by their settings


def steps_of(run) -> int:
    """Steps of a run."""
    settings, training = run.dataset, run.training
    if run.dataset_name in IMAGES:
        examples = IMAGES[run.dataset_name][0]
    elif settings.family == "atlas":
        examples = settings.vertices * settings.roads + sum(settings.asked)
    else:
        examples = settings.entries if settings.family == "phone_book" else settings.graphs * settings.queries
    return training.epochs * -(-examples // training.batch_size)


def of_images(run, device: torch.device) -> float:
    """Seconds of a step on random images of 32 x 32."""
    _, classes = IMAGES[run.dataset_name]
    n = STEPS * run.training.batch_size
    pixels = np.random.default_rng(0).integers(0, 256, (n, 3, 32, 32), dtype=np.uint8)
    images = split("random", "train", np.arange(n), pixels, np.arange(n) % classes)
    normalise = Normalisation(pixels, device)
    task = TrainingImages(images, classes, run.training, key_of(run), normalise, device)
    model = build(run.model, (3, 32, 32), classes).to(device, memory_format=torch.channels_last)
    return seconds_of_training(model, task, run.training, device)


def of_questions(run, device: torch.device) -> float:
    """Seconds of a step on questions of the run's kind."""
    settings = run.dataset
    data = loaded(run.dataset_name, settings.model_copy(update=CUT.get(settings.family, {})))
    model = prepare_decoder(run, data, device)
    weights = (run.recording.load_balance, run.recording.z_loss)
    task = TrainingQuestions(
        data.train, len(data.classes), run.training, run.model.top_k, weights, key_of(run), device
    )
    return seconds_of_training(model, task, run.training, device)


def loaded(name: str, settings):
    """Questions, made once for all models that they are put to."""
    key = settings.model_dump_json()
    if key not in _LOADED:
        _LOADED.clear()
        _LOADED[key] = load(name, settings, 0)
    return _LOADED[key]


def seconds_of_training(model, task, training, device: torch.device) -> float:
    """Median seconds of a step, from the making of its minibatch to its update."""
    optimizer, gradients = build_optimizer(model, training), at_once(training.precision, model)
    batches = chain.from_iterable(task.batches(epoch) for epoch in count(1))

    def step() -> None:
        optimizer.zero_grad()
        gradients(model, task, next(batches))
        optimizer.step()

    model.train()
    return seconds_of(step, device, REPEATS, WARM)


def runs_by_kind(study, chapter: str) -> dict[tuple[str, str], list]:
    """The runs with seed 0 of each model; books, which differ in their length alone, as one kind of data.

    Without those on corpora, which pretraining_on_gpu.py times.
    """
    found: dict[tuple[str, str], list] = {}
    settings = getattr(study, chapter)
    for dataset in settings.datasets:
        if study.all_datasets[dataset].kind == CORPUS:
            continue
        for model in settings.models_on(dataset):
            run = study.run(chapter, dataset, model, 0)
            found.setdefault((getattr(run.dataset, "family", dataset), model), []).append(run)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", nargs="?", type=Path, default="config/paper.yaml")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--chapter", choices=TIMED)
    options = parser.parse_args()
    if options.device == "auto" and not torch.cuda.is_available():
        parser.error("no GPU: on a CPU steps take minutes (--device cpu does them all the same)")
    study, device = parse_study(read_mapping(options.config)), prepare_device(options.device, 1)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU, 1 thread"
    print(f"{name}, torch {torch.__version__}, median of {REPEATS} steps\n")
    print("| data | model | precision | ms a step | hours of a run | runs | hours |")
    print("|---|---|---|---:|---:|---:|---:|")
    total: dict[str, float] = {}
    for chapter in TIMED if options.chapter is None else (options.chapter,):
        for (kind, model), runs in runs_by_kind(study, chapter).items():
            questions = isinstance(runs[0].dataset, QuestionData)
            seconds = (of_questions if questions else of_images)(runs[0], device)
            hours = [seconds * steps_of(run) / 3600 for run in runs]
            seeds = getattr(study, chapter).seeds
            total[chapter] = total.get(chapter, 0) + seeds * sum(hours)
            span = f"{hours[0]:.2f}" if len(hours) == 1 else f"{min(hours):.2f} to {max(hours):.2f}"
            done = seeds * sum(hours)
            kinds = f"{kind} | {model} | {runs[0].training.precision}"
            print(
                f"| {kinds} | {1e3 * seconds:.1f} | {span} | {seeds * len(runs)} | {done:,.1f} |", flush=True
            )
    print("\n" + "; ".join(f"{chapter}: {hours:,.0f} GPU-hours" for chapter, hours in total.items()))


if __name__ == "__main__":
    main()
