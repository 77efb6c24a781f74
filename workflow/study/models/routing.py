"""What keeps a router healthy, and how healthy it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from study.models.decoder import Decoder


def load_balance_loss(router_logits: Sequence[Tensor], top_k: int, real: Tensor | None = None) -> Tensor:
    """experts * sum_e (share of assignments to e) * (mean probability of e), averaged over layers: a scalar.

    1 at perfect balance, whatever k (the convention of MegaBlocks, Gale et al. 2022; Switch Transformer,
    Fedus et al. 2021, eq. 4, for k = 1). Padding does not count.

    Args:
        router_logits: a layer each, (tokens, E).
        top_k: k, the experts of a token.
        real: (tokens,) bool, false where padding stands; None: nowhere.
    """
    losses = []
    for logits in router_logits:
        logits = logits if real is None else logits[real]
        chances = logits.float().softmax(dim=-1)
        chosen = chances.topk(top_k, dim=-1).indices
        counts = torch.bincount(chosen.reshape(-1), minlength=logits.shape[1])
        losses.append(logits.shape[1] * (counts / counts.sum()) @ chances.mean(dim=0))
    return torch.stack(losses).mean()


def z_loss(router_logits: Sequence[Tensor], real: Tensor | None = None) -> Tensor:
    """Mean over tokens and layers of logsumexp(logits)^2 (ST-MoE, Zoph et al. 2022, eq. 5): a scalar."""
    kept = [logits if real is None else logits[real] for logits in router_logits]
    return torch.stack([logits.float().logsumexp(dim=-1).square().mean() for logits in kept]).mean()


@contextmanager
def counted_routes(decoder: Decoder) -> Iterator[list[np.ndarray]]:
    """Count, while the block lasts, the tokens that each expert of each layer receives: (E,) int64 a layer.

    All tokens count that the decoder is given, padding too.
    """
    routers = decoder.routers()
    experts = decoder.network.config.num_local_experts if routers else 0
    counts = [np.zeros(experts, np.int64) for _ in routers]

    def count(layer: int):
        def hook(module, inputs, output) -> None:
            counts[layer] += torch.bincount(output[2].reshape(-1), minlength=experts).cpu().numpy()

        return hook

    handles = [router.register_forward_hook(count(layer)) for layer, router in enumerate(routers)]
    try:
        yield counts
    finally:
        for handle in handles:
            handle.remove()


def balance(counts: np.ndarray) -> float:
    """Entropy of the experts' shares over its maximum: (E,) counts -> 1 if all are equal, 0 if one has all.

    Raises:
        ValueError: nothing was counted, or there is one expert.
    """
    if len(counts) < 2 or not counts.sum():
        raise ValueError("a balance needs two experts and at least one token")
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(counts)))
