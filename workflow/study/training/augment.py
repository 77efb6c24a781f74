"""Random shifts and mirror images of whole minibatches at once."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Moves:
    """One move of the image for each of n presentations, in the order of presentation."""

    down: Tensor
    """(n,) int64 in 0…2·shift: first row of the window in the padded image; `shift` is no move."""
    right: Tensor
    """(n,) the same for columns."""
    mirror: Tensor
    """(n,) bool: swap left and right."""

    @classmethod
    def draw(cls, n: int, shift: int, flip: bool, rng: np.random.Generator, device: torch.device) -> "Moves":
        """n independent moves: every shift of up to `shift` pixels in both directions is equally likely."""
        corners = torch.from_numpy(rng.integers(0, 2 * shift + 1, (2, n))).to(device)
        mirror = torch.from_numpy(rng.random(n) < (0.5 if flip else 0.0)).to(device)
        return cls(corners[0], corners[1], mirror)


def pad(images: Tensor, shift: int) -> Tensor:
    """(N, C, H, W) -> (N, C, H + 2·shift, W + 2·shift), with black around."""
    return functional.pad(images, (shift,) * 4) if shift else images


def unpadded(padded: Tensor, shift: int) -> Tensor:
    """A view of the images inside their padding."""
    return padded[:, :, shift : padded.shape[2] - shift, shift : padded.shape[3] - shift]


def moved(padded: Tensor, shift: int, indices: Tensor, moves: Moves, window: slice) -> Tensor:
    """Some images, each under its own move ("pad and crop", He et al. 2016, section 4.2).

    Args:
        padded: (N, C, H + 2·shift, W + 2·shift) all images, as `pad` gives them.
        shift: the padding.
        indices: (B,) which images.
        moves: the moves of an epoch.
        window: which B of the moves.

    Returns:
        (B, C, H, W)
    """
    height, width = padded.shape[2] - 2 * shift, padded.shape[3] - 2 * shift
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # (N, C, down, right, H, W), a view
    images = windows[indices, :, moves.down[window], moves.right[window]]
    # Not by a mask: to count what it chooses, the processor would wait for a GPU, in every step.
    return torch.where(moves.mirror[window, None, None, None], images.flip(-1), images)
