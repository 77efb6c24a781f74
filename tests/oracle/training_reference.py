"""Plain training in torch, beside the study's own; what the oracle tests of training share.

Nothing of the reference uses the study's own schedules, augmentation or normalisation; only the names of the
random streams and the initial weights are shared.
"""

import copy

import numpy as np
import torch
from tests.tiny_study import tiny_data, tiny_study
from torch.nn import functional

from study.seeds import generator
from study.training import loop
from study.training.contracts import Observer, RunKey
from study.training.device import prepare_device
from study.training.image_runs import image_recorder, prepare_model
from study.training.images import Images, Normalisation, TrainingImages

EPOCHS, BATCH, SHIFT = 5, 8, 1
ELSEWHERE = {"prediction_depth": False, "prototypes": False}  # in test_representation_oracle.py
CONFIGS = {
    "mlp": {"schedule": "cosine", "warmup": 0.2, "flip": True},
    "resnet": {"schedule": "step", "milestones": [0.5, 0.75], "weight_decay": 0.01, "warmup": 0},
    "resnet-adam": {"schedule": "constant", "warmup": 0},
    "vit": {"schedule": "cosine"},
}


class Snapshots(Observer):
    """A copy of the model after every epoch, and the rate of its last update."""

    def __init__(self) -> None:
        self.models, self.rates = [], []

    def on_epoch(self, epoch, model):
        self.models.append(copy.deepcopy(model))
        self.rates.append(epoch.lr)


def trained(name: str, recording=None, watch=True):
    """The study's own training: model, its initial copy, the recorder and the snapshots."""
    settings = tiny_study(
        {"epochs": EPOCHS} | CONFIGS[name],
        {"vog_checkpoints": 3, "early": 0.3, "tracin_checkpoints": 4, **ELSEWHERE} | (recording or {}),
    )
    run, data = settings.run("difficulty", "tiny", name, 4), tiny_data()
    device = prepare_device("cpu", 1)
    model = prepare_model(run, data, device)
    initial = copy.deepcopy(model)
    key = RunKey(0, 4, name)
    normalise = Normalisation(data.train.inputs, device)
    task = TrainingImages(data.train, 3, run.training, key, normalise, device)
    test = Images(data.test, normalise, device)
    recorder = image_recorder(task, test, key, EPOCHS, run.recording, True)
    snapshots = Snapshots()
    loop.train(model, task, run.training, key, [recorder, snapshots] if watch else [])
    return model, initial, recorder, snapshots, run.training


def inputs_and_labels():
    data = tiny_data()
    raw = data.train.inputs.astype(np.float64)
    mean, std = raw.mean((0, 2, 3), keepdims=True), raw.std((0, 2, 3), keepdims=True)
    return raw, mean, std, data.train.labels


def reference(name: str, initial: torch.nn.Module, settings) -> tuple[torch.nn.Module, np.ndarray]:
    """The same training as anyone would write it in torch, one image at a time.

    Returns the trained model, and whether it was right about each example when it was presented (E, N): in
    training mode, before the update that the example is part of.
    """
    raw, mean, std, labels = inputs_and_labels()
    model, right = (
        copy.deepcopy(initial).to(memory_format=torch.contiguous_format),
        np.zeros((EPOCHS, 21), bool),
    )
    algorithm = {
        "sgd": lambda p: torch.optim.SGD(p, settings.lr, momentum=0.9, weight_decay=settings.weight_decay),
        "adam": lambda p: torch.optim.Adam(p, settings.lr, weight_decay=settings.weight_decay),
        "adamw": lambda p: torch.optim.AdamW(p, settings.lr, weight_decay=settings.weight_decay),
    }[settings.optimizer](model.parameters())
    steps = EPOCHS * 3
    scheduler = torch_scheduler(algorithm, settings, steps)
    for epoch in range(1, EPOCHS + 1):
        order = generator(0, 4, name, "order", epoch).permutation(21)
        rng = generator(0, 4, name, "augmentation", epoch)
        corners, coins = rng.integers(0, 2 * SHIFT + 1, (2, 21)), rng.random(21)
        model.train()
        for start in range(0, 21, BATCH):
            images = []
            for place in range(start, min(start + BATCH, 21)):
                black = np.pad(raw[order[place]], ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
                y, x = corners[0, place], corners[1, place]
                image = (black[:, y : y + 8, x : x + 8] - mean[0]) / std[0]
                images.append(image[:, :, ::-1] if settings.flip and coins[place] < 0.5 else image)
            batch = torch.tensor(np.stack(images), dtype=torch.float32)
            targets = torch.tensor(labels[order[start : start + BATCH]])
            algorithm.zero_grad()
            logits = model(batch)
            functional.cross_entropy(logits, targets).backward()
            for place, row in enumerate(logits.tolist(), start):
                right[epoch - 1, order[place]] = row.index(max(row)) == labels[order[place]]
            algorithm.step()
            scheduler.step()
    return model, right


def torch_scheduler(algorithm, settings, steps: int):
    """The same schedule out of torch's own."""
    schedulers = torch.optim.lr_scheduler
    warm = round(settings.warmup * steps)
    if settings.schedule == "step":
        return schedulers.MultiStepLR(
            algorithm, [round(m * steps) for m in settings.milestones], settings.gamma
        )
    if settings.schedule == "constant":
        return schedulers.ConstantLR(algorithm, factor=1.0)
    cosine = schedulers.CosineAnnealingLR(algorithm, steps - warm)
    if not warm:
        return cosine
    rise = schedulers.LinearLR(algorithm, 1 / warm, 1.0, warm - 1)
    return schedulers.SequentialLR(algorithm, [rise, cosine], [warm])
