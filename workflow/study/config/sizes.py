"""Which sizes of models fit each other and the images: for those who read a configuration, and for models."""

from collections.abc import Sequence

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
