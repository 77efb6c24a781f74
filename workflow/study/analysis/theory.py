"""The theorems of Mixture of Parrots tried on many cases, as tables."""

import numpy as np
import pandas as pd

from study.config.theory import TheorySettings
from study.seeds import generator
from study.theory.dense import dense_length_two
from study.theory.fooling import fooled_share
from study.theory.length_two import every_graph, has_path, padded_length, random_graph, tokens_of
from study.theory.memorization import best_experts, memorise


def built(theory: TheorySettings, study_seed: int) -> pd.DataFrame:
    """The dense construction on every small graph and on random large ones.

    Columns: vertices, graphs ("all" or "random"), tried, wrong, width, parameters (of the MLP).
    """
    rows = []
    for vertices in range(3, theory.built_up_to + 1):
        blocks = every_graph(vertices)
        rows.append(_tried(vertices, "all", blocks))
    for vertices in theory.built_at:
        rng = generator(study_seed, "theory", "graphs", vertices)
        graphs = (
            random_graph(vertices, bool(number % 2), rng.random(), rng)[None]
            for number in range(theory.graphs)
        )
        rows.append(_tried(vertices, "random", graphs))
    return pd.DataFrame(rows)


def _tried(vertices: int, graphs: str, blocks) -> dict:
    model, length = dense_length_two(vertices), padded_length(vertices)
    tried = wrong = 0
    for block in blocks:
        tokens = np.array([tokens_of(adjacency, length) for adjacency in block])
        wrong += int(((model(tokens) > 0) != has_path(block)).sum())
        tried += len(block)
    return {
        "vertices": vertices,
        "graphs": graphs,
        "tried": tried,
        "wrong": wrong,
        "width": model.width,
        "parameters": model.parameters,
    }


def fooled(theory: TheorySettings, study_seed: int) -> pd.DataFrame:
    """The share of random attention layers behind which no MLP solves length-2 path.

    Columns: vertices, heads, width, bits, sum_bits (heads * (width + 1) * bits), needed (vertices - 2),
    ruled_out (sum_bits < needed: by the theorem all layers are fooled), layers, fooled (a share).
    """
    rows = []
    for width in theory.fooled_widths:
        for bits in theory.fooled_bits:
            rng = generator(study_seed, "theory", "fooling", width, bits)
            share = fooled_share(theory.fooled_vertices, 1, width, bits, theory.layers, rng)
            held, needed = (width + 1) * bits, theory.fooled_vertices - 2
            rows.append(
                {
                    "vertices": theory.fooled_vertices,
                    "heads": 1,
                    "width": width,
                    "bits": bits,
                    "sum_bits": held,
                    "needed": needed,
                    "ruled_out": held < needed,
                    "layers": theory.layers,
                    "fooled": share,
                }
            )
    return pd.DataFrame(rows)


def memorised(theory: TheorySettings, study_seed: int) -> pd.DataFrame:
    """The memorising mixture for several numbers of experts, a row for each repeat.

    Columns: points, width, experts, repeat, recall, total, active (parameters), largest_cell, empty_cells,
    best_experts (where active parameters are least, for even cells).
    """
    rows = []
    for experts in theory.experts:
        for repeat in range(theory.repeats):
            rng = generator(study_seed, "theory", "memorization", experts, repeat)
            points = rng.standard_normal((theory.points, theory.width))
            labels = rng.choice([-1, 1], theory.points)
            memory = memorise(points, labels, experts, rng)
            cells = np.bincount(memory.route(points), minlength=experts)
            rows.append(
                {
                    "points": theory.points,
                    "width": theory.width,
                    "experts": experts,
                    "repeat": repeat,
                    "recall": float((np.sign(memory(points)) == labels).mean()),
                    "total": memory.total_parameters,
                    "active": memory.active_parameters,
                    "largest_cell": int(cells.max()),
                    "empty_cells": int((cells == 0).sum()),
                    "best_experts": best_experts(theory.points, theory.width),
                }
            )
    return pd.DataFrame(rows)
