"""Bounds of Mixture of Parrots (Jelassi et al. 2024, section 3): what width a transformer of depth 1 needs.

Sizes: n vertices, H heads of width m, numbers of p bits, K experts behind the attention layer.
"""

from math import ceil, log2

import pandas as pd


def minimum_width(vertices: int, heads: int, bits: float) -> int:
    """The least width at which length-2 path is not ruled out, for any MLP and any number of experts.

    Theorem 3.2: by set disjointness, heads * (width + 1) * bits >= vertices - 2. At least 1.
    """
    return max(1, ceil((vertices - 2) / (heads * bits) - 1))


def solving_width(vertices: int) -> int:
    """A width that suffices for one dense model with one head (theorem 3.3, built in `theory.dense`)."""
    return vertices


def matched_width(dense_width: float, experts: int) -> float:
    """The width of a mixture of K experts with as many parameters as a dense model: m / sqrt(K)."""
    return dense_width / experts**0.5


def index_bits(length: int) -> int:
    """Bits that hold a position of a sequence, the precision that the theorems assume: ceil(log2 N)."""
    return max(1, ceil(log2(length)))


def too_narrow_from(vertices: int, dense_width: float, heads: int, bits: float) -> int:
    """K*: the least number of experts at which a mixture of equal size is ruled out (corollary 3.4).

    The least K with dense_width / sqrt(K) < minimum width; with one head, about (c * bits)^2 for a dense
    width of c * vertices. Raises ValueError where no width is ruled out (minimum width 1).
    """
    least = minimum_width(vertices, heads, bits)
    if least <= 1:
        raise ValueError(f"{vertices} vertices at {bits} bits and {heads} heads rule out no width")
    return int((dense_width / least) ** 2) + 1


def bounds_table(vertices: list[int], heads: list[int], bits: list[int]) -> pd.DataFrame:
    """Widths that are ruled out and that suffice, a row for each size: the table `bounds.csv`.

    Columns: vertices, heads, bits (the ones given, and those that hold a position: `index`), precision
    (which of them), minimum_width, solving_width, too_narrow_experts (K* of a dense model of the solving
    width; empty where no width is ruled out).
    """
    rows = []
    for n in vertices:
        positions = index_bits(n * (n - 1))
        for h in heads:
            for precision, p in [("index", positions), *((str(b), b) for b in bits)]:
                least = minimum_width(n, h, p)
                rows.append(
                    {
                        "vertices": n,
                        "heads": h,
                        "bits": p,
                        "precision": precision,
                        "minimum_width": least,
                        "solving_width": solving_width(n),
                        "too_narrow_experts": too_narrow_from(n, n, h, p) if least > 1 else None,
                    }
                )
    return pd.DataFrame(rows).astype({"too_narrow_experts": "Int64"})
