"""Decoders with dense or mixture-of-experts feed-forward layers, of the transformers library's own classes.

One expert is a Mistral, more are a Mixtral: the same backbone but for router and experts. Each of E experts
is `ffn` wide and k of them work for a token; the dense model's layer is k * ffn wide, so that a family of
equal `ffn` and k has equal active parameters, router excluded (arXiv 2410.19034, section 4).
"""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import MistralConfig, MistralForCausalLM, MixtralConfig, MixtralForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()  # a line for each decoder that is written, in every log


class Sequences(NamedTuple):
    """Rows of tokens as a decoder takes them."""

    tokens: Tensor  # (B, L) int64
    positions: Tensor | None = None  # (B, L) int64; None: 0, 1, 2, ...
    mask: Tensor | None = None  # (B, 1, L, L) bool, true where a token sees another; None: all before it
    real: Tensor | None = None  # (B, L) bool, false where padding stands; None: nowhere


class Predictions(NamedTuple):
    """What a decoder puts out."""

    logits: Tensor  # (B, L, V)
    router_logits: tuple[Tensor, ...]  # a layer each, (B * L, E); none of dense models and of hash routers


class HashRouter(nn.Module):
    """Sends a token to k experts by its id alone, drawn once, with equal weights (arXiv 2106.04426)."""

    def __init__(self, vocabulary: int, experts: int, top_k: int) -> None:
        super().__init__()
        self.register_buffer("experts", torch.rand(vocabulary, experts).topk(top_k, dim=1).indices)
        self.tokens: Tensor | None = None  # of the batch that is under way, (B, L)

    def forward(self, hidden: Tensor) -> tuple[None, Tensor, Tensor]:
        """What transformers' router gives: logits (none), weights (tokens, k) and experts (tokens, k)."""
        chosen = self.experts[self.tokens.reshape(-1)]
        return None, torch.full_like(chosen, 1 / chosen.shape[1], dtype=hidden.dtype), chosen


class Decoder(nn.Module):
    """A Mistral or a Mixtral, with the router that the settings ask for."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.mixed = isinstance(network, MixtralForCausalLM)
        self.under_way: Sequences | None = None  # the rows that it is given

    def forward(self, sequences: Sequences) -> Predictions:
        """Logits of the next token, at every place."""
        return self.with_cache(sequences, use_cache=False)[0]

    def with_cache(
        self, sequences: Sequences, cache: Any = None, use_cache: bool = True
    ) -> tuple[Predictions, Any]:
        """The same, and the keys and values of all tokens so far, with which to go on."""
        self.under_way = sequences
        for router in self.routers():
            if isinstance(router, HashRouter):
                router.tokens = sequences.tokens
        routed = {"output_router_logits": True} if self._learns_to_route() else {}
        output = self.network.model(
            input_ids=sequences.tokens,
            position_ids=sequences.positions,
            attention_mask=sequences.mask,
            cache=cache,
            use_cache=use_cache,
            **routed,
        )
        router_logits = tuple(output.router_logits) if routed else ()
        logits = self.network.lm_head(output.last_hidden_state)
        return Predictions(logits, router_logits), output.cache

    def routers(self) -> list[nn.Module]:
        """The router of each layer, from the bottom; none of a dense model."""
        return [layer.mlp.gate for layer in self.network.model.layers] if self.mixed else []

    def save(self, folder: Path) -> None:
        """Write a folder that `AutoModelForCausalLM.from_pretrained` opens.

        A hash router has no place in it: transformers' own class would route otherwise.

        Raises:
            ValueError: the model has hash routers.
        """
        if any(isinstance(router, HashRouter) for router in self.routers()):
            raise ValueError("a model with hash routers cannot be written for transformers' own classes")
        self.network.save_pretrained(folder)

    def _learns_to_route(self) -> bool:
        return self.mixed and not isinstance(self.routers()[0], HashRouter)


def build(settings: Any, input_shape: tuple[int], vocabulary: int) -> Decoder:
    """A freshly initialised decoder (torch's global generator).

    Args:
        settings: a `study.config.architectures.DecoderSettings`.
        input_shape: (L,), the longest row.
        vocabulary: V, the number of tokens.
    """
    common = {
        "vocab_size": vocabulary,
        "hidden_size": settings.dim,
        "num_hidden_layers": settings.layers,
        "num_attention_heads": settings.heads,
        "num_key_value_heads": settings.heads,
        "max_position_embeddings": settings.positions or input_shape[0],
        # The library's own 0.02 suits streams of some thousand features; narrow ones would hardly start.
        "initializer_range": settings.dim**-0.5,
        "sliding_window": None,
        "bos_token_id": None,
        "eos_token_id": None,
        "pad_token_id": None,
    }
    if settings.experts == 1:
        width = settings.top_k * settings.expert_width
        return Decoder(MistralForCausalLM(MistralConfig(intermediate_size=width, **common)))
    config = MixtralConfig(
        intermediate_size=settings.expert_width,
        num_local_experts=settings.experts,
        num_experts_per_tok=settings.top_k,
        experts_implementation=settings.experts_implementation,
        **common,
    )
    decoder = Decoder(MixtralForCausalLM(config))
    _set_routers(decoder, settings, vocabulary)
    return decoder


def _set_routers(decoder: Decoder, settings: Any, vocabulary: int) -> None:
    """Routers that do not learn: frozen ones, whose logits start out at a variance near 1, or hashes."""
    for layer in decoder.network.model.layers:
        if settings.router == "frozen":
            nn.init.normal_(layer.mlp.gate.weight, std=settings.dim**-0.5)
            layer.mlp.gate.weight.requires_grad_(False)
        elif settings.router == "hash":
            layer.mlp.gate = HashRouter(vocabulary, settings.experts, settings.top_k)
