"""Gradient norms of encoders, of all parameters or of some parts, against autograd of one text at a time."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from tests.oracle.mutation import mutated
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from study.models.encoder import Encoder, Tokens
from study.scores import gradient as module

PIECES, CLASSES = 40, 3
LENGTHS = (3, 8, 5, 8, 2)


def bert():
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=PIECES, max_position_embeddings=20, initializer_range=0.4, **sizes)
    return BertModel(config, add_pooling_layer=False)


def distilbert():
    sizes = {"dim": 8, "n_layers": 3, "n_heads": 2, "hidden_dim": 16}
    return DistilBertModel(DistilBertConfig(vocab_size=PIECES, initializer_range=0.4, **sizes))


def encoder(backbone=bert, widths=(6,)) -> Encoder:
    """An encoder with no parameter at a special value, in training mode."""
    torch.manual_seed(3)
    model = Encoder(backbone(), list(widths), CLASSES, 0.4)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model.train()


def texts():
    """Pieces and types of each text, without padding, and labels."""
    rng = np.random.default_rng(2)
    rows = [(rng.integers(5, PIECES, n).tolist(), [int(k > n // 2) for k in range(n)]) for n in LENGTHS]
    return rows, torch.tensor([0, 1, 2, 1, 0])


def batch(rows, more=0) -> Tokens:
    width = max(LENGTHS) + more
    ids, types, mask = ([] for _ in range(3))
    for pieces, kinds in rows:
        rest = [0] * (width - len(pieces))
        ids.append(pieces + rest)
        types.append(kinds + rest)
        mask.append([1] * len(pieces) + rest)
    return Tokens(torch.tensor(ids), torch.tensor(types), torch.tensor(mask))


@cache
def slow_norms(part: str, backbone, widths: tuple[int, ...]) -> list[tuple[float, float]]:
    """Of each text alone, unpadded, in double precision: norms over a part, by name, and over the head."""
    model = encoder(backbone, widths).double().eval()
    found, (rows, labels) = [], texts()
    for (pieces, types), label in zip(rows, labels, strict=True):
        tokens = Tokens(torch.tensor([pieces]), torch.tensor([types]), torch.ones(1, len(pieces)).long())
        model.zero_grad()
        functional.cross_entropy(model(tokens), label[None]).backward()
        sizes = {
            name: 0.0 if parameter.grad is None else float(parameter.grad.norm())
            for name, parameter in model.named_parameters()
        }
        of_part = [size for name, size in sizes.items() if name.startswith(PARTS[part])]
        found.append((math.hypot(*of_part), math.hypot(*(v for k, v in sizes.items() if "head." in k))))
    return found


PARTS = {
    "all": "",
    "last layers": ("backbone.encoder.layer.1.", "head."),
    "head": "head.",
    "embeddings": "backbone.embeddings.",
    "first layer": "backbone.encoder.layer.0.",
    "layers of distilbert": ("backbone.transformer.layer.2.", "head."),
}


def chosen(model, part: str) -> list[nn.Module] | None:
    return {
        "all": lambda: None,
        "last layers": lambda: model.last_layers,
        "layers of distilbert": lambda: model.last_layers,
        "head": lambda: [model.head],
        "embeddings": lambda: [model.embeddings],
        "first layer": lambda: [model.backbone.encoder.layer[0]],
    }[part]()


def check(part="last layers", backbone=bert, widths=(6,), more=0, norms=None) -> None:
    model, (rows, labels) = encoder(backbone, widths), texts()
    norms = norms or module.per_example_gradient_norms
    total, head = norms(model, batch(rows, more), labels, chosen(model, part))
    slow = slow_norms(part, backbone, widths)
    np.testing.assert_allclose(total.numpy(), [a for a, _ in slow], rtol=2e-4)
    if part not in ("embeddings", "first layer"):
        np.testing.assert_allclose(head.numpy(), [b for _, b in slow], rtol=2e-4)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("widths", [(), (6,), (6, 5)])
@pytest.mark.parametrize("more", [0, 7])
def test_last_layers(widths, more):
    check(widths=widths, more=more)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("part", ["head", "first layer"])
def test_other_parts(part):
    check(part)


@pytest.mark.parametrize("part", ["all", "embeddings"])
def test_positions_are_looked_up_once_for_all_texts_and_so_taken_slowly(part):
    with pytest.warns(UserWarning, match="Gradients of Embedding are"):
        check(part)


@pytest.mark.filterwarnings("error")
def test_an_encoder_that_does_not_tell_texts_apart():
    check("layers of distilbert", distilbert)


@pytest.mark.filterwarnings("ignore:Gradients of Embedding")
def test_parts_add_up():
    model, (rows, labels) = encoder(), texts()
    bert = model.backbone
    parts = [[bert.embeddings], [bert.encoder.layer[0]], [bert.encoder.layer[1], model.head]]
    squares = sum(
        module.per_example_gradient_norms(model, batch(rows), labels, part)[0].double() ** 2 for part in parts
    )
    whole, _ = module.per_example_gradient_norms(model, batch(rows), labels)
    torch.testing.assert_close(squares.sqrt(), whole.double(), rtol=1e-5, atol=0)


def test_a_part_that_is_named_twice_counts_once():
    model, (rows, labels) = encoder(), texts()
    once, _ = module.per_example_gradient_norms(model, batch(rows), labels, [model.head])
    twice, _ = module.per_example_gradient_norms(model, batch(rows), labels, [model.head, model.head[1]])
    assert torch.equal(once, twice)


class Scaled(nn.Module):
    """A layer without a rule."""

    def __init__(self, inside):
        super().__init__()
        self.inside, self.scale = inside, nn.Parameter(torch.tensor(1.5))

    def forward(self, x):
        return self.scale * self.inside(x)


def slow_layer():
    model = bert()
    model.encoder.layer[1].output.dense = Scaled(model.encoder.layer[1].output.dense)
    return model


def test_a_layer_without_a_rule_is_slow_only_where_it_counts(recwarn):
    check("head", slow_layer)
    assert not recwarn.list
    with pytest.warns(UserWarning, match="Gradients of Scaled are taken one example at a time"):
        check("last layers", slow_layer)


# Mutants: each must be caught.


def without_mask(model, tokens, labels, within):
    return module.per_example_gradient_norms(
        model, tokens._replace(mask=torch.ones_like(tokens.mask)), labels, within
    )


def without_types(model, tokens, labels, within):
    return module.per_example_gradient_norms(model, tokens._replace(types=0 * tokens.types), labels, within)


def mean_of_the_batch(model, tokens, labels, within):
    total, head = module.per_example_gradient_norms(model, tokens, labels, within)
    return total / len(labels), head / len(labels)


def head_alone(model, tokens, labels, within):
    return module.per_example_gradient_norms(model, tokens, labels, within[1:])


def other_layer(model, tokens, labels, within):
    within = [model.backbone.encoder.layer[0], model.head]
    return module.per_example_gradient_norms(model, tokens, labels, within)


EDITS = {
    "all parameters": ("within or [model]", "[model]"),
    "with dropout": ("        model.eval()\n", ""),
    "own layers alone": ("for module in part.modules())", "for module in part.children())"),
    "not squared": ("total += squared\n", "total += squared.sqrt()\n"),
    "without size": ("(size * total.sqrt())", "(total.sqrt())"),
    "hot everywhere": ("1, labels[:, None], -others.sum", "1, 0 * labels[:, None], -others.sum"),
}


@pytest.mark.parametrize(
    "norms",
    [without_mask, without_types, mean_of_the_batch, head_alone, other_layer],
    ids=lambda f: f.__name__,
)
def test_wrong_uses_are_caught(norms):
    with pytest.raises(AssertionError, match="Not equal"):
        check(norms=norms)


@pytest.mark.filterwarnings("ignore:Gradients of Embedding")
@pytest.mark.parametrize("name", EDITS)
def test_mutants_are_caught(name):
    with pytest.raises(AssertionError, match="Not equal"):
        check(norms=mutated(module, EDITS[name]).per_example_gradient_norms)
