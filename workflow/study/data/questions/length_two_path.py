"""The length-2 path problem as a classification of sets of edges (see `study.theory.length_two`)."""

from math import comb

import numpy as np

from study import counts

NO_PATH, PATH = 0, 1


def tokens_that_there_are(vertices: int) -> int:
    """The edges source -> v, by v, and behind them the edges v -> target, for the vertices v between."""
    return 2 * (vertices - 2)


def length_two_paths(
    train: int, held_out: int, vertices: int, rng: np.random.Generator
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Different questions to train on and others to test on, half of each with a path (give or take one).

    Source and target have sets of neighbours of equal size; in a graph with a path they share exactly one
    vertex, in the others none. So neither the number of edges nor any single edge tells the classes apart.

    Args:
        train, held_out: how many of each.
        vertices: n, from 6 on.
        rng: the generator.

    Returns:
        For each part (N, 2 * n // 4) int64 tokens, the edges out of the source before those into the target,
        and (N,) int64 classes.

    Raises:
        ValueError: there are not so many different questions of a class.
    """
    parts: list[list[np.ndarray]] = [[], []]
    for label, there in enumerate(counts.length_two_paths(vertices)):
        sizes = [(count + label) // 2 for count in (train, held_out)]
        if sum(sizes) > there:
            raise ValueError(
                f"length-2 paths of {vertices} vertices: {train} + {held_out} questions are asked for, half "
                f"of them {'with' if label else 'without'} a path, of which there are {there}"
            )
        drawn = rng.choice(there, sum(sizes), replace=False)
        tokens = _with_path(drawn, vertices) if label == PATH else _without_path(drawn, vertices)
        for part, block in zip(parts, np.split(tokens, [sizes[0]]), strict=True):
            part.append(block)
    found = []
    for without, shared in parts:
        labels = np.repeat([NO_PATH, PATH], [len(without), len(shared)])
        order = rng.permutation(len(labels))
        found.append((np.concatenate([without, shared])[order], labels[order]))
    return found[0], found[1]


def _without_path(numbers: np.ndarray, vertices: int) -> np.ndarray:
    """The numbered questions without a path."""
    between, edges = vertices - 2, counts.length_two_edges(vertices)
    first, second = np.divmod(numbers, comb(between - edges, edges))
    out = _subsets(first, between, edges)
    into = _among_others(out, _subsets(second, between - edges, edges), between)
    return np.concatenate([out, between + into], axis=1)


def _with_path(numbers: np.ndarray, vertices: int) -> np.ndarray:
    """The numbered questions with a path."""
    between, edges = vertices - 2, counts.length_two_edges(vertices)
    rest, third = np.divmod(numbers, comb(between - edges, edges - 1))
    shared, second = np.divmod(rest, comb(between - 1, edges - 1))
    shared = shared[:, None]
    out = _among_others(shared, _subsets(second, between - 1, edges - 1), between)
    out = np.concatenate([shared, out], axis=1)
    into = _among_others(out, _subsets(third, between - edges, edges - 1), between)
    return np.concatenate([out, between + shared, between + into], axis=1)


def _subsets(numbers: np.ndarray, things: int, size: int) -> np.ndarray:
    """(N,) numbers below C(things, size) -> (N, size): the subset with each number.

    In the combinatorial number system: C(c_1, 1) + ... + C(c_k, k) with c_1 < ... < c_k.
    """
    rest, subset = numbers.copy(), np.zeros((len(numbers), size), dtype=np.int64)
    for place in range(size, 0, -1):
        sums = np.array([comb(c, place) for c in range(things)], dtype=np.int64)
        subset[:, place - 1] = np.searchsorted(sums, rest, side="right") - 1
        rest -= sums[subset[:, place - 1]]
    return subset


def _among_others(taken: np.ndarray, subset: np.ndarray, things: int) -> np.ndarray:
    """Subsets of the things that are not taken, (N, k) places among those -> (N, k) things."""
    free = np.ones((len(taken), things), dtype=bool)
    np.put_along_axis(free, taken, False, axis=1)
    others = np.nonzero(free)[1].reshape(len(taken), things - taken.shape[1])
    return np.take_along_axis(others, subset, axis=1)
