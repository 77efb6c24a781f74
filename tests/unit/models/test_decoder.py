"""Decoders: sizes, reloading with the transformers library alone, routers, and routing losses."""

import subprocess
import sys
from math import log

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from torch import nn

from study.config.architectures import DecoderSettings
from study.models.counting import size_of, training_operations
from study.models.decoder import HashRouter, Sequences, build
from study.models.routing import balance, collapsed, counted_routes, load_balance_loss, z_loss

VOCABULARY, LENGTH = 23, 12


def decoder(**changes):
    return DecoderSettings(**{"architecture": "decoder", "dim": 16, "heads": 2} | changes)


def built(seed=0, **changes):
    torch.manual_seed(seed)
    return build(decoder(**changes), (LENGTH,), VOCABULARY).eval()


def tokens(count=5, length=LENGTH, seed=0):
    return torch.randint(VOCABULARY, (count, length), generator=torch.Generator().manual_seed(seed))


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 3), st.sampled_from([8, 16, 24]), st.sampled_from([1, 2, 4, 8]), st.integers(1, 3),
    st.sampled_from([None, 4, 20]), st.sampled_from(["learned", "frozen", "hash"]),
)  # fmt: skip
def test_the_size_is_the_sum_of_the_tensors(layers, dim, experts, top_k, ffn, router):
    if 1 < experts < top_k:
        return
    chosen = decoder(
        layers=layers, dim=dim, experts=experts, top_k=top_k, ffn=ffn,
        router=router if experts > 1 else "learned",
    )  # fmt: skip
    network = build(chosen, (LENGTH,), VOCABULARY).network
    numbers = {name: parameter.numel() for name, parameter in network.named_parameters()}
    size = size_of(chosen, VOCABULARY)
    assert size.total == sum(numbers.values())
    assert size.embedding == sum(
        n for name, n in numbers.items() if "embed_tokens" in name or "lm_head" in name
    )
    assert size.router == sum(n for name, n in numbers.items() if ".gate." in name and experts > 1)
    idle = sum(n * (experts - top_k) // experts for name, n in numbers.items() if ".experts." in name)
    assert size.active == size.total - size.router - idle


def test_a_family_has_equal_active_parameters():
    sizes = [size_of(decoder(experts=experts), VOCABULARY) for experts in (1, 2, 4, 64)]
    assert len({size.active for size in sizes}) == 1
    assert [size.total for size in sizes] == sorted({size.total for size in sizes})
    assert training_operations(sizes[0], 10) == 60 * (sizes[0].active - VOCABULARY * 16)


@pytest.mark.parametrize("changes", [{}, {"experts": 4}, {"experts": 4, "router": "frozen", "layers": 2}])
def test_a_saved_folder_opens_with_transformers_alone(changes, tmp_path):
    """In a fresh process, to the same logits, bit for bit."""
    model, rows = built(**changes), tokens()
    model.save(tmp_path / "model")
    torch.save(rows, tmp_path / "rows.pt")
    script = (
        "import sys, torch; from transformers import AutoModelForCausalLM;"
        "torch.set_num_threads(1); torch.use_deterministic_algorithms(True);"
        "model = AutoModelForCausalLM.from_pretrained(sys.argv[1] + '/model').eval();"
        "rows = torch.load(sys.argv[1] + '/rows.pt');"
        "torch.save(model(rows).logits.detach(), sys.argv[1] + '/logits.pt')"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True)
    with torch.no_grad():
        expected = model(Sequences(rows)).logits
    assert torch.equal(torch.load(tmp_path / "logits.pt"), expected)


def test_a_hash_router_looks_at_tokens_alone_and_has_no_folder(tmp_path):
    model, rows = built(experts=8, router="hash"), tokens()
    (router,) = model.routers()
    assert isinstance(router, HashRouter) and router.experts.shape == (VOCABULARY, 2)
    assert all(len(set(chosen)) == 2 for chosen in router.experts.tolist())
    with counted_routes(model) as counts, torch.no_grad():
        model(Sequences(rows))
    expected = np.bincount(router.experts[rows].ravel(), minlength=8)
    assert (counts[0] == expected).all()
    with pytest.raises(ValueError, match="hash routers"):
        model.save(tmp_path)


def test_a_frozen_router_does_not_learn_and_a_learned_one_does():
    for router, moved in (("frozen", False), ("learned", True)):
        model = built(experts=4, router=router).train()
        before = model.routers()[0].weight.clone()
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        model(Sequences(tokens())).logits.square().mean().backward()
        optimizer.step()
        assert (before != model.routers()[0].weight).any().item() == moved


@pytest.mark.parametrize("top_k", [1, 2, 8])
def test_every_token_gets_its_experts(top_k):
    model = built(experts=8, top_k=top_k, layers=2)
    with counted_routes(model) as loads, torch.no_grad():
        output = model(Sequences(tokens()))
    assert loads.sent == [60 * top_k] * 2
    for layer, logits in zip(loads.received, output.router_logits, strict=True):
        chosen = logits.topk(top_k, dim=1).indices
        assert layer.sum() == 60 * top_k and (layer == np.bincount(chosen.ravel(), minlength=8)).all()


def test_padding_is_no_load():
    model, rows = built(experts=8, layers=2), tokens()
    real = torch.ones_like(rows, dtype=torch.bool)
    real[:, -3:] = False
    with counted_routes(model) as loads, torch.no_grad():
        model(Sequences(rows, real=real))
    with counted_routes(model) as shorter, torch.no_grad():
        model(Sequences(rows[:, :-3]))
    assert loads.sent == shorter.sent
    assert all((a == b).all() for a, b in zip(loads.received, shorter.received, strict=True))


def test_a_router_that_sends_all_to_the_same_experts_has_collapsed():
    assert collapsed(np.array([970, 10, 10, 10]), 1) and not collapsed(np.array([940, 20, 20, 20]), 1)
    assert collapsed(np.array([50, 0, 50, 0]), 2) and not collapsed(np.array([50, 0, 40, 10]), 2)
    assert not collapsed(np.array([50, 50]), 2)  # both work for every token


def test_a_learned_router_of_one_expert_learns_from_balance_alone():
    """The library's weights of the chosen experts sum to 1: of one expert the weight is 1, always."""
    model = built(experts=4, top_k=1).train()
    model(Sequences(tokens())).logits.square().mean().backward()
    gradient = model.routers()[0].weight.grad
    assert gradient is None or gradient.abs().max() < 1e-6


def test_a_mixture_is_the_weighted_sum_of_its_experts():
    """The first layer's experts, one token and one expert at a time."""
    for implementation in ("grouped_mm", "eager"):
        block = built(experts=4, experts_implementation=implementation).network.model.layers[0].mlp
        hidden = torch.randn(1, 6, 16, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            got = block(hidden)[0]
            for token, x in enumerate(hidden[0]):
                chances = torch.softmax(block.gate.weight @ x, dim=0)
                best = chances.argsort(descending=True)[:2]
                expected = torch.zeros(16)
                for expert in best:
                    gate, up = (block.experts.gate_up_proj[expert] @ x).chunk(2)
                    out = block.experts.down_proj[expert] @ (nn.functional.silu(gate) * up)
                    expected += chances[expert] / chances[best].sum() * out
                torch.testing.assert_close(got[token], expected, rtol=1e-4, atol=1e-5)


def test_the_balance_loss_is_one_at_balance_and_experts_over_k_at_collapse():
    experts = 6
    for top_k in (1, 2, 3):
        even = torch.eye(experts).repeat(experts, 1).reshape(-1, experts) * 1e-6  # all chances are equal
        rolled = torch.stack([torch.arange(experts).roll(i).float() for i in range(experts)]) * 1e-6
        assert load_balance_loss([rolled], top_k).item() == pytest.approx(1, abs=1e-4)
        assert even.shape[1] == experts
        one = torch.full((50, experts), -40.0)
        one[:, :top_k] = 0
        assert load_balance_loss([one], top_k).item() == pytest.approx(experts / top_k, rel=1e-5)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3), st.integers(2, 6), st.integers(1, 2), st.integers(1, 30), st.integers(0, 2**31))
