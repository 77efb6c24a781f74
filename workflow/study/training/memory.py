"""How much memory a run will need, before it starts."""

import math
from pathlib import Path

import psutil
import torch
from torch import nn

from study.config.runs import RunSettings
from study.data.dataset import Dataset, Split
from study.errors import StudyError
from study.models.registry import build
from study.scores.neighbours import WORKSPACE
from study.training.images import evaluation_batch_size

_PROCESS = 420 * 2**20  # Python, torch, pandas and their libraries, before any data
_SCORES = 900  # bytes an example: 26 sums and readings of pointwise scores, 13 other columns, their table
_LOGITS = 6 * 8  # bytes an example and class: what pointwise scores are computed from
_VOG = 48 + 8  # bytes an example and pixel: two moments of three gradients, a copy while saving, and work
_TRAJECTORY = 45  # bytes an example and epoch: the record, its table, and the table as it is written
_WEIGHTS = 5 * 4  # bytes a parameter: weight, gradient, two moments, and work
_NEIGHBOURS = 3 * WORKSPACE  # a block of distances, what is sorted of it, and work
_BETWEEN = 7  # bytes a value between layers: many are overwritten, or gone before the backward pass ends


def check_memory(run: RunSettings, needed: float, memory_mb: int) -> None:
    """Refuse a run that will not fit.

    What its job asked a cluster for plays no part: once measured, or tried again, that is another number.

    Args:
        needed: what it is estimated to need, in MB.
        memory_mb: what a training may take by the configuration, in MB (2^20 bytes).

    Raises:
        StudyError: the estimate is above that or above what the machine has.
    """
    machine = psutil.virtual_memory().total / 2**20
    if needed <= min(memory_mb, machine):
        return
    asked = needed > memory_mb
    limit = f"a training may take {memory_mb:,} MB" if asked else f"this machine has {machine:,.0f} MB"
    raise StudyError(
        f"training {run.model_name} on {run.dataset_name} needs about {needed:,.0f} MB of memory, "
        f"and {limit}",
        where="runtime.memory_mb" if asked else "this machine's memory",
        expected=f"at least {math.ceil(needed):,} MB",
        do=f"set runtime.memory_mb to {100 * math.ceil(needed / 100)} or more"
        if asked
        else "use a larger machine, or record fewer scores (difficulty.recording)",
    )


def estimate_mb(run: RunSettings, data: Dataset, device: torch.device, root: str | Path = ".") -> float:
    """Estimated peak of the process's memory in MB (2^20 bytes); right to within a factor of 2.

    The sum of: the process itself; both splits, and the padded copy that training crops from; a fixed number
    of bytes per example for scores, per example and class for logits, per example and pixel for VoG, and per
    example and epoch for the trajectory; a fixed number of bytes per parameter; the values between layers,
    of a training minibatch or of an evaluation batch, whichever is more; and for prediction depth what the
    largest probe puts out for all examples, with a block of distances. On a GPU the last three are not here
    but on the device.
    """
    n, (channels, height, width) = len(data.train.labels), data.train.inputs.shape[1:]
    shift = run.training.shift
    size = _PROCESS + _split_bytes(data.train) + _split_bytes(data.test)
    size += n * channels * (height + 2 * shift) * (width + 2 * shift)
    size += n * (_SCORES + _LOGITS * len(data.classes))
    if run.recording.vog_checkpoints:
        size += n * height * width * _VOG
    if run.recording.keeps_trajectory(run.seed):
        size += n * run.training.epochs * _TRAJECTORY
    if device.type == "cpu":
        parameters, values, widest = _model_size(run, data)
        evaluated = min(n, evaluation_batch_size((channels, height, width), device.type))
        trained = min(n, run.training.batch_size)
        size += parameters * _WEIGHTS + values * max(trained, evaluated) * _BETWEEN
        if run.recording.prediction_depth:
            size += n * widest * 4 + min(n**2 * 4, _NEIGHBOURS)
    return size / 2**20


def _split_bytes(split: Split) -> int:
    return sum(
        array.nbytes for array in (split.inputs, split.labels, split.true_labels, split.ids, split.contents)
    )


def _model_size(run: RunSettings, data: Dataset) -> tuple[int, int, int]:
    """Parameters of the model, values that all its layers put out for one example, and its largest probe.

    Nothing is computed.
    """
    values = 0

    def count(module: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        nonlocal values
        values += output.numel()

    with torch.device("meta"):
        model = build(run.model, data.train.inputs.shape[1:], len(data.classes)).eval()
        image = torch.empty(1, *data.train.inputs.shape[1:])
        widest = max(probe.numel() for probe in model.probes(image))
        for module in model.modules():
            if not any(module.children()):
                module.register_forward_hook(count)
        model(image)
    return sum(parameter.numel() for parameter in model.parameters()), values, widest
