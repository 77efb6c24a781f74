"""The encoder that all runs of a model on a data set start from: made here, or fetched, once."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn
from transformers import BertConfig, BertForMaskedLM

from study import paths
from study.config.architectures import EncoderSettings
from study.config.influence import PretrainingSettings
from study.config.study import StudySettings
from study.config.training import resolve
from study.data.dataset import check as check_dataset
from study.data.text.packed import unpack
from study.files import end_lines, write_csv, write_json
from study.models.tokenizer import SPECIAL, Pieces, cut, train_tokenizer
from study.provenance import code_version, digest, package_versions
from study.seeds import generator, torch_seed
from study.training.checkpoint import Checkpoint
from study.training.contracts import Epoch, Observer, RunKey
from study.training.device import device_kind, prepare_device
from study.training.encoder_source import fetch
from study.training.loop import train
from study.training.masked_texts import Guesser, MaskedTexts, Masking, guessed
from study.training.recorders import Clock
from study.training.texts import Texts

log = logging.getLogger(__name__)

COLUMNS = ("epoch", "train_loss", "held_out_loss", "held_out_accuracy")


def prepare_encoder(
    study: StudySettings, chapter: str, dataset: str | None, model: str, root: str | Path = "."
) -> None:
    """Write the folder of a model's encoder, as transformers opens it, and how it came about.

    It is of one data set, or, where none is named, of all those of the chapter. Made here: word pieces
    and a BERT, which guesses masked pieces of the training texts unless it starts from scratch. Else a model
    of the hub or of a local folder, copied, so that all runs start from the same bytes.

    Raises:
        StudyError: the model cannot be fetched or is none that can be used; or a file cannot be written.
    """
    root = Path(root)
    names = [dataset] if dataset else getattr(study, chapter).datasets
    place = paths.encoder(chapter, dataset, model) if dataset else paths.common_encoder(chapter, model)
    if not study.models[model].made_here:
        names = []  # it has read other texts
    datasets = [check_dataset(root / paths.data_folder(name)) for name in names]
    texts = [example for data in datasets for example in unpack(data.train.inputs)]
    digests = [data.digest for data in datasets]
    version = digests[0] if len(digests) == 1 else digest(" ".join(digests))
    work = root / paths.WORK / Path(place).relative_to(paths.RESULTS).parent
    make_encoder(study, chapter, model, texts, version, root / place, work)


def make_encoder(
    study: StudySettings,
    chapter: str,
    model: str,
    texts: Sequence[Sequence[str]],
    version: str,
    folder: Path,
    work: Path,
) -> None:
    """The same from any texts.

    Args:
        texts: one or two of each example.
        version: a digest of them.
        folder: the encoder's.
        work: where a training that is interrupted leaves its state.
    """
    settings = study.models[model]
    folder.mkdir(parents=True, exist_ok=True)
    if not settings.made_here:
        origin = fetch(settings, model, folder)
        write_csv(folder / "pretraining.csv", pd.DataFrame(columns=list(COLUMNS)))
    else:
        making = _Making(study, getattr(study, chapter).pretraining, settings, texts, version)
        write_csv(folder / "pretraining.csv", making.make(folder, work / f"encoder-{making.version}"))
        origin = {"data": version, "texts": len(texts), "packages": package_versions()}
    end_lines(folder)
    write_json(folder / "origin.json", {"start": settings.start} | origin)


class _Making:
    """Word pieces and a BERT of some texts."""

    def __init__(
        self,
        study: StudySettings,
        how: PretrainingSettings,
        settings: EncoderSettings,
        texts: Sequence[Sequence[str]],
        data: str,
    ) -> None:
        self._how, self._settings, self._texts = how, settings, texts
        self._training = resolve(study.training, how.training)
        self._seconds = study.runtime.checkpoint_seconds
        self._device = prepare_device(study.runtime.device, study.runtime.threads)
        self._key = RunKey(study.seed, 0, f"{data[:16]}/encoder")
        told = f"{how.model_dump_json()} {settings.model_dump_json()} {self._training} {study.seed}"
        versions = (code_version(__name__), package_versions(), data, device_kind(self._device))
        self.version = digest(f"{told} {versions}")

    def make(self, folder: Path, work: Path) -> pd.DataFrame:
        """Write tokenizer and encoder; returns the history of its training."""
        every = [text for example in self._texts for text in example]
        tokenizer = train_tokenizer(every, self._settings.vocabulary, self._settings.positions)
        torch.manual_seed(torch_seed(*self._key, "init"))
        network = BertForMaskedLM(self._config(tokenizer))
        history = pd.DataFrame(columns=list(COLUMNS))
        if self._settings.start == "pretrain":
            longest = self._settings.positions  # what is longer is refused when runs train, or cut there too
            history = self._train(network, tokenizer, cut(tokenizer, self._texts, longest), work)
        network.bert.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return history

    def _config(self, tokenizer) -> BertConfig:
        settings = self._settings
        return BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=settings.dim,
            num_hidden_layers=settings.layers,
            num_attention_heads=settings.heads,
            intermediate_size=settings.ffn or 4 * settings.dim,
            max_position_embeddings=settings.positions,
            hidden_dropout_prob=settings.dropout,
            attention_probs_dropout_prob=settings.dropout,
            pad_token_id=tokenizer.pad_token_id,
        )

    def _train(self, network: BertForMaskedLM, tokenizer, pieces: Pieces, work: Path) -> pd.DataFrame:
        n, device = len(pieces.ends), self._device
        rng = generator(*self._key, "held out")
        held_out = np.sort(rng.choice(n, max(1, round(self._how.held_out * n)), replace=False))
        rows = np.setdiff1d(np.arange(n), held_out)
        masking = Masking(self._how.masked, tokenizer.mask_token_id, len(tokenizer), len(SPECIAL))
        texts = (pieces, np.zeros(n, np.int64), tokenizer.pad_token_id, device)
        task = MaskedTexts(*texts, rows, len(tokenizer), self._training, self._key, masking=masking)
        model, clock = Guesser(network).to(device), Clock()
        history = History(Texts(*texts), held_out, masking, self._key)
        checkpoint = Checkpoint(work / "checkpoint.safetensors", self._seconds)
        train(model, task, self._training, self._key, [history, clock], checkpoint)
        checkpoint.remove()
        log.info("the encoder is trained after %.0f s", clock.seconds())
        network.cpu()
        return history.frame()


class History(Observer):
    """How well hidden pieces of held-out texts are guessed after each epoch: the same ones every time."""

    def __init__(self, texts: Texts, rows: np.ndarray, masking: Masking, key: RunKey) -> None:
        self._texts, self._rows, self._masking, self._key = texts, rows, masking, key
        self._kept: list[tuple[float, ...]] = []

    def on_epoch(self, epoch: Epoch, model: nn.Module) -> None:
        rng = generator(*self._key, "held-out masks")
        found = guessed(model, self._texts, self._rows, self._masking, rng)
        self._kept.append((epoch.number, epoch.loss, *found))

    def frame(self) -> pd.DataFrame:
        """A row per epoch, with the columns `COLUMNS`."""
        return pd.DataFrame(self._kept, columns=list(COLUMNS)).astype({"epoch": np.int64})

    def state(self) -> dict[str, np.ndarray]:
        return {"rows": np.array(self._kept, dtype=np.float64).reshape(-1, len(COLUMNS))}

    def load_state(self, state) -> None:
        self._kept = [tuple(row) for row in state["rows"].tolist()]
