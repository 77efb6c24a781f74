"""A small vision transformer (Dosovitskiy et al. 2021): pre-norm, mean over tokens instead of a class token.

Shapes: B examples, T tokens (patches), D features, h heads of D/h.
"""

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from study.config.sizes import check_heads, check_patch
from study.models.layers import Positions


class Attention(nn.Module):
    """Multi-head self-attention, (B, T, D) -> (B, T, D)."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        B, T, D = x.shape
        q, k, v = (
            self.qkv(x).view(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        )  # (B, h, T, D/h)
        mixed = functional.scaled_dot_product_attention(q, k, v)
        return self.out(mixed.transpose(1, 2).reshape(B, T, D))


class EncoderBlock(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, dim: int, heads: int, mlp_ratio: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp_ratio * dim), nn.GELU(), nn.Linear(mlp_ratio * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    """Patches of `patch` × `patch` pixels, `depth` blocks of width `dim`."""

    def __init__(
        self,
        patch: int,
        dim: int,
        depth: int,
        heads: int,
        mlp_ratio: int,
        image_shape: tuple[int, int, int],
        classes: int,
    ) -> None:
        super().__init__()
        channels, height, width = image_shape
        check_patch(patch, height, width)
        check_heads(dim, heads)
        self.patch = patch
        self.embed = nn.Linear(channels * patch**2, dim)
        self.positions = Positions((height // patch) * (width // patch), dim)
        self.blocks = nn.Sequential(*(EncoderBlock(dim, heads, mlp_ratio) for _ in range(depth)))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)
        self.apply(_initialise)

    def features(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D): mean over the tokens of the last block's normalised output."""
        return self.norm(self.blocks(self._tokens(x))).mean(1)

    def probes(self, x: Tensor) -> Iterator[Tensor]:
        """The embedded patches with their positions, and outputs of the blocks, (B, T, D) each."""
        x = self._tokens(x)
        yield x
        for block in self.blocks:
            x = block(x)
            yield x

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))

    def _tokens(self, x: Tensor) -> Tensor:
        B, C, H, W = x.shape
        p = self.patch
        patches = x.reshape(B, C, H // p, p, W // p, p).permute(0, 2, 4, 1, 3, 5)  # (B, H/p, W/p, C, p, p)
        return self.positions(self.embed(patches.reshape(B, -1, C * p * p)))


def build(settings: Any, image_shape: tuple[int, int, int], classes: int) -> Vit:
    """From `VitSettings`."""
    sizes = (settings.patch, settings.dim, settings.depth, settings.heads, settings.mlp_ratio)
    return Vit(*sizes, image_shape, classes)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
