"""Models of domain, intent and slots, trained on what sampling leaves of the training utterances.

One encoder tells the domain; another one for each domain tells intent and slots, of the utterances that the
first one sends there. All of one seed start from the same weights, whatever they train on.
"""

import logging
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from study import paths
from study.config.study import StudySettings
from study.config.training import resolve
from study.config.understanding import FULL, UnderstandingSettings
from study.data.dataset import check as check_dataset
from study.files import read_parquet, write_parquet
from study.models.encoder import build
from study.models.interpreter import Interpreter
from study.models.tokenizer import load_tokenizer
from study.provenance import code_version, digest, package_versions
from study.seeds import generator, torch_seed
from study.training.contracts import RunKey
from study.training.device import device_kind, prepare_device
from study.training.evaluation import evaluate
from study.training.loop import train
from study.training.memory import check_memory
from study.training.samples import drawn, slot_trails
from study.training.spoken import names_of, read_spoken
from study.training.text_inputs import encoder_digest, text_inputs
from study.training.text_runs import estimate_mb, settled
from study.training.utterances import TrainingUtterances, Utterances
from study.training.weak_labels import hypothesised

log = logging.getLogger(__name__)

_WHERE = "influence.understanding"
NOTHING = "none"  # the intent where a domain has no model, since none of its utterances is left


def understand(study: StudySettings, chapter: str, sampling: str, root: str | Path = ".") -> None:
    """Train and test all models of one way of sampling, and write what they take test utterances to mean.

    Finished runs wait in work/, so that a second call repeats nothing.

    Raises:
        StudyError: an utterance lacks an intent or tags; training diverged; or a file cannot be written.
    """
    root = Path(root)
    trainer = _Trainer(study, chapter, root)
    settings = trainer.settings
    fractions = [0.0] if sampling == FULL else settings.fractions
    folder = (
        root / paths.WORK / chapter / settings.dataset / "understanding" / f"{sampling}-{trainer.version}"
    )
    parts = []
    for fraction in fractions:
        for seed in range(settings.seeds):
            part = folder / f"{fraction:g}-{seed}.parquet"
            if not part.is_file():
                write_parquet(part, trainer.run(sampling, fraction, seed))
                log.info("%s, %.0f %% pruned, seed %d: finished", sampling, 100 * fraction, seed)
            parts.append(read_parquet(part))
    write_parquet(root / paths.understanding(chapter, settings.dataset, sampling), pd.concat(parts))
    shutil.rmtree(folder)


class _Trainer:
    """Everything that the runs of a data set share."""

    def __init__(self, study: StudySettings, chapter: str, root: Path) -> None:
        self.settings: UnderstandingSettings = getattr(study, chapter).understanding
        place = (chapter, self.settings.dataset, self.settings.model)
        self._run = settled(study.run(*place, 0), study, root)
        self._root, self._place = root, place
        self._data = check_dataset(root / paths.data_folder(self.settings.dataset))
        self._device = prepare_device(self._run.device, self._run.threads)
        check_memory(
            self._run, estimate_mb(self._run, self._data, self._device, root), study.runtime.memory_mb
        )
        self._training = resolve(self._run.training, self.settings.training)
        self._inputs = text_inputs(self._run, self._data, root)
        facts = (self.settings.intent, self.settings.slots)
        self._names = names_of(self._data, *facts, _WHERE)
        tokenizer = load_tokenizer(root / self._run.encoder)
        self._spoken = {
            part: Utterances(
                read_spoken(split, tokenizer, self._names, *facts, _WHERE), self._inputs.padding, self._device
            )
            for part, split in (("train", self._data.train), ("test", self._data.test))
        }
        told = f"{self.settings.model_dump_json()} {self._run.model_dump_json()} {self._training}"
        versions = (code_version(__name__), package_versions(), self._data.digest, device_kind(self._device))
        self.version = digest(f"{told} {versions} {encoder_digest(root / self._run.encoder)}")

    def run(self, sampling: str, fraction: float, seed: int) -> pd.DataFrame:
        """Train on what is left, and say what each test utterance is taken to mean.

        Returns:
            A row per test utterance: `fraction, seed, kept` (training utterances that are left), `example_id,
            domain` (a number) `, intent, slots` (tags; empty in a corpus without slots).
        """
        rows, key = self._left(sampling, fraction, seed), RunKey(self._run.study_seed, seed, self._name())
        domains = self._domains(rows, key)
        intents = np.full(len(domains), NOTHING, dtype=object)
        tags = [np.zeros(len(each), np.int64) for each in self._spoken["test"].spoken.starts]
        outside = int(np.searchsorted(self._names.tags, "O"))
        for domain in np.unique(domains):
            own, asked = rows[self._data.train.labels[rows] == domain], np.flatnonzero(domains == domain)
            if not len(own):
                for row in asked:
                    tags[row][:] = outside
                continue
            found, told = self._interpret(own, asked, key._replace(model=f"{key.model}/{domain}"))
            intents[asked] = self._names.intents[found]
            for row, each in zip(asked, told, strict=True):
                tags[row] = each
        slots = [" ".join(self._names.tags[each]) for each in tags] if self.settings.slots else ""
        return pd.DataFrame(
            {
                "fraction": fraction,
                "seed": seed,
                "kept": len(rows),
                "example_id": self._data.test.ids,
                "domain": domains,
                "intent": intents.astype(str),
                "slots": slots,
            }
        )

    def _name(self) -> str:
        return f"{self.settings.model}/understanding"

    def _left(self, sampling: str, fraction: float, seed: int) -> np.ndarray:
        """Positions of the training utterances that are left: of one seed those of its own VoG."""
        train = self._data.train
        if sampling == FULL:
            return np.arange(len(train.labels))
        path = f"{paths.run_folder(*self._place, seed)}/examples.parquet"
        vog = read_parquet(self._root / path, ["vog_embedding"])["vog_embedding"].to_numpy()
        unusual = None
        if self.settings.slots:
            unusual = slot_trails(train.facts[self.settings.intent], train.facts[self.settings.slots])
        rng = generator(self._run.study_seed, self.settings.dataset, seed, sampling, f"{fraction:g}")
        size = len(vog) - round(fraction * len(vog))
        return drawn(sampling, size, train.labels, vog, unusual, self.settings.floor, rng)

    def _domains(self, rows: np.ndarray, key: RunKey) -> np.ndarray:
        """(M,) the domain of each test utterance, as a model says that trained on these rows."""
        run, data = self._run, self._data
        torch.manual_seed(torch_seed(*key, "init"))
        model = build(run.model, self._root / run.encoder, len(data.classes)).to(self._device)
        task = self._inputs.task(run, data, self._device, rows)
        train(model, task, run.training, key)
        return evaluate(model, self._inputs.whole(data.test, self._inputs.test, self._device)).argmax(axis=1)

    def _interpret(
        self, rows: np.ndarray, asked: np.ndarray, key: RunKey
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Intents and tags of some test utterances, from a model that trained on these rows."""
        run, names = self._run, self._names
        torch.manual_seed(torch_seed(*key, "init"))
        encoder = build(run.model, self._root / run.encoder, len(names.intents))
        model = Interpreter(encoder, max(1, len(names.tags)), run.model.dropout).to(self._device)
        spoken, padding = self._spoken["train"], self._inputs.padding
        task = TrainingUtterances(spoken, padding, rows, len(names.intents), self._training, key)
        train(model, task, self._training, key)
        found = hypothesised(model, self._spoken["test"], asked)
        return found.intents, found.tags
