"""The training loop beside a plain one in torch, and what is recorded beside a slow computation afterwards.

Nothing here uses the study's own schedules, augmentation, normalisation or scores; only the names of the
random streams and the initial weights are shared.
"""

import copy
from itertools import pairwise

import numpy as np
import pytest
import torch
from tests.tiny_study import tiny_data, tiny_study
from torch.nn import functional

from study.scores.registry import FLAGS, SCORES
from study.seeds import generator
from study.training import evaluation, loop, parts, recorders
from study.training.contracts import Observer, RunKey
from study.training.device import prepare_device
from study.training.images import Images, Normalisation, TrainingImages
from study.training.run import prepare_model

EPOCHS, BATCH, SHIFT = 5, 8, 1
CONFIGS = {
    "mlp": {"schedule": "cosine", "warmup": 0.2, "flip": True},
    "resnet": {"schedule": "step", "milestones": [0.5, 0.75], "weight_decay": 0.01, "warmup": 0},
    "resnet-adam": {"schedule": "constant", "warmup": 0},
    "vit": {"schedule": "cosine"},
}


class Snapshots(Observer):
    """A copy of the model after every epoch, and the training-mode predictions before every update."""

    def __init__(self, n: int) -> None:
        self.models, self.right = [], np.zeros((EPOCHS, n), bool)

    def on_batch(self, indices, logits, labels):
        for index, row, label in zip(indices, logits.tolist(), labels.tolist(), strict=True):
            self.right[len(self.models), index] = row.index(max(row)) == label

    def on_epoch(self, epoch, model):
        self.models.append(copy.deepcopy(model))


def trained(name: str, recording=None, watch=True):
    """The study's own training: model, its initial copy, the recorder and the snapshots."""
    settings = tiny_study(
        {"epochs": EPOCHS} | CONFIGS[name], {"vog_checkpoints": 3, "early": 0.3} | (recording or {})
    )
    run, data = settings.run("difficulty", "tiny", name, 4), tiny_data()
    device = prepare_device("cpu", 1)
    model = prepare_model(run, data, device)
    initial = copy.deepcopy(model)
    key = RunKey(0, 4, name)
    normalise = Normalisation(data.train.inputs, device)
    task = TrainingImages(data.train, 3, run.training, key, normalise, device)
    recorder = recorders.Recorder(
        task, Images(data.test, normalise, device), key, EPOCHS, run.recording, True
    )
    snapshots = Snapshots(21)
    loop.train(model, task, run.training, key, [recorder, snapshots] if watch else [])
    return model, initial, recorder, snapshots, run.training


def inputs_and_labels():
    data = tiny_data()
    raw = data.train.inputs.astype(np.float64)
    mean, std = raw.mean((0, 2, 3), keepdims=True), raw.std((0, 2, 3), keepdims=True)
    return raw, mean, std, data.train.labels


def reference(name: str, initial: torch.nn.Module, settings) -> torch.nn.Module:
    """The same training as anyone would write it in torch, one image at a time."""
    raw, mean, std, labels = inputs_and_labels()
    model = initial.to(memory_format=torch.contiguous_format)
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
            functional.cross_entropy(model(batch), targets).backward()
            algorithm.step()
            scheduler.step()
    return model


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


def apart(model, other, start) -> float:
    """Distance of two trained models in units of the way that they have come."""

    def weights(net):
        # Keys' biases cancel in attention's softmax: their gradient is rounding noise, which Adam blows up.
        named = [value for name, value in net.named_parameters() if not name.endswith("qkv.bias")]
        return torch.cat([value.detach().double().flatten() for value in named])

    return float((weights(model) - weights(other)).norm() / (weights(model) - weights(start)).norm())


@pytest.mark.parametrize("name", CONFIGS)
def test_the_loop_is_the_plain_one(name):
    model, initial, _, _, settings = trained(name, watch=False)
    assert apart(model, reference(name, copy.deepcopy(initial), settings), initial) < 1e-3


@pytest.mark.parametrize("name", CONFIGS)
def test_recording_everything_leaves_the_weights_as_they_are_to_the_last_bit(name):
    watched, plain = trained(name)[0].state_dict(), trained(name, watch=False)[0].state_dict()
    assert all(torch.equal(watched[key], plain[key]) for key in plain)


