"""Architectures beside a plain forward pass in torch.nn.functional, from their weights by name."""

import pytest
import torch
from tests.architectures import OF_IMAGES
from tests.oracle.gradient_reference import randomised
from tests.oracle.mutation import mutated
from torch.nn import functional

from study.config.architectures import MlpSettings, ResNetSettings, VggSettings, VitSettings
from study.models import mlp, resnet, vgg, vit

MODULES = {"mlp": mlp, "resnet": resnet, "vgg": vgg, "vit": vit}
STAGES = [(6, 2), (12, 1)]
PATCH, DIM, DEPTH, HEADS = 2, 12, 2, 3
SETTINGS = {
    "mlp": MlpSettings(architecture="mlp", hidden=[12, 7]),
    **{
        f"resnet {norm}": ResNetSettings(architecture="resnet", depth=14, width=6, norm=norm)
        for norm in ("batch", "group", "none")
    },
    **{
        f"vgg {norm}": VggSettings(architecture="vgg", stages=STAGES, norm=norm)
        for norm in ("batch", "group", "none")
    },
    "vit": VitSettings(architecture="vit", patch=PATCH, dim=DIM, depth=DEPTH, heads=HEADS),
}


def linear(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def normalised(w, name, x, training):
    """Batch or group normalisation, whichever has left weights under the name; x itself if none has."""
    if f"{name}.running_mean" in w:
        mean, var = w[f"{name}.running_mean"], w[f"{name}.running_var"]
        if training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
    elif f"{name}.weight" in w:
        groups = next(g for g in (8, 4, 2, 1) if x.shape[1] % g == 0)
        parts = x.reshape(len(x), groups, -1)
        parts = (parts - parts.mean(2, keepdim=True)) / (
            parts.var(2, correction=0, keepdim=True) + 1e-5
        ).sqrt()
        x = parts.reshape(x.shape)
    else:
        return x
    return x * w[f"{name}.weight"][:, None, None] + w[f"{name}.bias"][:, None, None]


def mlp_reference(w, x, training):
    x = x.reshape(len(x), -1)
    for i in range(2):
        x = linear(w, f"blocks.{i}.0", x).clamp(min=0)
    return linear(w, "head", x)


def resnet_reference(w, x, training):
    x = functional.relu(normalised(w, "norm", functional.conv2d(x, w["stem.weight"], padding=1), training))
    for i in range(6):  # depth 14: three stages of two blocks
        block, stride = f"blocks.{i}", 2 if i in (2, 4) else 1
        out = functional.conv2d(x, w[f"{block}.conv1.weight"], stride=stride, padding=1)
        out = functional.conv2d(
            functional.relu(normalised(w, f"{block}.norm1", out, training)),
            w[f"{block}.conv2.weight"],
            padding=1,
        )
        if stride == 2:
            x = functional.conv2d(x, w[f"{block}.shortcut.1.weight"], stride=2)
            x = normalised(w, f"{block}.shortcut.2", x, training)
        x = functional.relu(normalised(w, f"{block}.norm2", out, training) + x)
    return linear(w, "head", functional.adaptive_avg_pool2d(x, 1).flatten(1))


def vgg_reference(w, x, training):
    for i, (_, convolutions) in enumerate(STAGES):
        for j in range(convolutions):
            name, norm = f"blocks.{i}.{3 * j}", f"blocks.{i}.{3 * j + 1}"
            x = functional.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"], padding=1)
            x = functional.relu(normalised(w, norm, x, training))
        x = functional.max_pool2d(x, 2)
    return linear(w, "head", functional.adaptive_avg_pool2d(x, 1).flatten(1))


def vit_reference(w, x, training):
    def layer_norm(name, x):
        return functional.layer_norm(x, (DIM,), w[f"{name}.weight"], w[f"{name}.bias"])

    tokens = []
    for top in range(0, x.shape[2], PATCH):
        for left in range(0, x.shape[3], PATCH):
            patch = x[:, :, top : top + PATCH, left : left + PATCH].flatten(1)
            tokens.append(linear(w, "embed", patch) + w["positions.table.weight"][len(tokens)])
    x, size = torch.stack(tokens, 1), DIM // HEADS
    for i in range(DEPTH):
        qkv = linear(w, f"blocks.{i}.attention.qkv", layer_norm(f"blocks.{i}.norm1", x))
        heads = []
        for h in range(HEADS):
            q, k, v = (qkv[:, :, start + h * size :][:, :, :size] for start in (0, DIM, 2 * DIM))
            heads.append(torch.softmax(q @ k.mT / size**0.5, dim=2) @ v)
        x = x + linear(w, f"blocks.{i}.attention.out", torch.cat(heads, 2))
        hidden = functional.gelu(linear(w, f"blocks.{i}.mlp.0", layer_norm(f"blocks.{i}.norm2", x)))
        x = x + linear(w, f"blocks.{i}.mlp.2", hidden)
    return linear(w, "head", layer_norm("norm", x).mean(1))


REFERENCES = {
    "mlp": mlp_reference,
    "resnet": resnet_reference,
    "vgg": vgg_reference,
    "vit": vit_reference,
}


def compare(name, shape, training, module=None):
    """Logits of a model with no weight at a special value, in double precision, beside its reference's."""
    settings = SETTINGS[name]
    torch.manual_seed(3)
    model = (module or MODULES[settings.architecture]).build(settings, shape, 5)
    model = randomised(model).double().train(training)
    weights = {key: value.clone() for key, value in model.state_dict().items()}
    x = torch.randn(4, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        torch.testing.assert_close(model(x), REFERENCES[settings.architecture](weights, x, training))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 12, 10)])
