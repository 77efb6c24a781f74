"""One run of a model of images: what is trained, and what is recorded."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import nn

from study.config.difficulty import RecordingSettings
from study.config.runs import RunSettings
from study.config.study import StudySettings
from study.data.dataset import Dataset
from study.models.registry import build
from study.seeds import torch_seed
from study.training.checkpoint import Checkpoint
from study.training.contracts import Epoch, RunKey, key_of
from study.training.evaluation import Evaluation
from study.training.images import Images, Normalisation, TrainingImages
from study.training.jobs import Job
from study.training.loop import train
from study.training.memory import estimate_mb as estimate_mb
from study.training.parts import Part, score_parts
from study.training.recorders import Clock, Recorder
from study.training.records import write_records


def settled(run: RunSettings, study: StudySettings, root: Path) -> RunSettings:
    """The run's settings with what the study finds out before it trains: nothing."""
    return run


def prepare_model(run: RunSettings, data: Dataset, device: torch.device) -> nn.Module:
    """The run's model, freshly initialised on the device, 4-D weights channels last."""
    torch.manual_seed(torch_seed(*key_of(run), "init"))
    model = build(run.model, data.train.inputs.shape[1:], len(data.classes))
    return model.to(device=device, memory_format=torch.channels_last)


def image_recorder(
    train: Images, test: Images, run: RunKey, epochs: int, recording: RecordingSettings, trajectory: bool
) -> Recorder:
    """The recorder of a run, which looks at both splits, without augmentation, after every epoch.

    Args:
        train, test: the splits.
        run: what random streams are derived from.
        epochs: T.
        recording: what to record, and when.
        trajectory: whether loss, confidence and correctness of every epoch are kept.
    """

    def evaluate(epoch: Epoch, model: nn.Module, takers: Sequence[Part]) -> Evaluation:
        return Evaluation(epoch, model, train, test, run, takers)

    parts = score_parts(train, run, epochs, recording)
    return Recorder(evaluate, parts, len(train), run, range(1, epochs + 1), trajectory)


def start_of(run: RunSettings, root: Path) -> str:
    """A digest of what a run starts from beside its settings: nothing."""
    return ""


def trainer(
    run: RunSettings, data: Dataset, device: torch.device, checkpoint_seconds: float, root: Path
) -> Callable[[Job], float]:
    """Trains runs of the model of `run` one by one."""
    return partial(train_one, data, device, checkpoint_seconds)


def train_one(data: Dataset, device: torch.device, checkpoint_seconds: float, job: Job) -> float:
    """Train a run, write its files into `Job.work`, and return the seconds that it took."""
    run, folder = job
    key = key_of(run)
    model = prepare_model(run, data, device)
    normalise = Normalisation(data.train.inputs, device)
    images = TrainingImages(data.train, len(data.classes), run.training, key, normalise, device)
    test = Images(data.test, normalise, device)
    clock = Clock()
    trajectory = run.recording.keeps_trajectory(run.seed)
    recorder = image_recorder(images, test, key, run.training.epochs, run.recording, trajectory)
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", checkpoint_seconds)
    train(model, images, run.training, key, [recorder, clock], checkpoint)
    seconds = clock.seconds()
    write_records(folder, run, data, device, model, recorder, seconds)
    checkpoint.remove()
    return seconds
