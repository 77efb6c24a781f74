"""Theorem 3.2 of Mixture of Parrots, run: two graphs that no MLP behind an attention layer tells apart.

Alice holds the edges source -> v for v in a set A, Bob the edges v -> target for v in a set B: there is a
path of length 2 if and only if A and B meet. All that the last token learns of Alice's tokens are, per head,
the sum of exp(logit) * value (m numbers) and the sum of exp(logit) (one number). At p bits a number these are
heads * (m + 1) * p bits, while Alice has 2^(n - 2) sets. So if heads * (m + 1) * p < n - 2 two of her sets
leave the same numbers; a vertex v in which they differ gives Bob's set {v}: the two graphs have opposite
answers and, bit for bit, the same input to whatever stands behind the attention layer, an MLP or any number
of experts with any router.

Every one of Alice's numbers is stored as one of 2^p levels, spread evenly over the range that her sets can
reach. Positions without an edge hold padding, so that all sequences are of one length.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class AttentionLayer:
    """What an attention layer makes of each token, as seen from the last one, and the bits of its sums.

    weight: (heads, tokens) exp of the logits; value: (heads, tokens, width). Tokens: source -> v for the
    n - 2 vertices between, then v -> target for the same, then padding.
    """

    weight: np.ndarray
    value: np.ndarray
    bits: int

    @property
    def between(self) -> int:
        """Vertices between source and target: n - 2."""
        return (self.weight.shape[1] - 1) // 2

    def bits_of_sums(self) -> int:
        """Bits that Alice's sums take: heads * (width + 1) * bits."""
        heads, _, width = self.value.shape
        return heads * (width + 1) * self.bits

    def contributions(self) -> np.ndarray:
        """What each token adds to the sums: (tokens, heads * (width + 1))."""
        numerators = self.weight[..., None] * self.value
        both = np.concatenate([numerators, self.weight[..., None]], axis=-1)
        return both.transpose(1, 0, 2).reshape(self.weight.shape[1], -1)

    def alice(self, sets: np.ndarray) -> np.ndarray:
        """Her sums as levels: (sets, n - 2) bool -> (sets, heads * (width + 1)) int in [0, 2^bits)."""
        lowest, step = self._grid()
        sums = sets @ self._alice_over_padding()
        return np.rint((sums - lowest) / step).astype(np.int64)

    def output(self, alice: np.ndarray, bob: np.ndarray) -> np.ndarray:
        """What the MLP receives: the two sets, (n - 2,) bool each -> (heads * width,) float."""
        heads, _, width = self.value.shape
        contributions, k = self.contributions(), self.between
        lowest, step = self._grid()
        hers = lowest + step * self.alice(alice[None])[0] + k * contributions[-1]
        his = np.where(bob[:, None], contributions[k : 2 * k], contributions[-1]).sum(axis=0)
        total = (hers + his).reshape(heads, width + 1)
        return (total[:, :-1] / total[:, -1:]).ravel()

    def _alice_over_padding(self) -> np.ndarray:
        """How the sums change when an edge of hers stands where padding was: (n - 2, sums)."""
        contributions = self.contributions()
        return contributions[: self.between] - contributions[-1]

    def _grid(self) -> tuple[np.ndarray, np.ndarray]:
        """The lowest level and the distance of levels, of each sum."""
        changes = self._alice_over_padding()
        lowest, highest = np.minimum(changes, 0).sum(axis=0), np.maximum(changes, 0).sum(axis=0)
        return lowest, np.maximum(highest - lowest, np.finfo(float).tiny) / (2**self.bits - 1)


def random_layer(
    vertices: int, heads: int, width: int, bits: int, rng: np.random.Generator
) -> AttentionLayer:
    """A layer with logits and values drawn from a standard normal distribution."""
    tokens = 2 * (vertices - 2) + 1
    return AttentionLayer(
        weight=np.exp(rng.standard_normal((heads, tokens))),
        value=rng.standard_normal((heads, tokens, width)),
        bits=bits,
    )


@dataclass(frozen=True)
class FoolingPair:
    """Two sets of Alice and one of Bob, (n - 2,) bool each: one of hers meets his, one misses it."""

    meets: np.ndarray
    misses: np.ndarray
    bob: np.ndarray


def fooling_pair(layer: AttentionLayer) -> FoolingPair | None:
    """Two graphs with opposite answers and one input to the MLP; None if no two of Alice's sets collide.

    Tries all 2^(n - 2) sets. By the theorem there is a pair if `bits_of_sums()` is below n - 2.
    """
    k = layer.between
    sets = (np.arange(1 << k)[:, None] >> np.arange(k)) & 1 == 1
    levels = np.ascontiguousarray(layer.alice(sets))
    rows = levels.view(np.dtype((np.void, levels.itemsize * levels.shape[1]))).ravel()
    _, first, same_as = np.unique(rows, return_index=True, return_inverse=True)
    twins = np.flatnonzero(first[same_as] != np.arange(len(rows)))
    if not len(twins):
        return None
    one, other = sets[twins[0]], sets[first[same_as[twins[0]]]]
    vertex = np.flatnonzero(one != other)[0]
    bob = np.arange(k) == vertex
    return FoolingPair(meets=one, misses=other, bob=bob) if one[vertex] else FoolingPair(other, one, bob)


def fooled_share(
    vertices: int, heads: int, width: int, bits: int, layers: int, rng: np.random.Generator
) -> float:
    """The share of random layers for which `fooling_pair` finds one; each pair is checked on the layer."""
    fooled = 0
    for _ in range(layers):
        layer = random_layer(vertices, heads, width, bits, rng)
        pair = fooling_pair(layer)
        if pair is not None:
            same = layer.output(pair.meets, pair.bob) == layer.output(pair.misses, pair.bob)
            opposite = (pair.meets & pair.bob).any() and not (pair.misses & pair.bob).any()
            fooled += bool(same.all() and opposite)
    return fooled / layers
