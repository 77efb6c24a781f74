"""How many different questions of a kind there are, and how long they are."""

from math import comb


def names(letters: int) -> int:
    """Names of so many letters."""
    return 26**letters


def edges(vertices: int) -> int:
    """Edges that a graph may have."""
    return comb(vertices, 2)


def graphs(vertices: int) -> int:
    """Undirected graphs on named vertices."""
    return 2 ** edges(vertices)


def walks(vertices: int, roads: int, hops: int) -> int:
    """Questions about a walk of so many hops over an atlas: a vertex, and a kind of road for each hop."""
    return vertices * roads**hops


def length_two_edges(vertices: int) -> int:
    """Edges out of the source in a question about a length-2 path, and as many into the target."""
    return vertices // 4


def length_two_paths(vertices: int) -> tuple[int, int]:
    """Questions about length-2 paths, without a path and with one.

    Without: two disjoint sets of vertices. With: a shared vertex, and two disjoint sets of one fewer.
    """
    between, edges = vertices - 2, length_two_edges(vertices)
    without = comb(between, edges) * comb(between - edges, edges)
    shared = between * comb(between - 1, edges - 1) * comb(between - edges, edges - 1)
    return without, shared


def most_edges(vertices: int, edge_probability: float) -> int:
    """Edges of the largest graph that is asked about: mean + 5 standard deviations, at most all."""
    pairs = edges(vertices)
    spread = (pairs * edge_probability * (1 - edge_probability)) ** 0.5
    return min(pairs, int(pairs * edge_probability + 5 * spread) + 1)


def longest_path_row(vertices: int, edge_probability: float, hops: int) -> int:
    """Tokens of the longest question about a shortest path: edges, three, ANSWER, path, END."""
    return most_edges(vertices, edge_probability) + 3 + 1 + hops + 1


def longest_walk_row(longest: int, show_steps: bool) -> int:
    """Tokens of the longest question about a walk, with its answer."""
    return 1 + 1 + longest + 1 + (longest if show_steps else 1) + 1
