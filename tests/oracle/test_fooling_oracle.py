"""Fooling pairs against a token-by-token attention layer, and behind it networks of every kind."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from study.theory.bounds import minimum_width
from study.theory.fooling import fooled_share, fooling_pair, random_layer

layers = st.tuples(
    st.integers(4, 9), st.integers(1, 3), st.integers(1, 3), st.integers(1, 8), st.integers(0, 2**32 - 1)
)


def drawn(size):
    vertices, heads, width, bits, seed = size
    return random_layer(vertices, heads, width, bits, np.random.default_rng(seed))


def slow_sums(layer, chosen):
    """Alice's sums, a token at a time, over a sequence whose empty places hold padding."""
    heads, _, width = layer.value.shape
    sums = np.zeros((heads, width + 1))
    for head in range(heads):
        for place, there in enumerate(chosen):
            token = place if there else -1
            for column in range(width):
                sums[head, column] += layer.weight[head, token] * layer.value[head, token, column]
            sums[head, width] += layer.weight[head, token]
    return sums


@settings(deadline=None, max_examples=40)
@given(layers)
def test_levels_are_the_nearest_of_those_that_the_bits_hold(size):
    layer = drawn(size)
    sets = np.array(list(product([False, True], repeat=layer.between)))
    exact = np.array([slow_sums(layer, chosen).ravel() for chosen in sets])
    levels = layer.alice(sets)
    assert levels.min() >= 0 and levels.max() <= 2**layer.bits - 1
    low, high = exact.min(axis=0), exact.max(axis=0)  # all sets were tried: these are reached
    step = (high - low) / (2**layer.bits - 1)
    assert (np.abs(low + levels * step - exact) <= step / 2 + 1e-9 * np.abs(exact).max()).all()


@settings(deadline=None, max_examples=40)
@given(layers)
def test_many_bits_give_the_attention_of_the_whole_sequence(size):
    vertices, heads, width, _, seed = size
    layer = random_layer(vertices, heads, width, 40, np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    alice, bob = rng.random(layer.between) < 0.5, rng.random(layer.between) < 0.5
    tokens = [place if there else -1 for place, there in enumerate(alice)]
    tokens += [layer.between + place if there else -1 for place, there in enumerate(bob)]
    weight = torch.from_numpy(layer.weight)[:, tokens]
    attention = torch.softmax(weight.log(), dim=1)
    expected = torch.einsum("ht,htw->hw", attention, torch.from_numpy(layer.value)[:, tokens])
    np.testing.assert_allclose(layer.output(alice, bob), expected.numpy().ravel(), rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(layers)
def test_below_the_bound_there_is_always_a_pair(size):
    layer = drawn(size)
    pair = fooling_pair(layer)
    if layer.bits_of_sums() < layer.between:
        assert pair is not None
    if pair is not None:
        assert (pair.meets & pair.bob).any() and not (pair.misses & pair.bob).any()
        assert (layer.output(pair.meets, pair.bob) == layer.output(pair.misses, pair.bob)).all()


@settings(deadline=None, max_examples=40)
@given(layers)
def test_no_pair_means_that_no_two_sets_collide(size):
    layer = drawn(size)
    seen = {}
    collision = False
    for chosen in product([False, True], repeat=layer.between):
        levels = tuple(layer.alice(np.array([chosen]))[0])
        collision |= levels in seen
        seen[levels] = chosen
    assert (fooling_pair(layer) is not None) == collision


def test_any_network_behind_the_layer_is_fooled():
    """Random ones, a mixture of experts with its router, and one trained on these very two graphs."""
    torch.manual_seed(0)
    layer = random_layer(10, 1, 2, 2, np.random.default_rng(0))
    pair = fooling_pair(layer)
    inputs = torch.from_numpy(
        np.stack([layer.output(pair.meets, pair.bob), layer.output(pair.misses, pair.bob)])
    )
    assert torch.equal(inputs[0], inputs[1])  # rows of one product may differ in their last bit all the same
    for hidden in (1, 16, 256):
        network = torch.nn.Sequential(
            torch.nn.Linear(2, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 1)
        ).double()
        yes, no = network(inputs)
        assert yes.item() == pytest.approx(no.item(), rel=1e-12)
    router, experts = torch.nn.Linear(2, 64).double(), [torch.nn.Linear(2, 1).double() for _ in range(64)]
    chosen = router(inputs).argmax(dim=1).tolist()
    assert chosen[0] == chosen[1]
    assert experts[chosen[0]](inputs[0]).item() == experts[chosen[1]](inputs[1]).item()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(200):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            network(inputs).ravel(), torch.tensor([1.0, 0.0]).double()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() >= np.log(2) - 1e-9  # no better than a coin


def test_enough_bits_leave_layers_that_are_not_fooled():
    rng = np.random.default_rng(1)
    assert fooled_share(10, 1, minimum_width(10, 1, 2) - 1, 2, 5, rng) == 1
    assert fooled_share(10, 1, 3, 24, 5, rng) == 0
