"""Generated images whose difficulty has a known cause."""

import numpy as np
from numpy.typing import NDArray

from study.data.splits import Part, Source
from study.seeds import generator

_WAVES = 3  # cosines per axis in a class's pattern: smooth even at 8x8 pixels
_CONTRAST = 0.22  # standard deviation of a pattern's pixels; the whole range of a pixel is 1


def read_blends(name: str, settings, study_seed: int) -> Source:
    """Blends: each image is its class's pattern mixed with another class's, plus pixel noise.

    `image = (1 - a) * pattern[label] + a * pattern[other] + noise`, with the ambiguity `a` in [0, 0.5): at 0
    the image is purely its class's, near 0.5 the label is a coin's toss. Half of the examples have `a` < 1/8.

    Facts: `ambiguity` (a), `other_label` (the class that is mixed in) and `noise_rms` (the root mean square
    of the noise that this image got, before pixels are cut to their range; 1 is the whole range of a pixel).

    Args:
        name: the data set's name: another name gives other images.
        settings: the data set's settings (`BlendsData`).
        study_seed: the study's seed.
    """
    shape = (settings.channels, settings.image_size, settings.image_size)
    patterns = _patterns(settings.classes, shape, generator(study_seed, name, "blends", "patterns"))
    parts = {}
    for part, size in (("train", settings.train_size), ("test", settings.test_size)):
        rng = generator(study_seed, name, "blends", part)
        parts[part] = _blend(patterns, size, settings.pixel_noise, rng, f"generated data set {name}, {part}")
    classes = tuple(f"pattern {k}" for k in range(settings.classes))
    return Source(parts["train"], parts["test"], classes, f"generated:{settings.family}")


def _patterns(classes: int, shape: tuple[int, int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """(classes, C, H, W) random sums of slow cosines around 0.5, all of the same contrast."""
    position = (np.arange(shape[1]) + 0.5) / shape[1]
    waves = np.cos(np.pi * np.outer(np.arange(_WAVES), position))  # (waves, H)
    weights = rng.standard_normal((classes, shape[0], _WAVES, _WAVES))
    weights[:, :, 0, 0] = 0  # no class is told apart by brightness alone
    patterns = np.einsum("kcij,ih,jw->kchw", weights, waves, waves)
    spread = patterns.std(axis=(1, 2, 3), keepdims=True)
    return 0.5 + _CONTRAST * patterns / spread


def _blend(
    patterns: NDArray[np.float64], size: int, pixel_noise: float, rng: np.random.Generator, where: str
) -> Part:
    classes = len(patterns)
    labels = rng.permutation(np.arange(size) % classes)  # class counts differ by one at most
    other = (labels + rng.integers(1, classes, size)) % classes
    ambiguity = 0.5 * rng.random(size) ** 2
    noise = pixel_noise * rng.standard_normal((size, *patterns.shape[1:]))
    weight = ambiguity[:, None, None, None]
    images = (1 - weight) * patterns[labels] + weight * patterns[other] + noise
    inputs = np.round(255 * images.clip(0, 1)).astype(np.uint8)
    facts = {
        "ambiguity": ambiguity,
        "other_label": other,
        "noise_rms": np.sqrt((noise**2).mean(axis=(1, 2, 3))),
    }
    return Part(labels, lambda rows: inputs[rows], lambda row: f"{where}, example {row}", facts)
