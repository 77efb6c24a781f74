"""The files of a finished run."""

import platform
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from study import paths
from study.config.runs import RunSettings
from study.data.dataset import Dataset, Split
from study.files import write_csv, write_json, write_parquet
from study.processes import peak_memory_mb
from study.provenance import package_versions, training_version
from study.training.checkpoint import write_tensors
from study.training.device import device_kind
from study.training.recorders import Recorder


def write_records(
    folder: Path,
    run: RunSettings,
    data: Dataset,
    device: torch.device,
    model: nn.Module,
    recorder: Recorder,
    seconds: float,
    more: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Write all files of a run; only `resources.json` differs between two machines of a kind.

    `more` are columns of examples.parquet beside those of the recorder.

    Raises:
        StudyError: no space is left; the message names the file.
    """
    history = recorder.history()
    write_json(folder / "config.json", run.model_dump(mode="json"))
    write_json(folder / "metrics.json", _metrics(run, data, device, model, history.iloc[-1]))
    write_csv(folder / "history.csv", history)
    write_parquet(folder / "examples.parquet", examples(data.train, recorder.columns() | dict(more or {})))
    if run.recording.keeps_trajectory(run.seed):
        write_parquet(folder / paths.TRAJECTORY, recorder.trajectory())
    if run.recording.keep_model:
        write_tensors(folder / paths.CHECKPOINT, model.state_dict())
    presented = run.training.epochs * len(data.train.labels)
    write_json(folder / "resources.json", resources(presented, device, seconds))


def examples(split: Split, columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """A row per training example: its id, the hash of its input, its label, and its scores.

    Continuous scores are float64: in float32 all confidences above 1 - 3e-8 tie at 1, and a well-trained
    model has many. Counts and epochs are int32, flags bool.
    """
    identity = {"example_id": split.ids, "content": split.contents, "label": split.labels.astype(np.int32)}
    kept = {
        name: values.astype(np.int32) if values.dtype == np.int64 else values
        for name, values in columns.items()
    }
    return pd.DataFrame(identity | kept)


def _metrics(
    run: RunSettings, data: Dataset, device: torch.device, model: nn.Module, last: pd.Series
) -> dict:
    """Final numbers, and what they came from."""
    n, training = len(data.train.labels), run.training
    return {
        **{
            name: float(last[name]) for name in ("test_accuracy", "test_loss", "train_accuracy", "train_loss")
        },
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "train_examples": n,
        "test_examples": len(data.test.labels),
        "epochs": training.epochs,
        "steps": training.epochs * -(-n // training.batch_size),
        "provenance": provenance(
            run, data, device, training_version(run.dataset.kind, run.model.architecture)
        ),
    }


def provenance(run: RunSettings, data: Dataset, device: torch.device, code: str) -> dict:
    """What a run's numbers came from; `code` is the digest of the code that made them."""
    return {
        "code": code,
        "data": data.digest,
        "device": device_kind(device),
        "threads": run.threads,
        "packages": package_versions(),
    }


def resources(presented: int, device: torch.device, seconds: float, of: str = "images") -> dict:
    """What a run cost that saw so many examples; memory is the largest that the process has had so far."""
    cost = {
        "seconds": round(seconds, 3),
        f"{of}_per_second": round(presented / seconds, 1),
        "peak_memory_mb": round(peak_memory_mb(), 1),
        "host": platform.node(),
    }
    if device.type == "cuda":
        cost["peak_device_memory_mb"] = round(torch.cuda.max_memory_allocated(device) / 2**20, 1)
    return cost
