"""Shifts and mirror images, against slicing and numpy one image at a time."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from study.training.augment import Moves, moved, pad, unpadded

CPU = torch.device("cpu")


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(1, 6),
    channels=st.integers(1, 3),
    height=st.integers(1, 5),
    width=st.integers(1, 5),
    shift=st.integers(0, 3),
    flip=st.booleans(),
    seed=st.integers(0, 99),
)
def test_moves_are_pad_crop_and_mirror(n, channels, height, width, shift, flip, seed):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n, channels, height, width), dtype=np.uint8)
    order = rng.permutation(n)
    moves = Moves.draw(n, shift, flip, rng, CPU)
    padded = pad(torch.from_numpy(images), shift)
    got = moved(padded, shift, torch.from_numpy(order), moves, slice(0, n)).numpy()
    for place, index in enumerate(order):
        black = np.zeros((channels, height + 2 * shift, width + 2 * shift), np.uint8)
        black[:, shift : shift + height, shift : shift + width] = images[index]
        top, left = int(moves.down[place]), int(moves.right[place])
        expected = black[:, top : top + height, left : left + width]
        if moves.mirror[place]:
            expected = expected[:, :, ::-1]
        assert np.array_equal(got[place], expected)
    assert np.array_equal(unpadded(padded, shift).numpy(), images)


def test_a_window_takes_its_own_moves():
    images = torch.arange(4 * 9, dtype=torch.uint8).reshape(4, 1, 3, 3)
    moves = Moves.draw(4, 1, True, np.random.default_rng(0), CPU)
    order = torch.tensor([2, 0, 3, 1])
    whole = moved(pad(images, 1), 1, order, moves, slice(0, 4))
    halves = [moved(pad(images, 1), 1, order[w], moves, w) for w in (slice(0, 2), slice(2, 4))]
    assert torch.equal(whole, torch.cat(halves))


def test_every_shift_is_as_likely_and_no_mirror_without_flip():
    moves = Moves.draw(9000, 1, False, np.random.default_rng(0), CPU)
    counts = torch.bincount(3 * moves.down + moves.right, minlength=9)
    assert counts.min() > 850
    assert counts.max() < 1150
    assert not moves.mirror.any()


def test_half_are_mirrored_with_flip():
    mirrored = Moves.draw(9000, 0, True, np.random.default_rng(0), CPU).mirror
    assert 0.47 < mirrored.double().mean() < 0.53
