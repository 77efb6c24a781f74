"""Shortest paths in random graphs: search in what the question shows (arXiv 2410.19034, section 4.2).

An edge is one token. Written as two, its vertices, small decoders spend their training on learning which
tokens belong together: after 1,000 steps one of width 32 answered a fifth of what it answers now.
"""

import hashlib
from collections.abc import Sequence
from itertools import count
from math import comb

import numpy as np

from study import counts
from study.data.questions import graphs as g
from study.data.questions.tokens import (
    ANSWER,
    END,
    FIRST,
    PAD,
    QUERY,
    SPECIAL,
    Questions,
    first_of,
    token_type,
)

_GRAPHS_AT_ONCE = 4096  # what a block needs stays below 100 MB at 50 vertices
_ATTEMPTS = 100  # blocks in a row that may bring no new graph


def vocabulary(names: int) -> tuple[str, ...]:
    """A token for each vertex and, behind these, for each pair of them: an edge."""
    edges = (f"{low}-{high}" for low, high in zip(*np.triu_indices(names, 1), strict=True))
    return (*SPECIAL, *map(str, range(names)), *edges)


def names_in(tokens: int) -> int:
    """How many vertices a vocabulary of so many tokens names."""
    return next(n for n in count() if len(SPECIAL) + n + comb(n, 2) >= tokens)


def shortest_paths(
    graphs: int,
    held_out: int,
    vertices: int,
    edge_probability: float,
    hop_weights: Sequence[float],
    queries: int,
    rng: np.random.Generator,
    names: int | None = None,
    seen: set[bytes] | None = None,
) -> tuple[Questions, Questions]:
    """Questions about graphs to train on, and about others: no graph comes twice, in either.

    A row is `edges QUERY source target ANSWER path END`: the edges in random order, a token each, and the
    path without its source. Which of several shortest paths is written is drawn at random.
    A source is drawn at random, its target by the weights of the distances 1, 2, ... that it has. Graphs in
    which some drawn source reaches nothing at a distance with a weight are left out.

    Facts: `graph` (the number of its graph, from 0 in each part), `hops`.

    Args:
        graphs, held_out: how many of each.
        vertices: V.
        edge_probability: of each pair of vertices.
        hop_weights: of distances 1, 2, ...; distances beyond are not asked for.
        queries: about each graph.
        rng: the generator.
        names: that vertices may have; each graph draws its own V of them. By default V.
        seen: graphs that may not come, over the same names; those of this call are added.

    Raises:
        ValueError: so many different graphs were not found.
    """
    names, seen = names or vertices, set() if seen is None else seen
    width = counts.longest_path_row(vertices, edge_probability, len(hop_weights))
    total = graphs + held_out
    tokens = np.zeros((total * queries, width), token_type(vocabulary(names)))
    hops = np.zeros(total * queries, np.int8)
    done = barren = 0
    while done < total:
        size = min(_GRAPHS_AT_ONCE, max(64, 2 * (total - done)))
        adjacency = g.random_graphs(size, vertices, edge_probability, rng)
        named = np.tile(np.arange(names), (size, 1))
        if vertices < names:
            named = rng.permuted(named, axis=1)[:, :vertices]
            adjacency = g.renamed(adjacency, named, names)
        new = _new(adjacency, seen, counts.most_edges(vertices, edge_probability))
        rows, distance, whole = _ask(adjacency[new], named[new], hop_weights, queries, width, rng)
        kept = min(int(whole.sum()), total - done)
        barren = 0 if kept else barren + 1
        if barren == _ATTEMPTS:
            raise ValueError(
                f"only {done} of {total} different graphs of {vertices} vertices with the asked distances "
                "were found: ask for fewer, or change edge_probability"
            )
        here = slice(done * queries, (done + kept) * queries)
        tokens[here] = rows[whole][:kept].reshape(-1, width)
        hops[here] = distance[whole][:kept].ravel()
        done += kept
    number = np.arange(total * queries) // queries
    cut = graphs * queries
    return (
        Questions(tokens[:cut], {"graph": number[:cut], "hops": hops[:cut]}),
        Questions(tokens[cut:], {"graph": number[cut:] - graphs, "hops": hops[cut:]}),
    )


def _new(adjacency: np.ndarray, seen: set[bytes], most: int) -> np.ndarray:
    """(G,) bool: graphs that have not come before, here or in earlier blocks, and are not too large."""
    new = np.zeros(len(adjacency), dtype=bool)
    small, packed = adjacency.sum(axis=(1, 2)) <= 2 * most, g.packed(adjacency)
    for place in np.flatnonzero(small):
        key = hashlib.blake2b(packed[place], digest_size=8).digest()
        if key not in seen:
            seen.add(key)
            new[place] = True
    return new


