"""Classifiers of texts: an encoder of the transformers library, and a head on its first token."""

from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig
from transformers.utils import logging

logging.disable_progress_bar()  # a line for each encoder that is read, in every log
logging.set_verbosity_error()  # a table of the layers that are left out

SAFE = {"use_safetensors": True, "trust_remote_code": False}
"""How weights of others are opened: nothing is unpickled, and no code of theirs runs or is asked about."""


class Tokens(NamedTuple):
    """Texts as an encoder takes them, B rows padded to L tokens."""

    ids: Tensor  # (B, L) int64
    types: Tensor  # (B, L) int64, 1 in the second text of a pair
    mask: Tensor  # (B, L) int64, 0 where padding stands


class Encoder(nn.Module):
    """An encoder and its head.

    Args:
        backbone: a model of the transformers library with `embeddings`, such as `BertModel`.
        widths: of the head's hidden layers; none: the head is linear.
        classes: C.
        dropout: before each of the head's layers.
        head_rate: learning rate of the head in units of the encoder's.
    """

    def __init__(
        self, backbone: nn.Module, widths: list[int], classes: int, dropout: float, head_rate: float = 1.0
    ) -> None:
        super().__init__()
        self.backbone, self._head_rate = backbone, head_rate
        sizes = [backbone.config.hidden_size, *widths]
        hidden = [
            layer
            for before, after in pairwise(sizes)
            for layer in (nn.Dropout(dropout), nn.Linear(before, after), nn.ReLU())
        ]
        self.head = nn.Sequential(*hidden, nn.Dropout(dropout), nn.Linear(sizes[-1], classes))

    def forward(self, tokens: Tokens) -> Tensor:
        """Logits, (B, C)."""
        return self.head(self.features(tokens))

    def features(self, tokens: Tokens) -> Tensor:
        """What the head sees, (B, D): the first token at the end of the encoder."""
        return self.states(tokens)[:, 0]

    def states(self, tokens: Tokens) -> Tensor:
        """Every token at the end of the encoder, (B, L, D)."""
        types = {"token_type_ids": tokens.types} if self._tells_texts_apart() else {}
        return self.backbone(input_ids=tokens.ids, attention_mask=tokens.mask, **types).last_hidden_state

    @property
    def embeddings(self) -> nn.Module:
        """The module whose output, (B, L, D), is the first that depends on the tokens."""
        return self.backbone.embeddings

    @property
    def last_layers(self) -> list[nn.Module]:
        """The encoder's last layer, and the head."""
        return [_layers(self.backbone)[-1], self.head]

    def rate_factors(self) -> list[tuple[nn.Module, float]]:
        """The parts that learn at rates of their own, and these in units of the schedule's."""
        return [(self.backbone, 1.0), (self.head, self._head_rate)]

    def _tells_texts_apart(self) -> bool:
        return getattr(self.backbone.config, "type_vocab_size", 0) > 1


def _layers(backbone: nn.Module) -> nn.ModuleList:
    """The stack of an encoder's layers: the longest list of modules in it."""
    stacks = [module for module in backbone.modules() if isinstance(module, nn.ModuleList)]
    return max(stacks, key=len)


def build(settings: Any, folder: Path, classes: int) -> Encoder:
    """A classifier with the weights of a prepared encoder, and a fresh head (torch's global generator).

    Args:
        settings: a `study.config.architectures.EncoderSettings`; where they start from scratch, the encoder's
            weights are fresh too.
        folder: the encoder, as `study.training.pretraining` prepares it.
        classes: C.
    """
    if settings.start == "scratch":
        backbone = AutoModel.from_config(settings_of(folder), **without_pooler(folder))
    else:
        backbone = AutoModel.from_pretrained(folder, **SAFE, **without_pooler(folder))
    for module in backbone.modules():
        if isinstance(module, nn.Dropout):
            module.p = settings.dropout
    return Encoder(backbone.float(), settings.head, classes, settings.dropout, settings.head_rate)


def without_pooler(folder: Path) -> dict[str, bool]:
    """What tells a model of the family of BERT to leave out the layer that served another objective."""
    family = ("albert", "bert", "camembert", "roberta", "xlm-roberta")
    return {"add_pooling_layer": False} if settings_of(folder).model_type in family else {}


def settings_of(folder: Path) -> PretrainedConfig:
    """The settings of a model in a folder; transformers would ask whether to run code that comes with it."""
    return AutoConfig.from_pretrained(folder, trust_remote_code=False)
