"""Saving a training at the end of an epoch, and going on from there."""

import hashlib
import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.optim import Optimizer

from study.data.arrays import Piece, write_pieces
from study.training.contracts import Observer
from study.training.optim import load_optimizer_tensors, optimizer_tensors

log = logging.getLogger(__name__)

_KINDS = {
    torch.float64: np.dtype(np.float64),
    torch.float32: np.dtype(np.float32),
    torch.int64: np.dtype(np.int64),
    torch.bool: np.dtype(np.bool_),
}


class Checkpoint:
    """One file with the model, the optimiser and the observers after some epoch.

    Random streams need no saving: they are derived from the epoch.

    Args:
        path: the file.
        seconds: save at the end of an epoch if so many seconds have passed since the last time; if infinite,
            never.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._path, self._seconds = path, seconds
        self._saved = time.monotonic()

    def resume(self, model: nn.Module, optimizer: Optimizer, observers: Sequence[Observer]) -> int:
        """Put back what was saved; returns the number of finished epochs, 0 if there is nothing to resume."""
        if not self._path.is_file():
            return 0
        try:
            tensors, epoch = _read(self._path)
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            log.warning("%s is damaged (%s): the run starts from its beginning", self._path, error)
            self._path.unlink()
            return 0
        parts: dict[str, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            part, _, name = key.partition("/")
            parts.setdefault(part, {})[name] = value
        model.load_state_dict(parts["model"])
        load_optimizer_tensors(optimizer, parts.get("optimizer", {}))
        for position, observer in enumerate(observers):
            saved = parts.get(f"observer{position}", {})
            observer.load_state({name: value.numpy() for name, value in saved.items()})
        log.info("going on after epoch %d from %s", epoch, self._path)
        return epoch

    def save_if_due(
        self,
        epoch: int,
        model: nn.Module,
        optimizer: Optimizer,
        observers: Sequence[Observer],
        at_once: bool = False,
    ) -> None:
        """Save everything, unless the last time is less than the agreed seconds ago and it is not `at_once`.

        Raises:
            StudyError: no space is left; the message names the file.
        """
        due = time.monotonic() - self._saved >= self._seconds or (at_once and math.isfinite(self._seconds))
        if not due:
            return
        tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
        tensors |= {f"optimizer/{name}": value for name, value in optimizer_tensors(optimizer).items()}
        for position, observer in enumerate(observers):
            tensors |= {
                f"observer{position}/{name}": torch.from_numpy(value)
                for name, value in observer.state().items()
            }
        note = json.dumps({"epoch": epoch, "sha256": _hash(tensors)})
        write_tensors(self._path, tensors, {"training": note})
        self._saved = time.monotonic()

    def remove(self) -> None:
        """The run is finished."""
        self._path.unlink(missing_ok=True)


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Write a safetensors file piece by piece; the same tensors give the same bytes.

    Raises:
        StudyError: no space is left; the message names the file.
    """
    pieces = {
        name: Piece(_KINDS[value.dtype], tuple(value.shape), lambda value=value: _array(value))
        for name, value in tensors.items()
    }
    write_pieces(path, pieces, metadata)


def _read(path: Path) -> tuple[dict[str, Tensor], int]:
    """Tensors and epoch of a checkpoint; an error of some kind if it is not as it was written."""
    with safe_open(path, framework="pt") as file:
        saved = json.loads(file.metadata()["training"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    if _hash(tensors) != saved["sha256"]:
        raise ValueError("its content is not what was written")
    return tensors, saved["epoch"]


def _hash(tensors: Mapping[str, Tensor]) -> str:
    hashed = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name]
        hashed.update(f"{name} {value.dtype} {tuple(value.shape)} ".encode())
        hashed.update(_array(value).data)
    return hashed.hexdigest()


def _array(value: Tensor) -> np.ndarray:
    return value.detach().cpu().contiguous().numpy()
