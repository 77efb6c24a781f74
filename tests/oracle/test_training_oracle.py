"""The training loop beside a plain one in torch, and what is recorded beside a slow computation afterwards.

Nothing of the slow computations uses the study's own scores.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch
from tests.oracle.training_reference import CONFIGS, EPOCHS, Snapshots, inputs_and_labels, reference, trained
from tests.tiny_study import tiny_data
from torch.nn import functional

from study.kinds import IMAGE
from study.scores.registry import FLAGS, columns_of
from study.training import evaluation, loop, parts


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
    assert apart(model, reference(name, initial, settings)[0], initial) < 1e-3


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
    assert apart(model, reference(name, initial, settings)[0], initial) > 5e-3


def slow_scores(snapshots: Snapshots, early: int, vog: list[int], tracin: list[int]) -> dict[str, np.ndarray]:
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
            if epoch in (early, *tracin):
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
    scores["tracin_self"] = sum(snapshots.rates[e - 1] * np.array(norms[e])[:, 0] ** 2 for e in tracin)
    stacked = {form: np.array(g).reshape(len(vog), 21, 8, 8) for form, g in gradients.items()}
    scores["vog"] = stacked["logit"].std(0).mean((1, 2))
    scores["vog_prob"], scores["vog_loss"] = (
        stacked[f].var(0, ddof=1).mean((1, 2)) for f in ("prob", "loss")
    )
    classes = [scores["vog"][labels == y] for y in labels]
    scores["vog_class_normalised"] = (scores["vog"] - [c.mean() for c in classes]) / [
        c.std() for c in classes
    ]
    return scores | slow_learning(np.array(kept["accuracy"]) == 1)


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


def slow_learning(evaluated: np.ndarray) -> dict[str, np.ndarray]:
    never = EPOCHS + 1

    def events(history):
        return sum(a and not b for a, b in pairwise(history)) if any(history) else never

    def since(history):
        return next((e for e in range(1, never) if all(history[e - 1 :])), never)

    return {
        "forgetting_epoch": np.array([events(list(h)) for h in evaluated.T]),
        "first_learned": np.array(
            [next((e for e in range(1, never) if h[e - 1]), never) for h in evaluated.T]
        ),
        "consistently_learned": np.array([since(h) for h in evaluated.T]),
        "unforgettable": np.array([any(h) and events(list(h)) == 0 for h in evaluated.T]),
    }


def disagreeing(recorder, snapshots) -> list[str]:
    """Columns in which recorder and slow computation differ: early epoch 2 of 5, VoG at 2, 4 and 5."""
    recorded = recorder.columns()
    slow = slow_scores(snapshots, early=2, vog=[2, 4, 5], tracin=[2, 3, 4, 5])
    scores = {*columns_of(IMAGE)} - {"prediction_depth", "prototype", "self_prototype"}
    assert set(recorded) == scores | FLAGS.keys() == slow.keys() | {"forgetting", "never_learned"}
    # Loose, since a unit near 0 may be on in one order of summation and off in another.
    return [name for name in slow if not np.allclose(recorded[name], slow[name], rtol=2e-2, atol=2e-6)]


@pytest.mark.parametrize("name", CONFIGS)
def test_recorded_scores_are_those_of_the_kept_models(name):
    _, _, recorder, snapshots, _ = trained(name)
    assert disagreeing(recorder, snapshots) == []


def score_mutants():
    late = lambda f: lambda epochs, fraction: f(epochs, fraction) + 1  # noqa: E731
    yield "early one epoch late", parts, "early_epoch", late, "el2n_early"
    yield "TracIn at the first epochs", parts, "checkpoint_epochs", lambda f: first_epochs, "tracin_self"
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
    _, _, recorder, snapshots, _ = trained(
        "resnet", {"gradient_norms": False, "vog_checkpoints": None, "tracin_checkpoints": None}
    )
    monkeypatch.undo()
    recorded, slow = recorder.columns(), slow_scores(snapshots, 2, [2, 4, 5], [5])
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
