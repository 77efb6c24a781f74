"""What holds on the CPU holds on a GPU: the same bytes each time, gradient norms as autograd has them."""

import logging

import numpy as np
import pandas as pd
import pytest
import torch
from tests.architectures import OF_IMAGES
from tests.oracle.gradient_reference import batch, check, randomised
from tests.tiny_study import MODELS, files, prepare, tiny_study

from study import paths
from study.config import parse_study
from study.config.architectures import (
    MlpSettings,
    ResNetSettings,
    VggSettings,
    VitSettings,
)
from study.data.questions.load import load
from study.models.registry import build
from study.scores.gradient import per_example_gradient_norms
from study.training import gradients
from study.training.contracts import Batch
from study.training.device import prepare_device
from study.training.jobs import Job
from study.training.question_runs import train_one
from study.training.run import train_runs

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")

SETTINGS = [
    MlpSettings(architecture="mlp", hidden=[12, 7]),
    *(ResNetSettings(architecture="resnet", depth=8, width=6, norm=n) for n in ("batch", "group", "none")),
    *(VggSettings(architecture="vgg", stages=[(6, 2), (20, 1)], norm=n) for n in ("batch", "group", "none")),
    VitSettings(architecture="vit", patch=2, dim=12, depth=2, heads=3),
]


@pytest.mark.parametrize("model", MODELS)
def test_two_runs_give_the_same_bytes(tmp_path, model):
    for name in ("a", "b"):
        prepare(tmp_path / name)
        train_runs(tiny_study(runtime={"device": "cuda"}), "difficulty", "tiny", model, [0], tmp_path / name)
    assert files(tmp_path / "a", model) == files(tmp_path / "b", model)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("model", MODELS)
def test_steps_that_are_repeated_give_the_bytes_of_steps_that_are_not(
    tmp_path, monkeypatch, caplog, model, precision
):
    study, repeated = tiny_study(training={"precision": precision}, runtime={"device": "cuda"}), []
    repeat = gradients._Recording.repeat
    monkeypatch.setattr(gradients._Recording, "repeat", lambda *of: repeated.append(1) or repeat(*of))
    for name in ("repeated", "whole"):
        prepare(tmp_path / name)
        train_runs(study, "difficulty", "tiny", model, [0], tmp_path / name)
        monkeypatch.setattr(gradients, "Repeated", gradients.Whole)
    assert "cannot be recorded" not in caplog.text
    assert len(repeated) == 4 * 2  # epochs, and their minibatches of eight: the third has five
    assert files(tmp_path / "repeated", model) == files(tmp_path / "whole", model)


class Looking(torch.nn.Module):
    """Looks at a value in each step, which a recording cannot do; and draws."""

    def __init__(self):
        super().__init__()
        self.layer, self.drop = torch.nn.Linear(4, 3), torch.nn.Dropout(0.5)

    def forward(self, inputs):
        return self.drop(self.layer(inputs)) * (1 if inputs.sum().item() > 0 else 2)


class Drawing(Looking):
    """Draws alone."""

    def forward(self, inputs):
        return self.drop(self.layer(inputs))


class Classes:
    """The task of a classifier."""

    def loss(self, output, batch):
        return torch.nn.functional.cross_entropy(output, batch.labels)

    def right(self, output, batch):
        return output.argmax(1) == batch.labels


@pytest.mark.parametrize(("network", "possible"), [(Looking, False), (Drawing, True)])
def test_models_that_look_are_computed_as_ever_and_all_draw_the_same(caplog, network, possible):
    device = prepare_device("cuda", 1)
    found = []
    for make in (gradients.Whole, gradients.Repeated):
        torch.manual_seed(5)
        model = network().to(device)
        inputs, labels = torch.randn(3, 8, 4, device=device), torch.arange(8, device=device) % 3
        way = make("float32")
        with caplog.at_level(logging.WARNING):
            for part in inputs:
                model.zero_grad()
                loss, right = way(model, Classes(), Batch(np.arange(8), part, labels))
                found.append([loss, right, model.layer.weight.grad.clone()])
    assert ("cannot be recorded" in caplog.text) is not possible
    for one, other in zip(found[:3], found[3:], strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("model", MODELS)
def test_six_steps_give_the_scores_of_the_cpu_within_a_thousandth_of_their_spread(tmp_path, model):
    tables = []
    for device in ("cpu", "cuda"):
        prepare(tmp_path / device)
        study = tiny_study(training={"epochs": 2}, runtime={"device": device})
        train_runs(study, "difficulty", "tiny", model, [0], tmp_path / device)
        folder = tmp_path / device / paths.run_folder("difficulty", "tiny", model, 0)
        tables.append(pd.read_parquet(folder / "examples.parquet").select_dtypes("floating"))
    cpu, cuda = tables
    assert len(cpu.columns) > 10
    moved = (cuda - cpu).abs().max() / cpu.std().clip(lower=1e-6)
    assert moved.max() <= 1e-3, moved.sort_values()


@pytest.mark.parametrize("changes", [{}, {"experts": 8}, {"experts": 8, "router": "hash"}])
def test_two_runs_of_a_decoder_give_the_same_bytes(tmp_path, changes):
    study = parse_study(
        {
            "name": "tiny",
            "datasets": {},
            "models": {"decoder": {"architecture": "decoder", "layers": 2, **changes}},
            "training": {"epochs": 3, "batch_size": 32, "optimizer": "adamw", "lr": 0.01},
            "experts": {"shortest_path": {"models": ["decoder"], "graphs": 32, "held_out": 8, "queries": 4}},
        }
    )
    run = study.run("experts", "shortest-path", "decoder", 0)
    data, device = load("shortest-path", run.dataset, 0), prepare_device("cuda", 1)
    for name in ("a", "b"):
        train_one(data, device, 1e9, Job(run, tmp_path / name))
    for file in ("examples.parquet", "answers.parquet", "metrics.json", "history.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def on_the_gpu(model, inputs, labels):
    device = prepare_device("cuda", 1)
    norms = per_example_gradient_norms(model.to(device), inputs.to(device), labels.to(device))
    model.cpu()
    return [norm.cpu() for norm in norms]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: f"{s.architecture} {getattr(s, 'norm', '')}")
def test_gradient_norms_are_autograds(settings):
    torch.manual_seed(1)
    model = build(settings, (3, 12, 10), 4)
    with torch.no_grad():
        model.head.weight *= 0.1  # away from saturated softmaxes
    check(randomised(model), *batch((3, 12, 10)), norms=on_the_gpu)


def test_every_registered_architecture_is_among_them():
    assert {settings.architecture for settings in SETTINGS} == OF_IMAGES
