"""What keeps a router healthy, and how healthy it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from study.models.decoder import Decoder

_COLLAPSED = 0.95


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


class Loads(NamedTuple):
    """What routers did with the tokens that a decoder was given; padding does not count."""

    received: list[np.ndarray]  # a layer each, (E,) int64: tokens that each expert took
    sent: list[int]  # a layer each: tokens, times the experts that each of them should have


@contextmanager
def counted_routes(decoder: Decoder) -> Iterator[Loads]:
    """Count, while the block lasts, what each expert of each layer receives."""
    routers = decoder.routers()
    config = decoder.network.config
    experts = config.num_local_experts if routers else 0
    loads = Loads([np.zeros(experts, np.int64) for _ in routers], [0] * len(routers))

    def count(layer: int):
        def hook(module, inputs, output) -> None:
            chosen, real = output[2], decoder.under_way.real
            if real is not None:
                chosen = chosen[real.reshape(-1)]
            loads.received[layer] += torch.bincount(chosen.reshape(-1), minlength=experts).cpu().numpy()
            tokens = len(output[2]) if real is None else int(real.sum())
            loads.sent[layer] += tokens * config.num_experts_per_tok

        return hook

    handles = [router.register_forward_hook(count(layer)) for layer, router in enumerate(routers)]
    try:
        yield loads
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


def collapsed(counts: np.ndarray, top_k: int) -> bool:
    """Whether nearly all tokens go to the same k experts: these take more than 95 % of all that is sent.

    (E,) counts. Never where all experts work for every token.
    """
    return len(counts) > top_k and bool(np.sort(counts)[-top_k:].sum() > _COLLAPSED * counts.sum())
