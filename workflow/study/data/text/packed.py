"""Texts as rows of bytes, the form in which prepared data sets hold them.

A row is the UTF-8 bytes of an example's one or two texts, with a byte between them and zeros behind them that
occur in no text. So texts are mapped into memory, cut and digested as images are.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

_BETWEEN = b"\xff"  # no byte of UTF-8


def pack(texts: Sequence[Sequence[str]]) -> np.ndarray:
    """One list of N texts, or two -> (N, W) uint8, W the bytes of the longest example."""
    rows = [_BETWEEN.join(text.encode() for text in example) for example in zip(*texts, strict=True)]
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    packed = np.zeros((len(rows), max(1, int(lengths.max(initial=0)))), dtype=np.uint8)
    packed[np.arange(packed.shape[1]) < lengths[:, None]] = np.frombuffer(b"".join(rows), np.uint8)
    return packed


def unpack(packed: np.ndarray) -> list[tuple[str, ...]]:
    """(N, W) uint8 -> the texts of each example."""
    return [tuple(text.decode() for text in row.tobytes().rstrip(b"\0").split(_BETWEEN)) for row in packed]


def text_hashes(packed: np.ndarray) -> np.ndarray:
    """(N,) str: the first 16 hex digits of the sha256 of each example's texts, whatever the width."""
    digests = [hashlib.sha256(b"text " + row.tobytes().rstrip(b"\0")).hexdigest() for row in packed]
    return np.array([digest[:16] for digest in digests], dtype=np.str_)
