"""The length-2 path problem as a classification of sequences of edges (see `study.theory.length_two`)."""

from math import comb

import numpy as np

NO_PATH, PATH = 0, 1
CLASSES = ("no path", "path")


def vocabulary(vertices: int) -> tuple[str, ...]:
    """The edges source -> v and v -> target, for the vertices v between."""
    between = range(1, vertices - 1)
    return (*(f"source>{v}" for v in between), *(f"{v}>target" for v in between))


def questions_that_there_are(vertices: int, edges: int) -> int:
    """How many pairs of disjoint sets of so many vertices there are: the questions without a path."""
    between = vertices - 2
    return comb(between, edges) * comb(between - edges, edges)


def length_two_paths(
    count: int, vertices: int, edges: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Sequences of `edges` edges out of the source and as many into the target, half of them with a path.

    Source and target have sets of neighbours of equal size; in a graph with a path they share exactly one
    vertex, in the others none. So neither the number of edges nor any single edge tells the classes apart.

    Returns:
        (count, 2 * edges) uint16 tokens in random order, and (count,) int64 classes, as many of each (give or
        take one), in random order.

    Raises:
        ValueError: two disjoint sets of so many vertices do not fit between source and target.
    """
    between = vertices - 2
    if 2 * edges > between:
        raise ValueError(
            f"two disjoint sets of {edges} need {2 * edges} vertices between source and target, not {between}"
        )
    labels = rng.permutation(np.arange(count) % 2)
    order = rng.random((count, between)).argsort(axis=1)
    out, into = order[:, :edges], order[:, edges : 2 * edges].copy()
    shared = labels == PATH
    into[shared, 0] = out[shared, 0]
    tokens = np.concatenate([out, between + into], axis=1)
    return rng.permuted(tokens, axis=1).astype(np.uint16), labels.astype(np.int64)
