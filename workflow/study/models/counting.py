"""How large a decoder is: parameters in all, at work for a token and in routers; operations of training."""

from typing import Any, NamedTuple


class Size(NamedTuple):
    """Numbers of parameters. Embeddings are those of tokens, on both ends."""

    total: int
    """All, with embeddings."""
    active: int
    """At work for one token, with embeddings; routers are not among them."""
    router: int
    """Of all routers (of hash routers: none, they have a table and no parameter)."""
    embedding: int
    """Of the two embeddings."""

    @property
    def total_without_embeddings(self) -> int:
        """All but embeddings."""
        return self.total - self.embedding

    @property
    def active_without_embeddings(self) -> int:
        """At work for one token, but for embeddings and routers."""
        return self.active - self.embedding


def size_of(settings: Any, vocabulary: int) -> Size:
    """The size of a decoder from its settings (`study.config.architectures.DecoderSettings`).

    A layer has four projections of dim x dim, two norms of dim, and experts of three matrices of
    dim x expert_width; a final norm of dim follows.
    """
    d, width = settings.dim, settings.expert_width
    backbone = settings.layers * (4 * d * d + 2 * d) + d
    embedding = 2 * vocabulary * d
    expert = 3 * d * width
    working = settings.layers * settings.top_k * expert
    stored = settings.layers * settings.experts * expert if settings.experts > 1 else working
    routed = settings.experts > 1 and settings.router != "hash"
    router = settings.layers * d * settings.experts if routed else 0
    return Size(
        total=backbone + embedding + stored + router,
        active=backbone + embedding + working,
        router=router,
        embedding=embedding,
    )


def training_operations(size: Size, tokens: int) -> float:
    """Floating-point operations of training on so many tokens: 6 for each active parameter and token.

    Of the embeddings only the one that puts out logits multiplies; routers are counted, attention scores are
    not (Kaplan et al. 2020, section 2.1).
    """
    return 6.0 * (size.active - size.embedding / 2 + size.router) * tokens
