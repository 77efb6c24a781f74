"""Intent and slots of an utterance, and its domain: heads on one encoder (arXiv 1902.10909)."""

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
    domains: Tensor | None  # (B, D) logits; None where the interpreter is not asked for them


class Interpreter(nn.Module):
    """An encoder whose first token tells intent and domain, and each word's first piece the word's slot.

    Args:
        encoder: with a head for I intents.
        tags: S, the number of BIO tags.
        dropout: before the heads of slots and of domains.
        domains: D; 0: it does not tell the domain.
    """

    def __init__(self, encoder: Encoder, tags: int, dropout: float, domains: int = 0) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.backbone.config.hidden_size
        self.slots = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, tags))
        self.domains = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, domains)) if domains else None

    def forward(self, words: Words) -> Interpretation:
        """Logits of intents, of tags, and of domains."""
        states = self.encoder.states(words.tokens)
        first, starts = states[:, 0], states[words.rows, words.places]
        domains = self.domains(first) if self.domains else None
        return Interpretation(self.encoder.head(first), self.slots(starts), domains)
