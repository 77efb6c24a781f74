"""Labelled texts as generators and readers give them."""

from typing import NamedTuple

import numpy as np


class Texts(NamedTuple):
    """N examples, each with one text or with two (premise and hypothesis, say)."""

    texts: tuple[list[str], ...]
    """One list of N texts, or two."""
    labels: np.ndarray
    """(N,) int64."""
    facts: dict[str, np.ndarray]
    """What is known of each example, (N,) arrays of numbers, booleans or strings, by name."""
