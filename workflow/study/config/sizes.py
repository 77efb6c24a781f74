"""Which sizes of models fit each other and the images: for those who read a configuration, and for models."""

from collections.abc import Sequence

import psutil

from study import counts
from study.errors import StudyError


def check_depth(depth: int) -> None:
    """Refuse a depth that a residual network for small images cannot have (He et al. 2015, section 4.2)."""
    n, rest = divmod(depth - 2, 6)
    if n < 1 or rest:
        raise StudyError(
            f"a residual network for small images cannot have depth {depth}",
            where="resnet: depth",
            expected="6n + 2 layers: 8, 14, 20, 26, 32, 44, 56, …",
            do=f"set depth to {6 * max(1, round((depth - 2) / 6)) + 2}",
        )


def check_stages(stages: Sequence[Sequence[int]], height: int, width: int) -> None:
    """Refuse more stages than an image of `height` × `width` pixels can be halved."""
    most = min(height, width).bit_length() - 1
    if not 1 <= len(stages) <= most:
        raise StudyError(
            f"{len(stages)} pooling stages do not fit images of {height} × {width} pixels",
            where="vgg: stages",
            expected=f"from 1 to {most} stages, since each one halves the image",
            do=f"keep at most {most} of the stages {[list(stage) for stage in stages]}",
        )


def check_patch(patch: int, height: int, width: int) -> None:
    """Refuse patches that do not tile an image of `height` × `width` pixels."""
    if height % patch or width % patch:
        fitting = [p for p in range(1, min(height, width) + 1) if height % p == 0 and width % p == 0]
        raise StudyError(
            f"patches of {patch} × {patch} pixels do not tile images of {height} × {width}",
            where="vit: patch",
            expected=f"a patch that divides both sides: {', '.join(map(str, fitting))}",
            do=f"set patch to {min(fitting, key=lambda p: abs(p - patch))}",
        )


def check_heads(dim: int, heads: int) -> None:
    """Refuse a width that attention heads cannot share evenly."""
    if dim % heads:
        raise StudyError(
            f"{heads} attention heads cannot share {dim} features evenly",
            where="vit: heads",
            expected="a number of heads that divides dim",
            do=f"set dim to {heads * max(1, round(dim / heads))}, or change heads",
        )


def check_rotated(dim: int, heads: int) -> None:
    """Refuse heads whose features rotary positions cannot turn in pairs."""
    if dim // heads % 2:
        raise StudyError(
            f"{heads} attention heads have {dim // heads} features each, and rotary positions turn pairs",
            where="decoder: heads",
            expected="an even number of features in a head (dim / heads)",
            do=f"set dim to {2 * heads * max(1, round(dim / heads / 2))}, or change heads",
        )


def check_experts(experts: int, top_k: int) -> None:
    """Refuse more experts at work for a token than there are."""
    if 1 < experts < top_k:
        raise StudyError(
            f"top_k: {top_k} experts are to work for a token, and there are {experts}",
            where="decoder: top_k",
            expected="top_k at most experts",
            do=f"set top_k to {experts} or less, or raise experts",
        )


def check_grouped(dim: int, width: int) -> None:
    """Refuse sizes whose rows are no multiples of 16 bytes in float32, which grouped_mm asks for."""
    for key, value in (("dim", dim), ("expert width", width)):
        if value % 4:
            raise StudyError(
                f"{key} {value} does not suit grouped_mm, whose rows are multiples of 16 bytes (4 numbers)",
                where="decoder",
                expected=f"a multiple of 4 as {key}",
                do=f"set it to {4 * max(1, round(value / 4))}, or experts_implementation to eager",
            )


def check_books(names: int, letters: int) -> None:
    """Refuse more names than there are."""
    there = counts.names(letters)
    if names > there:
        raise ValueError(
            f"{names:,} different names are asked for, and there are {there:,} of {letters} letters: "
            "ask for fewer, or for longer names"
        )


def check_graphs(graphs: int, vertices: int) -> None:
    """Refuse more graphs than there are."""
    there = counts.graphs(vertices)
    if graphs > there:
        raise ValueError(
            f"{graphs:,} different graphs are asked for, and there are {there:,} of {vertices} vertices: "
            "ask for fewer, or for more vertices"
        )


def check_rows(rows: int, tokens: int, vocabulary: int) -> None:
    """Refuse questions that would not fit into half of this machine's memory."""
    needed = rows * tokens * (1 if vocabulary <= 256 else 2)
    machine = psutil.virtual_memory().total
    if needed > machine / 2:
        raise ValueError(
            f"{rows:,} questions of {tokens:,} tokens need {needed / 2**30:,.1f} GiB, and this machine has "
            f"{machine / 2**30:,.1f} GiB: ask for fewer graphs, questions or vertices"
        )


def check_walks(asked: Sequence[int], held_out: Sequence[int], vertices: int, roads: int) -> None:
    """Refuse more walks than there are."""
    for hops, (some, others) in enumerate(zip(asked, held_out, strict=False), start=2):
        there = counts.walks(vertices, roads, hops)
        if there >= 2**63:
            raise ValueError(
                f"there are {there:.0e} questions of {hops} hops, more than can be numbered: ask for fewer "
                "hops, vertices or roads"
            )
        if some + others > there:
            raise ValueError(
                f"{some:,} + {others:,} questions of {hops} hops are asked for, and there are {there:,}: ask "
                "for fewer, or for more vertices or roads"
            )
