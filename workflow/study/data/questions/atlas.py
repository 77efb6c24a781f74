"""An atlas, to be learnt by heart and searched: from one memorised fact to a walk over several of them.

Every vertex has one road of each kind, that leads to some vertex. A fact is a question of one hop: which
vertex does this road lead to? A question of h hops names a vertex and h kinds of road: where does the walk
end? It is answered from facts that are nowhere written in the question.
"""

from collections.abc import Sequence

import numpy as np

from study import counts
from study.data.questions.tokens import ANSWER, END, FIRST, QUERY, SPECIAL, Questions, token_type


def vocabulary(vertices: int, roads: int) -> tuple[str, ...]:
    """A token for each vertex and each kind of road, behind the special ones."""
    return (*SPECIAL, *(f"v{v}" for v in range(vertices)), *(f"r{r}" for r in range(roads)))


def atlas(
    vertices: int,
    roads: int,
    asked: Sequence[int],
    held_out: Sequence[int],
    show_steps: bool,
    rng: np.random.Generator,
) -> tuple[Questions, Questions]:
    """All facts and some longer questions to train on, and other questions of each length.

    A row is `QUERY vertex road ... ANSWER vertex END`; with `show_steps` the answer names every vertex of the
    walk. No question is in both parts; of one hop, all are trained on.

    Facts: `hops`.

    Args:
        vertices: V; each road of a kind leads to another vertex (a permutation without fixed points is not
            asked for: destinations are drawn independently).
        roads: kinds of road.
        asked: questions of 2, 3, ... hops to train on.
        held_out: questions of 2, 3, ... hops to test on.
        show_steps: whether answers name the vertices between.
        rng: the generator.

    Raises:
        ValueError: there are fewer questions of some length than are asked for.
    """
    leads_to = rng.integers(vertices, size=(vertices, roads))
    longest = 1 + len(asked)
    train, test = [_all_facts(vertices, roads)], []
    for hops, (some, others) in enumerate(zip(asked, held_out, strict=True), start=2):
        there = counts.walks(vertices, roads, hops)
        if some + others > there:
            raise ValueError(
                f"{some} + {others} questions of {hops} hops are asked for, and there are {there}"
            )
        drawn = rng.choice(there, some + others, replace=False)
        walks = np.stack(np.unravel_index(drawn, (vertices, *[roads] * hops)), axis=1)
        train.append(walks[:some])
        test.append(walks[some:])
    write = (leads_to, vertices, roads, longest, show_steps)
    return _written(train, *write), _written(test, *write)


def _all_facts(vertices: int, roads: int) -> np.ndarray:
    """(V * R, 2) int: every vertex with every kind of road."""
    return np.indices((vertices, roads)).reshape(2, -1).T


def _written(
    walks: list[np.ndarray], leads_to: np.ndarray, vertices: int, roads: int, longest: int, show_steps: bool
) -> Questions:
    """Walks (n, 1 + hops) of each length, as rows of one width."""
    width = counts.longest_walk_row(longest, show_steps)
    symbols = vocabulary(vertices, roads)
    rows, lengths = [], []
    for block in walks:
        hops = block.shape[1] - 1
        passed = [block[:, 0]]
        for road in block[:, 1:].T:
            passed.append(leads_to[passed[-1], road])
        answer = np.stack(passed[1:] if show_steps else passed[-1:], axis=1)
        mark = np.ones((len(block), 1), dtype=np.int64)
        parts = [
            QUERY * mark,
            FIRST + block[:, :1],
            FIRST + vertices + block[:, 1:],
            ANSWER * mark,
            FIRST + answer,
            END * mark,
        ]
        filled = np.concatenate(parts, axis=1)
        padding = np.zeros((len(block), width - filled.shape[1]), dtype=np.int64)
        rows.append(np.concatenate([filled, padding], axis=1))
        lengths.append(np.full(len(block), hops))
    return Questions(np.concatenate(rows).astype(token_type(symbols)), {"hops": np.concatenate(lengths)})
