"""A study of texts so small that a run takes a tenth of a second: for tests of encoders."""

from pathlib import Path

import numpy as np
import pandas as pd

from study import paths
from study.config import parse_study
from study.config.study import StudySettings
from study.data.dataset import Dataset, data_digest, save, split
from study.data.text.packed import pack, text_hashes
from study.training.pretraining import prepare_encoder

SIZES = {"architecture": "encoder", "layers": 1, "dim": 8, "heads": 2, "vocabulary": 80, "positions": 24}
MODELS = {"bert": SIZES, "scratch": SIZES | {"start": "scratch", "layers": 2, "head": [6], "head_rate": 3.0}}
CLASSES = ("weather", "music", "lights")
_TELLING = (("rain", "sunny"), ("song", "singer"), ("lamp", "dark"))
_OTHER = ("please", "now", "the", "a", "really", "my", "tomorrow", "again")


def tiny_texts(n: int = 24, n_test: int = 9, pairs: bool = False) -> Dataset:
    """Texts of two to eight words, one of which tells the class, mostly; every label is the rest by 3."""
    rng = np.random.default_rng(11)

    def text(label: int) -> str:
        label = label if rng.random() < 0.85 else int(rng.integers(3))
        words = [*rng.choice(_OTHER, rng.integers(1, 8)), rng.choice(_TELLING[label])]
        return " ".join(rng.permutation(words).tolist())

    def part(name: str, size: int):
        labels = np.arange(size) % len(CLASSES)
        columns = [[text(label) for label in labels] for _ in range(1 + pairs)]
        facts = {"slip": np.arange(size) % 2 == 0, "intent": np.array([f"i{k % 2}" for k in range(size)])}
        return split("tiny", name, np.arange(size), pack(columns), labels, facts=facts, hashes=text_hashes)

    train, test = part("train", n), part("test", n_test)
    return Dataset("tiny", train, test, CLASSES, "made here", data_digest(train, test, len(CLASSES)))


def text_study(
    training: dict | None = None, influence: dict | None = None, models: dict | None = None
) -> StudySettings:
    """Three steps an epoch, three epochs; an encoder is made in two."""
    made = {"epochs": 2, "batch_size": 8, "optimizer": "adamw", "lr": 0.01}
    chosen = {"epochs": 3, "batch_size": 8, "optimizer": "adamw", "lr": 0.5, "schedule": "linear"}
    models = models or MODELS
    return parse_study(
        {
            "name": "tiny",
            "datasets": {"tiny": {"source": "generated", "family": "nlu"}},
            "models": models,
            "training": chosen | (training or {}),
            "influence": {
                "datasets": ["tiny"],
                "models": list(models),
                "seeds": 3,
                "learning_rates": [0.003, 0.01],
                "pretraining": {"training": made, "held_out": 0.2},
                "recording": {"vog_checkpoints": 3, "tracin_checkpoints": 2, "trajectory_seeds": 1},
                **(influence or {}),
            },
            "runtime": {"device": "cpu", "checkpoint_seconds": 0},
        }
    )


def selection_study(selection: dict | None = None, **runtime) -> StudySettings:
    """Weak labels of 42 texts, of which 18 are gold, in one language; two epochs a model."""
    made = {"epochs": 2, "batch_size": 8, "optimizer": "adamw", "lr": 0.01, "schedule": "constant"}
    return parse_study(
        {
            "name": "tiny",
            "datasets": {"tiny": {"source": "generated", "family": "nlu"}},
            "models": {"bert": SIZES},
            "training": made,
            "selection": {
                "datasets": ["tiny"],
                "model": "bert",
                "traffic": None,
                "pretraining": {"training": made, "held_out": 0.2},
                "pool": {"gold": 0.3, "threshold": 0.0, "recall": 0.3, "false_alarms": 0.1, "said": 6},
                "scorers": 2,
                "early_epoch": 1,
                "strategies": [
                    *({"strategy": "top", "score": score} for score in ("entropy_joint", "el2n_joint_mean")),
                    {"strategy": "union"},
                ],
                "sizes": [0.25, 0.5],
                "repeats": 3,
                **(selection or {}),
            },
            "runtime": {"device": "cpu", **runtime},
        }
    )


def prepare(root: Path, data: Dataset | None = None) -> Dataset:
    """Write the data set to where encoders and runs look for it."""
    data = data or tiny_texts()
    save(data, root / paths.data_folder("tiny"))
    return data


def prepare_all(
    root: Path, study: StudySettings, model: str = "bert", data: Dataset | None = None
) -> Dataset:
    """Write all that runs of a model start from: data, encoder, and the learning rate 0.01."""
    data = prepare(root, data)
    prepare_encoder(study, "influence", "tiny", model, root)
    path = root / paths.tuning("influence", "tiny", model)
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"learning_rate": [0.003, 0.01], "chosen": [False, True]}).to_csv(path, index=False)
    return data


def contents(root: Path, model: str, seed: int = 0, variant: str | None = None) -> dict[str, bytes]:
    """The published files of a run, but the volatile one, by name."""
    folder = root / paths.run_folder("influence", "tiny", model, seed, variant)
    kept = [path for path in sorted(folder.iterdir()) if path.name != "resources.json"]
    return {path.name: path.read_bytes() for path in kept}
