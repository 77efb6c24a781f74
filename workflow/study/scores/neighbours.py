"""Prediction depth: from which layer on an example's neighbours agree with the prediction.

Source: Baldock et al. 2021 (arXiv 2106.09647), Sec. 2: a k-nearest-neighbour vote over training labels at
each of P probes, with k = 30. Shapes: N examples, D numbers that a probe puts out, P probes.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

NEIGHBOURS = 30
WORKSPACE = 2**26  # bytes of distances at a time


@torch.inference_mode()
def neighbour_votes(
    outputs: Tensor, labels: Tensor, neighbours: int = NEIGHBOURS, include_self: bool = False
) -> Tensor:
    """What the nearest examples, by Euclidean distance, say of each example's class.

    Of equally near examples the earlier counts as nearer; of classes with equally many votes the smallest
    wins, as in scikit-learn. Memory is that of `outputs` and of a block of rows of the distance matrix.

    Args:
        outputs: (N, D). Float32, of layers, is compared by inner products, at the speed of a matrix product;
            it is centred in place, since a copy may not fit. Float64, of probabilities, is compared by
            differences: near 1, they differ in digits that inner products lose.
        labels: (N,) int64 on the same device.
        neighbours: how many vote; all others where there are not so many.
        include_self: whether an example is among its own neighbours.

    Returns:
        (N,) int64 classes.
    """
    n = len(outputs)
    neighbours = min(neighbours, n - (not include_self))
    onehot = functional.one_hot(labels).to(torch.int32)
    distances_of = _differences(outputs) if outputs.dtype == torch.float64 else _inner_products(outputs)
    rows = max(1, WORKSPACE // (n * outputs.element_size()))
    votes = torch.empty(n, dtype=torch.int64, device=outputs.device)
    for start in range(0, n, rows):
        window = slice(start, min(start + rows, n))
        distances = distances_of(window)
        if not include_self:
            distances[:, window].fill_diagonal_(torch.inf)
        votes[window] = onehot[_nearest(distances, neighbours)].sum(1).argmax(1)
    return votes


def prediction_depth(votes: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Number of probes up to the last one that disagrees: from there on, all agree with the target.

    Args:
        votes: (P, N) classes, from the first probe to the last.
        target: (N,) classes: a run's own final predictions, or the consensus of several runs.

    Returns:
        (N,) int64 in 0…P: 0 where all probes agree, P where the last one does not.
    """
    disagree = np.asarray(votes) != target
    probes = np.arange(1, len(disagree) + 1)[:, None]
    return (disagree * probes).max(axis=0)


def _differences(outputs: Tensor):
    """Distances of some rows to all, by differences."""
    mode = "donot_use_mm_for_euclid_dist"
    return lambda window: torch.cdist(outputs[window], outputs, compute_mode=mode)


def _inner_products(outputs: Tensor):
    """Squared distances of some rows to all, less each row's own ‖a‖², which does not change its order."""
    outputs -= outputs.mean(0)  # distances stay, and inner products lose fewer digits
    squares = torch.linalg.vector_norm(outputs, dim=1).square()
    return lambda window: torch.addmm(squares, outputs[window], outputs.T, alpha=-2)


def _nearest(distances: Tensor, k: int) -> Tensor:
    """(B, N) -> (B, k): positions of the k smallest of each row; of equal ones the first."""
    if k == distances.shape[1]:
        return distances.topk(k, largest=False).indices
    values, indices = distances.topk(k + 1, largest=False)
    tied = values[:, k - 1] == values[:, k]  # topk takes any of them
    if tied.any():
        indices[tied, :k] = distances[tied].sort(dim=1, stable=True).indices[:, :k]
    return indices[:, :k]
