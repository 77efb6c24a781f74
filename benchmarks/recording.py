"""What recording costs: time beside plain training in the same process, and peak memory by number of epochs.

Run: python benchmarks/recording.py [repeats]      (about five minutes)

ResNet-8 of width 16 on scikit-learn's digits (1,437 x 1 x 8 x 8), 24 epochs of minibatches of 128, one
thread. Plain training is the same loop without observers, and one test evaluation at its end. The variants
take turns, each repeat in another order; medians are shown. Time is the processor's for this process, so that
other processes on the machine count less. Budget: all scores but prediction depth, 2.0 times plain training.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

from study.config.architectures import ResNetSettings
from study.config.datasets import SklearnData
from study.config.difficulty import RecordingSettings
from study.config.runs import RunSettings
from study.config.training import TrainingSettings
from study.data.sources import load
from study.processes import peak_memory_mb
from study.training.contracts import RunKey
from study.training.device import prepare_device
from study.training.evaluation import evaluate
from study.training.image_runs import image_recorder, prepare_model
from study.training.images import Images, Normalisation, TrainingImages
from study.training.loop import train

NONE = RecordingSettings(
    gradient_norms=False,
    vog_checkpoints=None,
    tracin_checkpoints=None,
    prediction_depth=False,
    prototypes=False,
)
VARIANTS = {
    "plain training": None,
    "+ evaluation pass (pointwise, forgetting, trajectory, history)": NONE,
    "+ evaluation pass, GraNd at 2 checkpoints": NONE.model_copy(update={"gradient_norms": True}),
    "+ evaluation pass, VoG at 10 checkpoints": NONE.model_copy(update={"vog_checkpoints": 10}),
    "+ evaluation pass, TracIn at 4 checkpoints": NONE.model_copy(update={"tracin_checkpoints": 4}),
    "+ evaluation pass, prototypes": NONE.model_copy(update={"prototypes": True}),
    "+ evaluation pass, prediction depth": NONE.model_copy(update={"prediction_depth": True}),
    "+ all scores but prediction depth": RecordingSettings(prediction_depth=False),
    "+ all scores": RecordingSettings(),
}
MEMORY = {"24 epochs": (24, False), "96 epochs": (96, False), "96 epochs with trajectory": (96, True)}


def run(data, recording: RecordingSettings | None, epochs: int = 24, trajectory: bool = True) -> float:
    """Processor seconds of one training."""
    device = prepare_device("cpu", 1)
    settings = RunSettings(
        chapter="difficulty",
        dataset_name="digits",
        dataset=SklearnData(source="sklearn", name="digits"),
        model_name="resnet8",
        model=ResNetSettings(architecture="resnet", depth=8, width=16),
        training=TrainingSettings(epochs=epochs, schedule="cosine", warmup=0.05),
        recording=recording or NONE,
        study_seed=0,
        seed=0,
        device="cpu",
        threads=1,
    )
    key = RunKey(0, 0, "resnet8")
    start = time.process_time()
    model = prepare_model(settings, data, device)
    normalise = Normalisation(data.train.inputs, device)
    images = TrainingImages(data.train, len(data.classes), settings.training, key, normalise, device)
    test = Images(data.test, normalise, device)
    recorder = image_recorder(images, test, key, epochs, recording, trajectory) if recording else None
    train(model, images, settings.training, key, [recorder] if recorder else [])
    if recorder:
        recorder.columns()
    else:
        evaluate(model, test)
    return time.process_time() - start


def main(repeats: int) -> None:
    data = load("digits", SklearnData(source="sklearn", name="digits"), 0)
    run(data, RecordingSettings(), epochs=10)  # imports scikit-learn, warms caches up
    seconds: dict[str, list[float]] = {name: [] for name in VARIANTS}
    names = list(VARIANTS)
    for repeat in range(repeats):
        for name in names[repeat % len(names) :] + names[: repeat % len(names)]:
            seconds[name].append(run(data, VARIANTS[name]))
    print(
        f"\nResNet-8 width 16, 1,437 x 1 x 8 x 8, 24 epochs, 1 thread, median of {repeats} interleaved runs\n"
    )
    print("| variant | seconds | of plain training | range of the ratio | more than the evaluation pass |")
    print("|---|---:|---:|---:|---:|")
    plain = seconds["plain training"]
    passes = statistics.median(seconds[names[1]])
    for name, times in seconds.items():
        ratios = [a / b for a, b in zip(times, plain, strict=True)]
        median = statistics.median(times)
        print(
            f"| {name} | {median:.2f} | {median / statistics.median(plain):.2f} |"
            f" {min(ratios):.2f} to {max(ratios):.2f} | {(median - passes) / statistics.median(plain):+.2f} |"
        )
    print("\n| all scores | peak memory of the process, MB |\n|---|---:|")
    for name in MEMORY:
        command = [sys.executable, __file__, "--peak", name]
        peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        print(f"| {name} | {peak} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        epochs, trajectory = MEMORY[sys.argv[2]]
        digits = load("digits", SklearnData(source="sklearn", name="digits"), 0)
        run(digits, RecordingSettings(), epochs, trajectory)
        print(f"{peak_memory_mb():.1f}")
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