def test_routing_losses_are_their_formulas(layers, experts, top_k, count, seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(layers, count, experts))
    real = rng.random(count) < 0.7
    real[0] = True
    expected, squares = [], []
    for layer in logits:
        load, chance = np.zeros(experts), np.zeros(experts)
        for row in layer[real]:
            p = np.exp(row) / np.exp(row).sum()
            chance += p / real.sum()
            for expert in np.argsort(-row)[:top_k]:
                load[expert] += 1 / (real.sum() * top_k)
            squares.append(log(np.exp(row).sum()) ** 2)
        expected.append(experts * load @ chance)
    given_logits = [torch.from_numpy(layer) for layer in logits]
    mask = torch.from_numpy(real)
    assert load_balance_loss(given_logits, top_k, mask).item() == pytest.approx(np.mean(expected), rel=1e-4)
    assert z_loss(given_logits, mask).item() == pytest.approx(np.mean(squares), rel=1e-4)


def test_balance_is_relative_entropy():
    assert balance(np.array([5, 5, 5, 5])) == pytest.approx(1)
    assert balance(np.array([7, 0, 0])) == 0
    assert balance(np.array([1, 1, 0, 0])) == pytest.approx(0.5)
    for bad in ([3], [0, 0]):
        with pytest.raises(ValueError, match="two experts"):
            balance(np.array(bad))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"dim": 18, "heads": 3, "experts": 4}, "a multiple of 4 as dim"),
        ({"dim": 16, "ffn": 6, "experts": 4}, "a multiple of 4 as expert width"),
        ({"dim": 16, "heads": 3}, "cannot share 16 features"),
        ({"dim": 12, "heads": 4}, "an even number of features"),
        ({"experts": 2, "top_k": 3}, "top_k at most experts"),
        ({"router": "hash"}, "no effect on a dense model"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(changes, told):
    with pytest.raises(ValidationError, match=told):
        decoder(**changes)
