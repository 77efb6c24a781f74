"""One run of an encoder on texts: what is trained, and what is recorded."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from study import paths
from study.config.runs import RunSettings
from study.config.study import StudySettings
from study.data.dataset import Dataset
from study.files import as_written, read_csv
from study.models.encoder import Encoder, build, settings_of
from study.seeds import torch_seed
from study.training.checkpoint import Checkpoint
from study.training.contracts import Epoch, key_of
from study.training.evaluation import Evaluation
from study.training.jobs import Job
from study.training.loop import train
from study.training.parts import Learning, Part, Pointwise, Presentations
from study.training.recorders import Clock, Recorder
from study.training.records import write_records
from study.training.text_inputs import TextInputs, encoder_digest, text_inputs
from study.training.text_scores import LookBack
from study.training.texts import Texts

_PROCESS = 520  # MB: Python, torch, transformers and their libraries, before any data
_RECORDED = 1200  # bytes an example: sums and readings of scores, ids, their table
_TRAINED = 5  # numbers a parameter: weight, gradient, two moments, and a copy while it is written
_KEPT = 20  # numbers a token, dimension and layer that a batch keeps for its backward pass
_PIECE = 4 + 1 + 8  # bytes a word piece: its number, its text, and work


def settled(run: RunSettings, study: StudySettings, root: Path) -> RunSettings:
    """The run's settings with its encoder, and the learning rate that was chosen for it.

    Raises:
        DamagedFile: the file that says what was chosen is damaged.
    """
    chapter = getattr(study, run.chapter)
    base = chapter.base_of(run.dataset_name)
    path = root / paths.tuning(run.chapter, base, run.model_name)
    tried = read_csv(path)
    with as_written(path):
        rate = float(tried[tried["chosen"]].iloc[0]["learning_rate"])
    changes = {
        "encoder": paths.encoder(run.chapter, base, run.model_name),
        "training": run.training.model_copy(update={"lr": rate}),
    }
    return run.model_copy(update=changes)


def start_of(run: RunSettings, root: Path) -> str:
    """A digest of the encoder that a run starts from.

    Raises:
        StudyError: it is not there.
    """
    return encoder_digest(root / run.encoder)


def estimate_mb(run: RunSettings, data: Dataset, device: torch.device, root: str | Path = ".") -> float:
    """Estimated peak of the process's memory in MB (2^20 bytes).

    The process, the texts in their pieces, what is recorded of each; and on the CPU weights, gradients and
    moments, one copy of the weights for each checkpoint of VoG, and what a batch keeps between layers.
    """
    n = len(data.train.labels) + len(data.test.labels)
    texts = sum(int(np.count_nonzero(split.inputs)) for split in (data.train, data.test))
    size = texts * _PIECE + n * _RECORDED
    if device.type == "cpu" and run.encoder is not None:
        parameters, width, layers = _sizes(Path(root) / run.encoder)
        copies = _TRAINED + (run.recording.vog_checkpoints or 0)
        longest = run.training.batch_size * run.model.positions
        size += 4 * (copies * parameters + _KEPT * layers * width * longest)
    return _PROCESS + size / 2**20


def _sizes(folder: Path) -> tuple[int, int, int]:
    """Parameters, width and layers of an encoder; of its weights only the file's size is looked at."""
    config = settings_of(folder)
    parameters = (folder / "model.safetensors").stat().st_size // 4
    return parameters, config.hidden_size, config.num_hidden_layers


def trainer(
    run: RunSettings, data: Dataset, device: torch.device, checkpoint_seconds: float, root: Path
) -> Callable[[Job], float]:
    """Trains runs of the model of `run` one by one: their texts are cut into pieces once."""
    inputs = text_inputs(run, data, root)

    def train_one(job: Job) -> float:
        return _train_one(data, inputs, device, checkpoint_seconds, root, job)

    return train_one


def prepare_model(run: RunSettings, data: Dataset, device: torch.device, root: Path) -> Encoder:
    """The run's encoder, with a fresh head, on the device."""
    torch.manual_seed(torch_seed(*key_of(run), "init"))
    return build(run.model, root / run.encoder, len(data.classes)).to(device)


def text_recorder(train: Texts, test: Texts, run: RunSettings) -> Recorder:
    """The recorder of a run, which looks at both splits after every epoch."""
    key, epochs, n = key_of(run), run.training.epochs, len(train)

    def evaluate(epoch: Epoch, model: nn.Module, takers: Sequence[Part]) -> Evaluation:
        return Evaluation(epoch, model, train, test, key, takers)

    parts = [
        Pointwise(n, epochs, run.recording.early_epoch),
        Presentations(n, epochs),
        Learning(n, epochs),
    ]
    return Recorder(evaluate, parts, n, key, range(1, epochs + 1), run.recording.keeps_trajectory(run.seed))


def _train_one(
    data: Dataset,
    inputs: TextInputs,
    device: torch.device,
    checkpoint_seconds: float,
    root: Path,
    job: Job,
) -> float:
    """Train a run, write its files into `Job.work`, and return the seconds that it took."""
    run, folder = job
    model = prepare_model(run, data, device, root)
    task = inputs.task(run, data, device)
    train_texts = inputs.whole(data.train, inputs.train, device)
    recorder = text_recorder(train_texts, inputs.whole(data.test, inputs.test, device), run)
    looks_back = LookBack(folder / "snapshots", run.training.epochs * task.steps, run.recording, run.training)
    clock, checkpoint = Clock(), Checkpoint(folder / "checkpoint.safetensors", checkpoint_seconds)
    observers = [recorder, clock, *looks_back.observers]
    train(model, task, run.training, key_of(run), observers, checkpoint)
    columns = looks_back.columns(model, train_texts)
    seconds = clock.seconds()
    write_records(folder, run, data, device, model, recorder, seconds, columns)
    checkpoint.remove()
    looks_back.remove()
    return seconds
