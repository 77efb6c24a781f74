"""The estimate of a run's memory beside what it takes, each in a process of its own.

Run: python benchmarks/memory.py      (about two minutes)

Random images, two epochs with all scores, one thread. The estimate is what a job is refused by before it
starts, so it has to be right to within a factor of two.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import timing  # noqa: F401 (puts the package on the path)

from study import paths
from study.config.study import StudySettings
from study.data.dataset import Dataset, data_digest, save, split
from study.data.dataset import open as open_dataset
from study.processes import peak_memory_mb
from study.training.device import prepare_device
from study.training.memory import estimate_mb
from study.training.run import train_runs

VGG16 = [[64, 2], [128, 2], [256, 3], [512, 3], [512, 3]]
CASES = {  # model, examples, (C, H, W), seeds
    "resnet8, 1,437 x 1 x 8 x 8": ({"architecture": "resnet", "depth": 8}, 1437, (1, 8, 8)),
    "vit, 1,437 x 1 x 8 x 8": ({"architecture": "vit", "patch": 2}, 1437, (1, 8, 8)),
    "mlp, 50,000 x 3 x 32 x 32": ({"architecture": "mlp"}, 50_000, (3, 32, 32)),
    "resnet20, 512 x 3 x 32 x 32": ({"architecture": "resnet", "depth": 20}, 512, (3, 32, 32)),
    "resnet20 width 64, 256 x 3 x 32 x 32": (
        {"architecture": "resnet", "depth": 20, "width": 64},
        256,
        (3, 32, 32),
    ),
    "vgg16, 256 x 3 x 32 x 32": ({"architecture": "vgg", "stages": VGG16}, 256, (3, 32, 32)),
}


def measure(model: dict, n: int, shape: tuple[int, int, int]) -> str:
    """Estimate and peak of this process in MB, as one line."""
    rng = np.random.default_rng(0)

    def part(name: str, size: int):
        images = rng.integers(0, 256, (size, *shape), dtype=np.uint8)
        return split("random", name, np.arange(size), images, np.arange(size) % 10)

    study = StudySettings.model_validate(
        {
            "name": "memory",
            "datasets": {"random": {"source": "generated", "family": "blends"}},
            "models": {"model": model, "other": {"architecture": "mlp"}},
            "training": {"epochs": 2, "lr": 0.01},
            "difficulty": {
                "datasets": ["random"],
                "models": ["model", "other"],
                "recording": {"vog_checkpoints": 2},
            },
            "runtime": {"device": "cpu", "memory_mb": 100_000, "checkpoint_seconds": 0},
        }
    )
    with tempfile.TemporaryDirectory() as root:
        if os.fork() == 0:  # making the data must not count
            train, test = part("train", n), part("test", max(10, n // 5))
            names = tuple(map(str, range(10)))
            data = Dataset("random", train, test, names, "none", data_digest(train, test, 10))
            save(data, Path(root) / paths.data_folder("random"))
            os._exit(0)
        os.wait()
        train_runs(study, "difficulty", "random", "model", [0], root)
        peak = peak_memory_mb()
        data = open_dataset(Path(root) / paths.data_folder("random"))
        estimate = estimate_mb(study.run("difficulty", "random", "model", 0), data, prepare_device("cpu", 1))
    return f"{estimate:,.0f} | {peak:,.0f} | {estimate / peak:.2f}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measure(*CASES[sys.argv[1]]))
    else:
        print("| run | estimate, MB | peak, MB | estimate / peak |\n|---|---:|---:|---:|")
        for name in CASES:
            command = [sys.executable, __file__, name]
            line = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
            print(f"| {name} | {line} |", flush=True)