def mutants():
    yield (
        "a schedule that is one step late",
        "learning_rate",
        lambda f: lambda step, *a: f(max(step - 1, 0), *a),
    )
    yield "a rate per epoch", "learning_rate", lambda f: lambda step, *a: f(step // 3 * 3, *a)
    yield (
        "no weight decay",
        "build_optimizer",
        lambda f: lambda m, s: f(m, s.model_copy(update={"weight_decay": 0})),
    )
    yield "no momentum", "build_optimizer", lambda f: lambda m, s: f(m, s.model_copy(update={"momentum": 0}))


@pytest.mark.parametrize("mutant", list(mutants()), ids=lambda mutant: mutant[0])
def test_the_comparison_catches_a_wrong_loop(mutant, monkeypatch):
    _, attribute, change = mutant
    name = "resnet" if attribute == "build_optimizer" else "mlp"
    monkeypatch.setattr(loop, attribute, change(getattr(loop, attribute)))
    model, initial, _, _, settings = trained(name, watch=False)
    assert apart(model, reference(name, copy.deepcopy(initial), settings), initial) > 5e-3


def slow_scores(snapshots: Snapshots, early: int, vog: list[int]) -> dict[str, np.ndarray]:
    """All scores from the kept models, one example at a time."""
    raw, mean, std, labels = inputs_and_labels()
    x = torch.tensor((raw - mean) / std, dtype=torch.float32)
    kept: dict[str, list] = {}
    gradients: dict[str, list] = {"logit": [], "prob": [], "loss": []}
    norms: dict[int, list] = {}
    for epoch, model in enumerate(snapshots.models, start=1):
        model.eval()
        rows = []
        for i, y in enumerate(labels):
            image = x[i : i + 1].clone().requires_grad_()
            z = model(image)[0]
            p = torch.softmax(z.double(), 0)
            loss = -torch.log_softmax(z.double(), 0)[y]
            rows.append(of_one(z.double().detach().numpy(), p.detach().numpy(), loss.item(), int(y)))
            if epoch in (early, EPOCHS):
                flat = torch.autograd.grad(loss, list(model.parameters()), retain_graph=True)
                head = torch.autograd.grad(loss, list(model.head.parameters()), retain_graph=True)
                squares = [sum(float(g.double().square().sum()) for g in group) for group in (flat, head)]
                norms.setdefault(epoch, []).append(np.sqrt(squares))
            if epoch in vog:
                for form, value in (("logit", z[y]), ("prob", p[y]), ("loss", loss)):
                    (g,) = torch.autograd.grad(value, image, retain_graph=True)
                    gradients[form].append(g[0].double().mean(0).numpy())
        for score in rows[0]:
            kept.setdefault(score, []).append([row[score] for row in rows])
    scores = {}
    for score, values in kept.items():
        values = np.array(values)
        scores |= {
            f"{score}_mean": values.mean(0),
            f"{score}_early": values[early - 1],
            f"{score}_last": values[-1],
        }
    scores["variability"] = np.array(kept["confidence"]).std(0)
    for reading, epoch in (("early", early), ("last", EPOCHS)):
        scores[f"grand_{reading}"], scores[f"grand_last_layer_{reading}"] = np.array(norms[epoch]).T
    stacked = {form: np.array(g).reshape(len(vog), 21, 8, 8) for form, g in gradients.items()}
    scores["vog"] = stacked["logit"].std(0).mean((1, 2))
    scores["vog_prob"], scores["vog_loss"] = (
        stacked[f].var(0, ddof=1).mean((1, 2)) for f in ("prob", "loss")
    )
    classes = [scores["vog"][labels == y] for y in labels]
    scores["vog_class_normalised"] = (scores["vog"] - [c.mean() for c in classes]) / [
        c.std() for c in classes
    ]
    return scores | slow_histories(snapshots.right, np.array(kept["accuracy"]) == 1)


def of_one(z: np.ndarray, p: np.ndarray, loss: float, y: int) -> dict[str, float]:
    others = [k for k in range(3) if k != y]
    return {
        "loss": loss,
        "accuracy": float(z.argmax() == y),
        "confidence": p[y],
        "max_confidence": max(p),
        "entropy": -sum(q * np.log(q) for q in p),
        "margin": p[y] - max(p[others]),
        "aum": z[y] - max(z[others]),
        "el2n": sum((p[k] - (k == y)) ** 2 for k in range(3)) ** 0.5,
    }


def slow_histories(presented: np.ndarray, evaluated: np.ndarray) -> dict[str, np.ndarray]:
    never = EPOCHS + 1

    def events(history):
        return sum(a and not b for a, b in pairwise(history)) if any(history) else never

    def since(history):
        return next((e for e in range(1, never) if all(history[e - 1 :])), never)

    return {
        "forgetting": np.array([events(list(h)) for h in presented.T]),
        "never_learned": ~presented.any(0),
        "forgetting_epoch": np.array([events(list(h)) for h in evaluated.T]),
        "first_learned": np.array(
            [next((e for e in range(1, never) if h[e - 1]), never) for h in evaluated.T]
        ),
        "consistently_learned": np.array([since(h) for h in evaluated.T]),
        "unforgettable": np.array([any(h) and events(list(h)) == 0 for h in evaluated.T]),
    }


def disagreeing(recorder, snapshots) -> list[str]:
    """Columns in which recorder and slow computation differ: early epoch 2 of 5, VoG at 2, 4 and 5."""
    recorded, slow = recorder.columns(), slow_scores(snapshots, early=2, vog=[2, 4, 5])
    scores = {column for column, score in SCORES.items() if score.per_run}
    assert set(recorded) == set(slow) == scores | FLAGS.keys()
    # Loose, since a unit near 0 may be on in one order of summation and off in another.
    return [name for name in slow if not np.allclose(recorded[name], slow[name], rtol=2e-2, atol=2e-6)]


@pytest.mark.parametrize("name", CONFIGS)
def test_recorded_scores_are_those_of_the_kept_models(name):
    _, _, recorder, snapshots, _ = trained(name)
    assert disagreeing(recorder, snapshots) == []


def score_mutants():
    late = lambda f: lambda epochs, fraction: f(epochs, fraction) + 1  # noqa: E731
    yield "early one epoch late", parts, "early_epoch", late, "el2n_early"
    yield "VoG at the first epochs", parts, "checkpoint_epochs", lambda f: first_epochs, "vog"
    yield "gradients not of each example", evaluation, "per_example_gradient_norms", halved, "grand_early"
    yield "scores of other labels", evaluation, "pointwise_scores", other_labels, "loss_mean"


def first_epochs(epochs, k):
    return tuple(range(1, k + 1))


def other_labels(function):
    return lambda z, y: function(z, (y + 1) % 3)


def halved(function):
    def norms(model, x, y):
        total, head = function(model, x, y)
        return total / len(y), head

    return norms


@pytest.mark.parametrize("mutant", list(score_mutants()), ids=lambda mutant: mutant[0])
def test_the_comparison_catches_wrong_recording(mutant, monkeypatch):
    _, module, attribute, change, column = mutant
    monkeypatch.setattr(module, attribute, change(getattr(module, attribute)))
    _, _, recorder, snapshots, _ = trained("mlp")
    assert column in disagreeing(recorder, snapshots)


def test_the_comparison_catches_evaluation_in_training_mode(monkeypatch):
    monkeypatch.setattr(torch.nn.Module, "eval", lambda self: self.train(True))
    _, _, recorder, snapshots, _ = trained("resnet", {"gradient_norms": False, "vog_checkpoints": None})
    monkeypatch.undo()
    recorded, slow = recorder.columns(), slow_scores(snapshots, 2, [2, 4, 5])
    assert not np.allclose(recorded["loss_mean"], slow["loss_mean"], rtol=2e-3)


def test_history_is_that_of_the_kept_models():
    _, _, recorder, snapshots, _ = trained("resnet")
    data = tiny_data()
    _, mean, std, _ = inputs_and_labels()
    history = recorder.history()
    for row, model in zip(history.itertuples(), snapshots.models, strict=True):
        for split in ("train", "test"):
            part = getattr(data, split)
            logits = model.eval()(torch.tensor((part.inputs - mean) / std, dtype=torch.float32))
            loss = functional.cross_entropy(logits.double(), torch.tensor(part.labels))
            right = (logits.argmax(1).numpy() == part.labels).mean()
            assert getattr(row, f"{split}_loss") == pytest.approx(loss.item(), rel=1e-3)
            assert getattr(row, f"{split}_accuracy") == pytest.approx(right)
