"""Random undirected graphs, many at a time, and the distances in them."""

import numpy as np


def random_graphs(
    graphs: int, vertices: int, edge_probability: float, rng: np.random.Generator
) -> np.ndarray:
    """Erdos-Renyi graphs: (graphs, vertices, vertices) bool, symmetric, without loops."""
    upper = np.triu_indices(vertices, 1)
    adjacency = np.zeros((graphs, vertices, vertices), dtype=bool)
    adjacency[:, *upper] = rng.random((graphs, len(upper[0])), dtype=np.float32) < edge_probability
    return adjacency | adjacency.swapaxes(1, 2)


def renamed(adjacency: np.ndarray, named: np.ndarray, names: int) -> np.ndarray:
    """Graphs over more vertices, most of them without edges.

    adjacency: (G, V, V) bool; named: (G, V) int, the vertex among `names` that each one becomes. Returns
    (G, names, names) bool.
    """
    graph = np.arange(len(adjacency))[:, None, None]
    larger = np.zeros((len(adjacency), names, names), dtype=bool)
    larger[graph, named[:, :, None], named[:, None, :]] = adjacency
    return larger


def distances(adjacency: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Edges on the shortest path from a source to each vertex, -1 where there is none.

    adjacency: (G, V, V) bool; sources: (G, Q) int. Returns (G, Q, V) int16.
    """
    neighbours = adjacency.astype(np.float32)
    reached = sources[..., None] == np.arange(adjacency.shape[-1])  # (G, Q, V)
    steps = np.where(reached, 0, -1).astype(np.int16)
    newest = reached
    for step in range(1, adjacency.shape[-1]):
        newest = (newest.astype(np.float32) @ neighbours > 0) & ~reached
        if not newest.any():
            break
        steps[newest] = step
        reached = reached | newest
    return steps


def packed(adjacency: np.ndarray) -> np.ndarray:
    """Graphs as bits, a row each, equal for equal graphs: (G, V, V) bool -> (G, V * (V - 1) / 16) uint8."""
    return np.ascontiguousarray(np.packbits(adjacency[:, *np.triu_indices(adjacency.shape[-1], 1)], axis=1))
