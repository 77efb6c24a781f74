"""VoG of texts against plain autograd, one text and one checkpoint at a time, and numpy's variance."""

import copy
from contextlib import nullcontext
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.oracle.mutation import mutated
from transformers import BertConfig, BertModel

from study.models.encoder import Encoder, Tokens
from study.scores import embedding_vog as module

PIECES, CLASSES, DIM = 40, 3, 8


@cache
def checkpoint(number: int) -> Encoder:
    """A BERT with two layers and a head, with large random weights and a dropout that must not matter."""
    torch.manual_seed(number)
    sizes = {"hidden_size": DIM, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=PIECES, max_position_embeddings=20, initializer_range=0.4, **sizes)
    return Encoder(BertModel(config, add_pooling_layer=False), [6], CLASSES, 0.3)


def rows() -> list[tuple[list[int], list[int], int]]:
    """Pieces, types and label of texts of unequal lengths, the second half of each being a second text."""
    rng = np.random.default_rng(5)
    return [
        (
            rng.integers(5, PIECES, n).tolist(),
            [int(k >= n // 2) for k in range(n)],
            int(rng.integers(CLASSES)),
        )
        for n in (3, 7, 4, 9, 5)
    ]


def padded(texts, more: int = 0) -> tuple[Tokens, torch.Tensor]:
    """The texts as one batch, with `more` columns than the longest needs; padding holds the piece 0."""
    width = max(len(ids) for ids, *_ in texts) + more
    parts = [[], [], []]
    for ids, types, _ in texts:
        rest = [0] * (width - len(ids))
        for part, values in zip(parts, (ids, types, [1] * len(ids)), strict=True):
            part.append(values + rest)
    return Tokens(*map(torch.tensor, parts)), torch.tensor([label for *_, label in texts])


@cache
def slow_score(number: int, place: int) -> float:
    """1/(L D) sum over tokens and dimensions of the variance over checkpoints; no batch, mask or padding."""
    ids, types, label = rows()[place]
    history = []
    for k in range(number):
        model = copy.deepcopy(checkpoint(k)).double().eval()
        bert = model.backbone
        embedded = bert.embeddings(torch.tensor([ids]), token_type_ids=torch.tensor([types])).detach()
        embedded.requires_grad_()
        state = bert.encoder(embedded).last_hidden_state[0, 0]
        (gradient,) = torch.autograd.grad(model.head(state)[label], embedded)
        history.append(gradient[0].numpy())
    return float(np.var(np.array(history), axis=0).mean())


def scores(number: int = 4, more: int = 0, of=module, texts=None) -> np.ndarray:
    tokens, labels = padded(texts or rows(), more)
    models = [checkpoint(k).train() for k in range(number)]
    gradients = (of.embedding_gradients(model, model.embeddings, tokens, labels) for model in models)
    return of.variance_of_gradients(gradients, tokens.mask).numpy()


def check(**changes) -> None:
    slow = [slow_score(changes.get("number", 4), place) for place in range(len(rows()))]
    np.testing.assert_allclose(scores(**changes), slow, rtol=1e-4)


@pytest.mark.parametrize("number", [2, 3, 4])
@pytest.mark.parametrize("more", [0, 1, 9])
def test_every_text_against_plain_autograd(number, more):
    check(number=number, more=more)


def test_texts_in_any_company_have_the_same_score():
    alone = [scores(texts=[text])[0] for text in rows()]
    np.testing.assert_allclose(scores(texts=rows()[::-1])[::-1], alone, rtol=1e-4)


def test_weights_that_stay_have_no_variance():
    tokens, labels = padded(rows())
    model = checkpoint(0)
    same = (module.embedding_gradients(model, model.embeddings, tokens, labels) for _ in range(3))
    assert module.variance_of_gradients(same, tokens.mask).tolist() == [0.0] * 5


def test_a_model_is_left_as_it_was():
    model, (tokens, labels) = copy.deepcopy(checkpoint(0)).train(), padded(rows())
    model.head[0].eval()
    before = [part.training for part in model.modules()]
    with pytest.raises(IndexError):
        module.embedding_gradients(model, model.embeddings, tokens._replace(ids=tokens.ids + 99), labels)
    module.embedding_gradients(model, model.embeddings, tokens, labels)
    assert [part.training for part in model.modules()] == before
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    assert not model.embeddings._forward_hooks


VALUES = st.floats(-5, 5, width=32)


@settings(deadline=None)
@given(
    st.tuples(*(st.integers(1, 4) for _ in range(4))).flatmap(
        lambda s: arrays(np.float32, s, elements=VALUES)
    ),
    st.data(),
)
def test_running_variance_of_any_gradients(history, data):
    """(C, B, L, D) gradients; any tokens may be real, but one of each text is."""
    real = data.draw(arrays(np.int64, history.shape[1:3], elements=st.integers(0, 1)))
    real[:, 0] = 1
    found = module.variance_of_gradients(map(torch.from_numpy, history), torch.from_numpy(real)).numpy()
    exact = np.var(history.astype(np.float64), axis=0)
    slow = [exact[row][real[row] == 1].mean() for row in range(len(real))]
    np.testing.assert_allclose(found, slow, rtol=1e-4, atol=1e-10)


MUTANTS = {
    "unbiased": ("squares.mean(2, dtype=torch.float64) / count", "squares.mean(2) / (count - 1)"),
    "padding counts": ("(of_tokens * real).sum(1) / real.sum(1)", "of_tokens.mean(1)"),
    "sum over tokens": ("(of_tokens * real).sum(1) / real.sum(1)", "(of_tokens * real).sum(1)"),
    "standard deviation": (
        "squares.mean(2, dtype=torch.float64) / count",
        "(squares / count).sqrt().mean(2)",
    ),
    "mean by the batch": ("mean += change / count", "mean += change / 2"),
    "all logits": ("functional.one_hot(labels, logits.shape[1])", "torch.ones_like(logits)"),
    "of the loss": ("grad(logits, seen, of_labels)", "grad(logits.log_softmax(1), seen, of_labels)"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(name):
    with pytest.raises(AssertionError, match="Not equal"):
        check(of=mutated(module, MUTANTS[name]))


def test_a_mutant_with_dropout_is_caught(monkeypatch):
    mutant = mutated(module)
    monkeypatch.setattr(mutant, "frozen", nullcontext)
    with pytest.raises(AssertionError, match="Not equal"):
        check(of=mutant)
