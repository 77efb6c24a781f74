"""What holds on the CPU holds on a GPU: the same bytes each time, gradient norms as autograd has them."""

import pytest
import torch
from tests.architectures import OF_IMAGES
from tests.oracle.gradient_reference import batch, check, randomised
from tests.tiny_study import MODELS, files, prepare, tiny_study

from study.config import parse_study
from study.config.architectures import MlpSettings, ResNetSettings, VggSettings, VitSettings
from study.data.questions.load import load
from study.models.registry import build
from study.scores.gradient import per_example_gradient_norms
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
