"""The length-2 path problem: is there a vertex v with source -> v -> target?

Vertices are 0 ... n - 1, the source is 0 and the target n - 1 (Jelassi et al. 2024, section 3.1). A graph is
a simple digraph without self-loops, written as a sequence of tokens: one token an edge, padded to a fixed
length, so that one set of weights serves every graph. Token a * n + b is the edge a -> b; n * n is padding.
"""

from collections.abc import Iterator

import numpy as np


def has_path(adjacency: np.ndarray) -> np.ndarray:
    """Whether each graph has a path of length 2 from its first to its last vertex.

    adjacency: (..., n, n) bool, adjacency[..., a, b] for the edge a -> b. Returns (...,) bool.
    """
    return (adjacency[..., 0, :] & adjacency[..., :, -1]).any(axis=-1)


def edges_of(vertices: int) -> np.ndarray:
    """All edges that a simple digraph without self-loops may have: (n * (n - 1), 2) int."""
    ends = np.indices((vertices, vertices)).reshape(2, -1).T
    return ends[ends[:, 0] != ends[:, 1]]


def padded_length(vertices: int) -> int:
    """A sequence length that holds every graph: the power of two from n * (n - 1) on.

    A power of two, since then 1 / length is exact in binary floating point, and so are the averages.
    """
    return 1 << (vertices * (vertices - 1) - 1).bit_length()


def tokens_of(adjacency: np.ndarray, length: int) -> np.ndarray:
    """The token sequence of one graph: (n, n) bool -> (length,) int, edges in row order, then padding.

    Raises ValueError if the graph has more edges than the sequence places, or a self-loop.
    """
    vertices = adjacency.shape[-1]
    if adjacency.diagonal().any():
        raise ValueError("a simple digraph has no edge from a vertex to itself")
    sources, targets = np.nonzero(adjacency)
    if len(sources) > length:
        raise ValueError(f"{len(sources)} edges do not fit into a sequence of {length} tokens")
    tokens = np.full(length, vertices * vertices)
    tokens[: len(sources)] = sources * vertices + targets
    return tokens


def every_graph(vertices: int, at_once: int = 1 << 16) -> Iterator[np.ndarray]:
    """Every simple digraph on n vertices, in blocks: (up to at_once, n, n) bool. There are 2^(n (n - 1))."""
    edges = edges_of(vertices)
    bits = np.arange(len(edges))
    for start in range(0, 1 << len(edges), at_once):
        numbers = np.arange(start, min(start + at_once, 1 << len(edges)))
        block = np.zeros((len(numbers), vertices, vertices), dtype=bool)
        block[:, edges[:, 0], edges[:, 1]] = (numbers[:, None] >> bits) & 1
        yield block


def random_graph(vertices: int, path: bool, density: float, rng: np.random.Generator) -> np.ndarray:
    """A random simple digraph, (n, n) bool, with a path of length 2 or one edge short of every such path.

    Vertices between source and target get an edge from the source or one to the target, never both; for a
    graph with a path one of them gets both. All other edges, that decide nothing, appear with the density.
    """
    adjacency = rng.random((vertices, vertices)) < density
    np.fill_diagonal(adjacency, False)
    from_source = rng.random(vertices) < 0.5
    adjacency[0, 1:-1] = from_source[1:-1]
    adjacency[1:-1, -1] = ~from_source[1:-1]
    if path:
        between = rng.integers(1, vertices - 1)
        adjacency[0, between] = adjacency[between, -1] = True
    return adjacency
