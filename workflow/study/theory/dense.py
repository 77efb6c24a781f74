"""Theorem 3.3 of Mixture of Parrots, built: a dense transformer of depth 1 and width n solves length-2 path.

One head with zero keys averages the tokens of the sequence. The embedding of the edge a -> b is e_b if a is
the source, e_a if b is the target, and 0 otherwise; padding is 0. So coordinate v of the average is
2 / length exactly if both edges source -> v and v -> target are there. The MLP, n hidden units wide,
computes sum_v ReLU(length * z_v - 1): positive if and only if there is a path. Sizes: embedding
(n^2 + 1) x n, MLP n x n, n biases, n output weights. Arithmetic: exact in binary floating point of 8 bits
or more, where the length is a power of two (see `length_two.padded_length`).
"""

from dataclasses import dataclass

import numpy as np

from study.theory.length_two import padded_length


@dataclass(frozen=True)
class DenseTransformer:
    """A transformer of depth 1: embedding, one attention head, an MLP with ReLU, a number as its answer."""

    embedding: np.ndarray  # (tokens, width)
    query: np.ndarray  # (width, width)
    key: np.ndarray  # (width, width)
    value: np.ndarray  # (width, width)
    hidden: np.ndarray  # (width, hidden)
    bias: np.ndarray  # (hidden,)
    output: np.ndarray  # (hidden,)

    @property
    def width(self) -> int:
        """The width of the stream: the m of the theorems."""
        return self.embedding.shape[1]

    @property
    def parameters(self) -> int:
        """Numbers in the MLP, embedding and attention left out: width * hidden + 2 * hidden."""
        return self.hidden.size + self.bias.size + self.output.size

    def attention(self, tokens: np.ndarray) -> np.ndarray:
        """What the last token receives: (..., length) int -> (..., width)."""
        embedded = self.embedding[tokens]  # (..., length, width)
        asked = embedded[..., -1, :] @ self.query  # (..., width)
        logits = np.einsum("...lw,...w->...l", embedded @ self.key, asked)
        weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return np.einsum("...l,...lw->...w", weights, embedded @ self.value)

    def __call__(self, tokens: np.ndarray) -> np.ndarray:
        """The answer, positive for yes: (..., length) int -> (...,)."""
        return np.maximum(self.attention(tokens) @ self.hidden + self.bias, 0) @ self.output


def dense_length_two(vertices: int, dtype: type = np.float32) -> DenseTransformer:
    """The construction of theorem 3.3 for all graphs on n vertices, in sequences of `padded_length(n)`."""
    length = padded_length(vertices)
    embedding = np.zeros((vertices * vertices + 1, vertices), dtype)
    every = np.arange(1, vertices)
    embedding[every, every] = 1  # source -> v is token v
    before = np.arange(1, vertices - 1)
    embedding[before * vertices + vertices - 1, before] = 1  # v -> target
    nothing, same = np.zeros((vertices, vertices), dtype), np.eye(vertices, dtype=dtype)
    return DenseTransformer(
        embedding=embedding,
        query=nothing,
        key=nothing,
        value=same,
        hidden=length * same,
        bias=np.full(vertices, -1, dtype),
        output=np.ones(vertices, dtype),
    )
