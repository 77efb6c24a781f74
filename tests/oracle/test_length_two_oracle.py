"""The dense construction against networkx: exhaustive on small graphs, random on large ones."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.theory.dense import dense_length_two
from study.theory.length_two import every_graph, has_path, padded_length, random_graph, tokens_of


def networkx_answer(adjacency):
    graph = nx.from_numpy_array(adjacency.astype(int), create_using=nx.DiGraph)
    source, target = 0, len(adjacency) - 1
    return any(graph.has_edge(v, target) for v in graph.successors(source))


@pytest.mark.parametrize("vertices", [3, 4])
def test_exact_on_every_graph(vertices):
    model, length = dense_length_two(vertices), padded_length(vertices)
    seen = 0
    for block in every_graph(vertices):
        tokens = np.array([tokens_of(adjacency, length) for adjacency in block])
        answers = [networkx_answer(adjacency) for adjacency in block]
        assert ((model(tokens) > 0) == answers).all() and (has_path(block) == answers).all()
        seen += len({adjacency.tobytes() for adjacency in block})
    assert seen == 2 ** (vertices * (vertices - 1))


@settings(deadline=None, max_examples=60)
@given(st.integers(3, 40), st.booleans(), st.floats(0, 1), st.integers(0, 2**32 - 1), st.sampled_from("efd"))
def test_exact_on_random_graphs_in_any_order_and_precision(vertices, path, density, seed, precision):
    rng = np.random.default_rng(seed)
    adjacency = random_graph(vertices, path, density, rng)
    assert networkx_answer(adjacency) == has_path(adjacency) == path
    length = padded_length(vertices)
    tokens = rng.permutation(tokens_of(adjacency, length))
    # Half precision holds the multiples of 1 / length only up to 2^11 tokens.
    model = dense_length_two(vertices, np.dtype(precision if length <= 2048 else "f").type)
    value = model(tokens[None])[0]
    assert (value > 0) == path and value == int(value)


def test_widths_are_those_of_the_theorem():
    model = dense_length_two(12)
    assert model.width == 12 and model.parameters == 12 * 12 + 2 * 12


def test_a_construction_one_hidden_unit_short_fails_somewhere():
    """The test above can fail: without one hidden unit some graph is answered wrongly."""
    from dataclasses import replace

    whole, length = dense_length_two(4), padded_length(4)
    for unit in (1, 2):
        hidden = whole.hidden.copy()
        hidden[:, unit] = 0
        short = replace(whole, hidden=hidden)
        wrong = 0
        for block in every_graph(4):
            tokens = np.array([tokens_of(adjacency, length) for adjacency in block])
            wrong += ((short(tokens) > 0) != has_path(block)).sum()
        assert wrong > 0


def test_graphs_that_do_not_fit_are_refused():
    full = ~np.eye(4, dtype=bool)
    with pytest.raises(ValueError, match="12 edges do not fit"):
        tokens_of(full, 8)
    with pytest.raises(ValueError, match="itself"):
        tokens_of(np.eye(4, dtype=bool), 16)
