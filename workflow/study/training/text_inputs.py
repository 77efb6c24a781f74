"""What all runs of an encoder on a data set share: its folder, and the data set in its word pieces."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from study.config.runs import RunSettings
from study.data.dataset import Dataset, Split
from study.data.text.packed import unpack
from study.errors import StudyError
from study.files import digest_of_file
from study.models.tokenizer import Pieces, cut, load_tokenizer
from study.provenance import digest
from study.training.contracts import key_of
from study.training.texts import Texts, TrainingTexts


class TextInputs(NamedTuple):
    """A data set in the word pieces of an encoder."""

    train: Pieces
    test: Pieces
    padding: int
    empty: Pieces  # of the training examples, each without its texts

    def whole(self, split: Split, pieces: Pieces, device: torch.device) -> Texts:
        """A split as evaluations see it."""
        return Texts(pieces, split.labels, self.padding, device)

    def task(
        self, run: RunSettings, data: Dataset, device: torch.device, rows: np.ndarray | None = None
    ) -> TrainingTexts:
        """The training split, or some of its rows, as a run trains on it."""
        pieces = self.empty if run.variant and run.variant.family == "null" else self.train
        classes, key = len(data.classes), key_of(run)
        labels = data.train.labels
        return TrainingTexts(pieces, labels, self.padding, device, rows, classes, run.training, key)


def text_inputs(run: RunSettings, data: Dataset, root: Path) -> TextInputs:
    """Both splits of a data set in the word pieces of a run's encoder.

    Raises:
        StudyError: a text is longer than the encoder takes.
    """
    tokenizer = load_tokenizer(root / run.encoder)
    longest = run.model.positions if run.model.truncate else None
    found = []
    for split in (data.train, data.test):
        pieces = cut(tokenizer, unpack(split.inputs), longest)
        check_lengths(pieces, run, lambda row, split=split: f"example {split.ids[row]}")
        found.append(pieces)
    texts = len(unpack(data.train.inputs[:1])[0])
    one = cut(tokenizer, [("",) * texts])
    n = len(data.train.labels)
    length = len(one.ids)
    empty = Pieces(np.tile(one.ids, n), np.tile(one.types, n), length * np.arange(1, n + 1))
    return TextInputs(*found, tokenizer.pad_token_id, empty)


def encoder_digest(folder: Path) -> str:
    """A digest of an encoder's weights and word pieces."""
    return digest("".join(digest_of_file(folder / name) for name in ("model.safetensors", "tokenizer.json")))


def check_lengths(pieces: Pieces, run: RunSettings, where: Callable[[int], str]) -> None:
    """Refuse texts that are longer than a run's encoder takes.

    Args:
        where: of a row, where it stands.

    Raises:
        StudyError: some are.
    """
    too_long = np.flatnonzero(pieces.lengths > run.model.positions)
    if len(too_long):
        row = int(pieces.lengths.argmax())
        raise StudyError(
            f"{len(too_long)} of {len(pieces.lengths)} texts are longer than {run.model_name} takes: the "
            f"longest has {pieces.lengths[row]} word pieces, and it takes {run.model.positions}",
            where=where(row),
            expected=f"texts of at most {run.model.positions} word pieces",
            do=f"set models.{run.model_name}.positions to {pieces.lengths[row]} or more, or truncate: true",
        )
