"""Intent and slots of an utterance: two heads on one encoder (arXiv 1902.10909)."""

from typing import NamedTuple

from torch import Tensor, nn

from study.models.encoder import Encoder, Tokens


class Words(NamedTuple):
    """Utterances as an interpreter takes them."""

    tokens: Tokens  # B rows of L word pieces
    rows: Tensor  # (M,) int64, the row of each of the M words
    places: Tensor  # (M,) int64, where each word's first piece stands


class Interpretation(NamedTuple):
    """What an interpreter puts out."""

    intents: Tensor  # (B, I) logits
    slots: Tensor  # (M, S) logits of the words' tags


class Interpreter(nn.Module):
    """An encoder whose first token tells the intent, and each word's first piece the word's slot.

    Args:
        encoder: with a head for I intents.
        tags: S, the number of BIO tags.
        dropout: before the head of slots.
    """

    def __init__(self, encoder: Encoder, tags: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.backbone.config.hidden_size
        self.slots = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, tags))

    def forward(self, words: Words) -> Interpretation:
        """Logits of intents and of tags."""
        states = self.encoder.states(words.tokens)
        return Interpretation(self.encoder.head(states[:, 0]), self.slots(states[words.rows, words.places]))