@pytest.mark.parametrize("name", SETTINGS)
def test_logits_are_those_of_the_plain_pass(name, shape, training):
    compare(name, shape, training)


def test_every_registered_architecture_is_among_them():
    assert {settings.architecture for settings in SETTINGS.values()} == OF_IMAGES == set(REFERENCES)


MUTANTS = {
    "mlp": [
        ("nn.ReLU()", "nn.LeakyReLU()"),
        ("self.blocks(x.flatten(1))", "self.blocks(x.mT.flatten(1))"),
    ],
    "resnet batch": [
        ("out + self.shortcut(x)", "out"),
        ("out + self.shortcut(x)", "self.shortcut(x)"),
        ("functional.relu(out + self.shortcut(x))", "(out + self.shortcut(x))"),
        ("functional.relu(self.norm1(self.conv1(x)))", "self.norm1(self.conv1(x))"),
        ("self.blocks(functional.relu(self.norm(self.stem(x))))", "self.blocks(self.norm(self.stem(x)))"),
        ("self.norm2(self.conv2(out))", "self.conv2(out)"),
        (".mean((2, 3))", ".amax((2, 3))"),
    ],
    "vgg group": [
        (", nn.ReLU()]", ", nn.Identity()]"),
        ("nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
        (".mean((2, 3))", ".sum((2, 3))"),
    ],
    "vit": [
        ("x + self.attention(", "x + 0 * self.attention("),
        ("x + self.attention(", "self.attention("),
        ("x + self.mlp(", "self.mlp("),
        ("nn.GELU()", "nn.ReLU()"),
        ("attention(q, k, v)", "attention(k, q, v)"),
        ("attention(q, k, v)", "attention(q, k, v, scale=1.0)"),
        ("attention(q, k, v)", "attention(q, k, v, is_causal=True)"),
        ("permute(0, 2, 4, 1, 3, 5)", "permute(0, 2, 4, 3, 5, 1)"),
        ("return self.norm(self.blocks(", "return 1.1 * self.norm(self.blocks("),
        ("self.norm(self.blocks(self._tokens(x)))", "self.blocks(self._tokens(x))"),
        ("self.positions(self.embed(", "(self.embed("),
    ],
}


@pytest.mark.parametrize(
    ("name", "old", "new"), [(name, *edit) for name, edits in MUTANTS.items() for edit in edits]
)
def test_the_comparison_catches_mutants(name, old, new):
    mutant = mutated(MODULES[SETTINGS[name].architecture], (old, new))
    with pytest.raises(AssertionError, match="not close"):
        compare(name, (3, 8, 8), training=False, module=mutant)