def _ask(
    adjacency: np.ndarray,
    named: np.ndarray,
    hop_weights: Sequence[float],
    queries: int,
    width: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (G, Q, width), distances (G, Q), and whether all queries of a graph have an answer (G,)."""
    graphs, names = len(adjacency), adjacency.shape[-1]
    sources = np.take_along_axis(named, rng.integers(named.shape[1], size=(graphs, queries)), axis=1)
    steps = g.distances(adjacency, sources)
    targets, hops = _targets(steps, np.asarray(hop_weights, float), rng)
    edges = _shuffled_edges(adjacency, rng)  # (G, E) tokens, PAD behind
    lengths = (edges != PAD).sum(axis=1)
    rows = np.zeros((graphs, queries, width), token_type(vocabulary(names)))
    rows[:, :, : edges.shape[1]] = edges[:, None]
    g_index, q_index = np.indices((graphs, queries))
    start = np.broadcast_to(lengths[:, None], (graphs, queries))
    for place, symbol in enumerate((QUERY, FIRST + sources, FIRST + targets, ANSWER)):
        rows[g_index, q_index, start + place] = symbol
    at, start = targets, start + 3  # of ANSWER
    for back in range(len(hop_weights)):
        here = hops > back
        rows[g_index[here], q_index[here], (start + hops - back)[here]] = FIRST + at[here]
        at = np.where(here, _one_step_back(adjacency, steps, at, hops - back - 1, rng), at)
    rows[g_index, q_index, start + hops + 1] = END
    return rows, hops, (hops > 0).all(axis=1)


def _targets(
    steps: np.ndarray, weights: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A target for each source and its distance, (G, Q) each; distance 0 where none has a weight."""
    by_hop = steps[..., None] == np.arange(1, len(weights) + 1)  # (G, Q, V, H)
    chances = np.cumsum(by_hop.any(axis=2) * weights, axis=-1)
    drawn = rng.random(chances.shape[:2]) * chances[..., -1]
    hops = np.where(chances[..., -1] > 0, (drawn[..., None] >= chances).sum(axis=-1) + 1, 0)
    wanted = steps == hops[..., None]
    return (wanted * rng.random(wanted.shape, dtype=np.float32)).argmax(axis=-1), hops


def _one_step_back(
    adjacency: np.ndarray, steps: np.ndarray, at: np.ndarray, distance: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A random neighbour of each vertex that lies at a distance from the query's source: (G, Q) int."""
    around = adjacency[np.arange(len(adjacency))[:, None], at]  # (G, Q, V)
    nearer = around & (steps == distance[..., None])
    return (nearer * rng.random(nearer.shape, dtype=np.float32)).argmax(axis=-1)


def _shuffled_edges(adjacency: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The edges of each graph in random order: (G, E) tokens, PAD behind."""
    names = adjacency.shape[-1]
    graph, edge = np.nonzero(adjacency[:, *np.triu_indices(names, 1)])
    edge = edge[np.argsort(graph + rng.random(len(graph)))]
    sizes = np.bincount(graph, minlength=len(adjacency))
    place = np.arange(len(graph)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rows = np.full((len(adjacency), sizes.max(initial=0)), PAD)
    rows[graph, place] = FIRST + names + edge
    return rows


def checked(tokens: np.ndarray, given: np.ndarray, names: int) -> dict[str, np.ndarray]:
    """Answers to questions about shortest paths, against the graphs that the questions show.

    Args:
        tokens: (N, L) questions with their reference answers.
        given: (N, A) answers up to END, PAD behind.
        names: that vertices may have.

    Returns:
        (N,) each: `valid`, the answer is a path from source to target along edges, and ends; `optimal`, it is
        valid and no path is shorter; `length_right`, it has as many vertices as a shortest path, whatever
        they are; `given_hops`, how many it has.
    """
    query, answer = first_of(tokens, QUERY), first_of(tokens, ANSWER)
    row = np.arange(len(tokens))
    source, target = (tokens[row, query + place].astype(np.int64) for place in (1, 2))
    hops = first_of(tokens, END) - answer - 1
    edges = _edge_sets(tokens, names)
    # A token that is no vertex becomes one that no edge touches.
    vertex = np.where((given >= FIRST) & (given < FIRST + names), given - FIRST, names)
    ended, length = (given == END).any(axis=1), first_of(given, END)
    length = np.where(ended, length, given.shape[1])
    at, whole = source - FIRST, ended & (length > 0)
    for step in range(given.shape[1]):
        walking = step < length
        following = np.where(walking, vertex[:, step], at)
        whole &= ~walking | edges[row, at, following]
        at = following
    valid = whole & (at == target - FIRST)
    return {
        "valid": valid,
        "optimal": valid & (length == hops),
        "length_right": ended & (length == hops),
        "given_hops": length.astype(np.int32),
    }


def _edge_sets(tokens: np.ndarray, names: int) -> np.ndarray:
    """(N, names + 1, names + 1) bool: the edges that each row shows; the last vertex has none."""
    low, high = np.triu_indices(names, 1)
    edges = np.zeros((len(tokens), names + 1, names + 1), dtype=bool)
    row, place = np.nonzero(tokens >= FIRST + names)
    pair = tokens[row, place].astype(np.int64) - FIRST - names
    edges[row, low[pair], high[pair]] = edges[row, high[pair], low[pair]] = True
    return edges
