"""A study so small that a run takes a tenth of a second: for tests of training."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from study import paths
from study.config.study import StudySettings
from study.data.dataset import Dataset, data_digest, save, split

MODELS = {
    "mlp": {"architecture": "mlp", "hidden": [7]},
    "resnet": {"architecture": "resnet", "depth": 8, "width": 16},
    "resnet-adam": {
        "architecture": "resnet",
        "depth": 8,
        "width": 2,
        "training": {"optimizer": "adam", "lr": 0.003},
    },
    "vit": {
        "architecture": "vit",
        "patch": 4,
        "dim": 8,
        "depth": 1,
        "training": {"optimizer": "adamw", "lr": 0.003},
    },
}


def tiny_data(
    n: int = 21, n_test: int = 9, shape: tuple[int, int, int] = (2, 8, 8), classes: int = 3
) -> Dataset:
    """Images whose class is seen in their brightness, with noise enough that some stay hard."""
    rng = np.random.default_rng(7)

    def part(name: str, size: int):
        labels = np.arange(size) % classes
        images = 60 + 50 * labels[:, None, None, None] + rng.normal(0, 40, (size, *shape))
        return split("tiny", name, np.arange(size), images.clip(0, 255).astype(np.uint8), labels)

    train, test = part("train", n), part("test", n_test)
    names = tuple(f"class {k}" for k in range(classes))
    return Dataset("tiny", train, test, names, "made here", data_digest(train, test, classes))


def tiny_study(
    training: dict | None = None, recording: dict | None = None, runtime: dict | None = None
) -> StudySettings:
    """Three steps an epoch, four epochs."""
    return StudySettings.model_validate(
        {
            "name": "tiny",
            "datasets": {"tiny": {"source": "generated", "family": "blends"}},
            "models": MODELS,
            "training": {
                "epochs": 4,
                "batch_size": 8,
                "lr": 0.05,
                "schedule": "cosine",
                "warmup": 0.2,
                "flip": True,
            }
            | (training or {}),
            "difficulty": {
                "datasets": ["tiny"],
                "models": list(MODELS),
                "recording": {"vog_checkpoints": 2, "early": 0.4, "keep_model": True} | (recording or {}),
            },
            "runtime": {"device": "cpu", "checkpoint_seconds": 0} | (runtime or {}),
        }
    )


def with_memory(study: StudySettings, memory_mb: int) -> StudySettings:
    """A study whose jobs have so much memory."""
    return study.model_copy(update={"runtime": study.runtime.model_copy(update={"memory_mb": memory_mb})})


def prepare(root: Path, data: Dataset | None = None) -> Dataset:
    """Write the data set to where a run looks for it; its images may have been changed since it was made."""
    data = data or tiny_data()
    data = replace(data, digest=data_digest(data.train, data.test, len(data.classes)))
    save(data, root / paths.data_folder("tiny"))
    return data


def files(root: Path, model: str = "mlp", seeds: tuple[int, ...] = (0,)) -> dict[str, bytes]:
    """All published files of some runs but the volatile one, by seed and name."""
    found = {}
    for seed in seeds:
        for path in sorted((root / paths.run_folder("difficulty", "tiny", model, seed)).iterdir()):
            if path.name != "resources.json":
                found[f"{seed}/{path.name}"] = path.read_bytes()
    return found
