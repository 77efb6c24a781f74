"""Models have the papers' sizes, keep the contract, and name the mistake when sizes do not fit."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from study.config.architectures import MlpSettings, ResNetSettings, VggSettings, VitSettings
from study.errors import StudyError
from study.models.registry import build

VGG16 = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
MLP = MlpSettings(architecture="mlp", hidden=[12, 7])
VIT = VitSettings(architecture="vit", patch=2, dim=12, depth=2, heads=3, mlp_ratio=2)


def resnet(depth, width=16, norm="batch"):
    return ResNetSettings.model_construct(architecture="resnet", depth=depth, width=width, norm=norm)


def vgg(stages, norm="batch"):
    return VggSettings.model_construct(architecture="vgg", stages=stages, norm=norm)


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (resnet(20), 272_474),
        (resnet(32), 466_906),
        (resnet(20, 64), 4_327_754),
        (vgg(VGG16), 14_728_266),
    ],
)
def test_parameter_counts_are_the_papers(settings, count):
    model = build(settings, (3, 32, 32), 10)
    assert sum(parameter.numel() for parameter in model.parameters()) == count


def name(settings):
    return f"{settings.architecture} {getattr(settings, 'norm', '')}"


SMALL = [MLP, VIT, *(resnet(8, 4, norm) for norm in ("batch", "group", "none"))]
SMALL += [vgg([(4, 1), (6, 2)], norm) for norm in ("batch", "group", "none")]


@pytest.mark.parametrize("settings", SMALL, ids=name)
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 10, 6), (2, 4, 12)])
def test_contract_holds_for_any_image(settings, shape):
    torch.manual_seed(0)
    model = build(settings, shape, 5).eval()
    x = torch.randn(3, *shape)
    features = model.features(x)
    assert features.ndim == 2 and features.shape[1] == model.head.in_features
    assert isinstance(model.head, nn.Linear)
    assert torch.equal(model(x), model.head(features)) and model(x).shape == (3, 5)
    channels_last = x.to(memory_format=torch.channels_last)
    torch.testing.assert_close(model.to(memory_format=torch.channels_last)(channels_last), model(x))


@pytest.mark.parametrize("settings", SMALL, ids=name)
def test_probes_are_the_way_to_the_features(settings):
    torch.manual_seed(0)
    model, x = build(settings, (1, 8, 8), 5).eval(), torch.randn(3, 1, 8, 8)
    *_, last = model.probes(x)
    last = model.norm(last).mean(1) if settings.architecture == "vit" else last
    torch.testing.assert_close(last if last.ndim == 2 else last.mean((2, 3)), model.features(x))


@pytest.mark.parametrize(
    ("settings", "probes"), [(resnet(20), 10), (resnet(8), 4), (vgg(VGG16), 5), (MLP, 2), (VIT, 3)]
)
def test_each_block_is_a_probe_and_so_is_the_stem(settings, probes):
    assert sum(1 for _ in build(settings, (3, 32, 32), 10).eval().probes(torch.zeros(1, 3, 32, 32))) == probes


@pytest.mark.parametrize("size", [8, 7, 1])
def test_projection_shortcuts_are_convolutions_of_stride_two(size):
    torch.manual_seed(0)
    shortcut = build(resnet(8, 4), (1, 8, 8), 5).eval().blocks[1].shortcut
    x = torch.randn(2, 4, size, size)
    strided = nn.functional.conv2d(x, shortcut[1].weight, stride=2)
    torch.testing.assert_close(shortcut(x), shortcut[2](strided))


@pytest.mark.parametrize("settings", SMALL, ids=name)
def test_examples_of_a_batch_do_not_mix_in_eval_mode(settings):
    torch.manual_seed(0)
    model = build(settings, (1, 8, 8), 5).eval()
    x = torch.randn(4, 1, 8, 8)
    torch.testing.assert_close(model(x)[2:3], model(x[2:3]))


def test_initialisation_follows_torchs_seed():
    def weights(seed):
        torch.manual_seed(seed)
        return nn.utils.parameters_to_vector(build(resnet(8), (1, 8, 8), 10).parameters())

    assert torch.equal(weights(1), weights(1)) and not torch.equal(weights(1), weights(2))


def test_residual_convolutions_are_kaiming_normal_without_bias():
    torch.manual_seed(0)
    model = build(resnet(20, 64), (3, 32, 32), 10)
    convolutions = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    assert all(m.bias is None for m in convolutions)
    for m in convolutions[1:]:
        assert m.weight.std().item() == pytest.approx((2 / m.weight[0].numel()) ** 0.5, rel=0.05)


@pytest.mark.parametrize(
    ("settings", "where", "remedy"),
    [
        (resnet(18), "resnet: depth", "depth to 20"),
        (resnet(2), "resnet: depth", "depth to 8"),
        (vgg([(4, 1)] * 4), "vgg: stages", "at most 3"),
        (vgg([]), "vgg: stages", "at most 3"),
        (VIT.model_copy(update={"patch": 3}), "vit: patch", "patch to 2"),
        (VIT.model_copy(update={"heads": 5}), "vit: heads", "dim to 10"),
        (SimpleNamespace(architecture="resnett"), "study/models/registry.py", "resnet"),
    ],
)
def test_sizes_that_do_not_fit_are_named_with_a_remedy(settings, where, remedy):
    with pytest.raises(StudyError) as error:
        build(settings, (1, 8, 8), 10)
    assert error.value.where == where and remedy in error.value.do and error.value.expected
