"""How interpreters of one corpus are trained: from one encoder, with the same names of what can be meant."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from study.config.runs import RunSettings
from study.data.dataset import Split
from study.models.encoder import build
from study.models.interpreter import Interpreter
from study.models.tokenizer import Pieces, load_tokenizer
from study.seeds import torch_seed
from study.training.contracts import RunKey
from study.training.loop import train
from study.training.spoken import Names, Spoken, read_spoken
from study.training.text_inputs import check_lengths
from study.training.utterances import TrainingUtterances, Utterances
from study.training.weak_labels import EarlyModel, Hypothesis, Learned


class Interpreters:
    """Trains models that tell domain, intent and slots.

    Args:
        run: of the encoder: model and training.
        encoder: the folder that all models start from.
        names: what can be meant.
        device: where they train.
    """

    def __init__(self, run: RunSettings, encoder: Path, names: Names, device: torch.device) -> None:
        self._run, self._encoder, self._device = run, encoder, device
        self.names, self.tokenizer = names, load_tokenizer(encoder)

    def read(self, split: Split, intent: str, slots: str | None, where: str, source: str = "") -> Spoken:
        """A split's utterances; see `read_spoken`.

        Raises:
            StudyError: as there, or one is longer than the encoder takes.
        """
        spoken = read_spoken(split, self.tokenizer, self.names, intent, slots, where, source)
        self.check(
            spoken.pieces, lambda row: f"example {split.ids[row]}" + (f" ({source})" if source else "")
        )
        return spoken

    def check(self, pieces: Pieces, where: Callable[[int], str]) -> None:
        """Refuse utterances that are longer than the encoder takes; see `check_lengths`."""
        check_lengths(pieces, self._run, where)

    def utterances(self, spoken: Spoken) -> Utterances:
        """Utterances in the form that the models take."""
        return Utterances(spoken, self.tokenizer.pad_token_id, self._device)

    def learn(
        self, rows: np.ndarray, utterances: Utterances, key: RunKey, early: int | None = None
    ) -> Learned:
        """A model that learnt some rows; models with the same key start from the same weights.

        Args:
            rows: positions; one may occur several times.
            utterances: with their labels.
            key: of all random streams.
            early: the epoch after which the early model is kept; None: none is.
        """
        torch.manual_seed(torch_seed(*key, "init"))
        intents, tags, domains = (len(names) for names in self.names)
        network = build(self._run.model, self._encoder, intents)
        model = Interpreter(network, max(1, tags), self._run.model.dropout, domains).to(self._device)
        padding, training = self.tokenizer.pad_token_id, self._run.training
        task = TrainingUtterances(utterances, padding, rows, intents, training, key)
        kept = EarlyModel(early)
        train(model, task, training, key, [kept])
        return Learned(model, kept.model)

    def named(self, found: Hypothesis, prefix: str = "") -> dict[str, np.ndarray | list[str]]:
        """Columns of what a model says, `domain, intent, slots`, by name; no `slots` in a corpus without."""
        names = self.names
        told = {"domain": names.domains[found.domains], "intent": names.intents[found.intents]}
        if len(names.tags):
            told["slots"] = [" ".join(names.tags[each]) for each in found.tags]
        return {f"{prefix}{part}": values for part, values in told.items()}
