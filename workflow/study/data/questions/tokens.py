"""How a question is written as tokens, whatever it is about.

`context QUERY question ANSWER answer END PAD ...`: a context (the edges of a graph, say; it may be empty), a
question about it, and the answer. Rows are padded at their end to one length. The first four ids are the
same in every vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SPECIAL = ("PAD", "QUERY", "ANSWER", "END")
PAD, QUERY, ANSWER, END = range(len(SPECIAL))
FIRST = len(SPECIAL)  # the first id of a vocabulary's own symbols


@dataclass(frozen=True)
class Questions:
    """N questions with their answers, and what is known of each."""

    tokens: np.ndarray
    """(N, L) uint8 or uint16."""
    facts: dict[str, np.ndarray]
    """(N,) arrays by name."""

    @property
    def labels(self) -> np.ndarray:
        """(N,) int64: the first token of each answer."""
        return self.tokens[np.arange(len(self.tokens)), first_of(self.tokens, ANSWER) + 1].astype(np.int64)


def token_type(vocabulary: Sequence[str]) -> type:
    """The smallest unsigned type that holds every id of a vocabulary."""
    return np.uint8 if len(vocabulary) <= 256 else np.uint16


def first_of(tokens: np.ndarray, symbol: int) -> np.ndarray:
    """(..., L) -> (...,) int64: where a symbol stands first in each row; every row has to hold it."""
    return (tokens == symbol).argmax(axis=-1)


def answered(tokens: np.ndarray) -> np.ndarray:
    """(..., L) -> (..., L) bool: the tokens that are to be predicted, from behind ANSWER to END."""
    place = np.arange(tokens.shape[-1])
    start, end = first_of(tokens, ANSWER), first_of(tokens, END)
    return (place > start[..., None]) & (place <= end[..., None])


def written(tokens: np.ndarray, vocabulary: Sequence[str]) -> str:
    """A row in words, without its padding."""
    return " ".join(vocabulary[token] for token in tokens if token != PAD)
