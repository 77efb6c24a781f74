"""Numbers are what they were when they were last looked at; how to change them: make.py."""

import json

import pytest
import torch
from tests.architectures import OF_IMAGES
from tests.golden import make
from tests.oracle.mutation import mutated

from study.models import resnet
from study.training import questions


def golden(name):
    return json.loads((make.FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def check_logits():
    now, then = make.logits(), golden("logits")
    assert now.keys() == then.keys()
    for model, modes in then.items():
        for mode, values in modes.items():
            expected = torch.tensor(values, dtype=torch.float64)
            torch.testing.assert_close(
                torch.tensor(now[model][mode], dtype=torch.float64),
                expected,
                rtol=1e-5,
                atol=1e-6,
                msg=lambda text, where=f"{model} in {mode} mode": f"{where}: {text}",
            )


def test_logits():
    check_logits()


def test_every_architecture_has_logits():
    assert {settings.architecture for settings in make.MODELS.values()} == OF_IMAGES


def test_a_changed_model_is_caught(monkeypatch):
    monkeypatch.setattr(resnet, "build", mutated(resnet, ("out + self.shortcut(x)", "out")).build)
    with pytest.raises(AssertionError, match="resnet batch in evaluation mode"):
        check_logits()


def test_changed_random_numbers_are_caught(monkeypatch):
    seed = torch.manual_seed
    monkeypatch.setattr(torch, "manual_seed", lambda value: seed(value + 1))
    with pytest.raises(AssertionError, match="mlp in evaluation mode"):
        check_logits()


def test_a_tiny_study():
    now, then = make.runs(), golden("runs")
    assert now.keys() == then.keys()
    for model, parts in then.items():
        for part, values in parts.items():
            for name, expected in values.items():
                # Sums in another order: rounding errors of single precision, grown over twelve updates.
                close = pytest.approx(expected, rel=1e-3, abs=1e-7)
                assert now[model][part][name] == close, f"{model}: {part}: {name}"


def check_decoders():
    now, then = make.decoders(), golden("decoders")
    assert now.keys() == then.keys()
    for model, parts in then.items():
        for part, values in parts.items():
            close = {"rtol": 1e-5, "atol": 1e-6} if part == "logits" else {"rtol": 1e-3, "atol": 1e-5}
            torch.testing.assert_close(
                torch.tensor(now[model][part], dtype=torch.float64),
                torch.tensor(values, dtype=torch.float64),
                **close,
                msg=lambda text, where=f"{part} of {model}": f"{where}: {text}",
            )


def test_decoders():
    check_decoders()


def test_changed_losses_of_routers_are_caught(monkeypatch):
    monkeypatch.setattr(questions, "z_loss", lambda logits, real: 100 * logits[0].square().mean())
    with pytest.raises(AssertionError, match="learnt of mixture learned"):
        check_decoders()
