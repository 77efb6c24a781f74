"""One language of the chapter `selection`: models that learn from gold and from weak labels.

Everything of one repeat is drawn anew: which utterances are gold, what is said in traffic, the teacher, the
scorers, and the starts of all models. Models of one repeat that are compared start from the same weights.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from study.config.datasets import FilesData
from study.config.runs import RunSettings
from study.config.selection import PoolSettings, SelectionSettings
from study.data.dataset import Dataset
from study.data.splits import stratified
from study.data.text.packed import unpack
from study.seeds import generator
from study.selection.pool import marked, right, zipf_chances
from study.selection.uncertainty import OF_ONE, OF_TEACHER
from study.training.contracts import RunKey
from study.training.interpreters import Interpreters
from study.training.spoken import Spoken, names_of
from study.training.weak_labels import Hypothesis, hypothesised, mean_scores, scored

WHERE = "selection.intent and selection.slots"  # what errors name


class Language:
    """Everything that the models of one data set share.

    Args:
        settings: of the chapter.
        run: of the encoder on this data set: model, training, seed of the study.
        data: the data set, with the facts that the settings name.
        encoder: the folder that all models start from.
        device: where they train.

    Raises:
        StudyError: a fact is missing, or the tags of an utterance are not as they should be.
    """

    def __init__(
        self,
        settings: SelectionSettings,
        run: RunSettings,
        data: Dataset,
        encoder: Path,
        device: torch.device,
    ) -> None:
        self._settings, self._run, self._data = settings, run, data
        facts = (settings.intent, settings.slots, WHERE)
        self._names = names_of(data, *facts)
        self._models = Interpreters(run, encoder, self._names, device)
        files = {"train": "", "test": ""}
        if isinstance(run.dataset, FilesData):
            files = {part: ", ".join(getattr(run.dataset, part) or run.dataset.train) for part in files}
        self._train = self._models.read(data.train, *facts, files["train"])
        self._test = self._models.utterances(self._models.read(data.test, *facts, files["test"]))

    def gold(self, repeat: int, share: float) -> np.ndarray:
        """Positions of the gold utterances in the training set, ascending: a share of every domain."""
        labels = self._data.train.labels
        chosen = stratified(
            labels, max(1, round(share * len(labels))), self._stream(repeat, f"gold {share:g}")
        )
        return np.sort(chosen)

    def others(self, gold: np.ndarray) -> np.ndarray:
        """Positions of all other utterances, ascending: the rows of all tables below."""
        return np.setdiff1d(np.arange(len(self._data.train.labels)), gold)

    def unseen(self, gold: np.ndarray) -> list[str]:
        """Intents of other utterances that no gold one has: no weak label can be right about them."""
        intents = self._data.train.facts[self._settings.intent]
        return sorted({*intents[self.others(gold)].tolist()} - {*intents[gold].tolist()})

    def traffic(self, repeat: int, gold: np.ndarray) -> pd.DataFrame:
        """What a teacher takes all other utterances to mean, and how they are scored.

        Columns: `example_id, text, domain, intent, slots` (the truth) `, weak_domain, weak_intent,
        weak_slots, confidence, right_domain, right_intent, right_slots, right_all`, the scores of
        `study.selection.uncertainty` by the scorers (mean over them) and, of the chapter's `scores`, those by
        the teacher, behind `teacher_`, and by the first scorer alone, behind `scorer_`. Without slots their
        columns are absent.
        """
        models, early, others = self._models, self._settings.early_epoch, self.others(gold)
        known = models.utterances(self._train)
        teacher = models.learn(gold, known, self._key(repeat, "teacher"), early)
        hypothesis = hypothesised(teacher.last, known, others)
        table = self._hypotheses(others, hypothesis)
        weak = models.utterances(self.relabelled(others, table))
        keys = [self._key(repeat, f"scorer-{k}") for k in range(self._settings.scorers)]
        by_scorers = [scored(models.learn(gold, known, key, early), weak, others) for key in keys]
        scores = mean_scores(by_scorers)
        for prefix, alone in ((OF_TEACHER, scored(teacher, weak, others)), (OF_ONE, by_scorers[0])):
            scores |= {f"{prefix}{score}": alone[score] for score in self._settings.scores}
        return pd.concat([table, pd.DataFrame(scores)], axis=1)

    def pool(self, repeat: int, how: PoolSettings, gold: np.ndarray, traffic: pd.DataFrame) -> pd.DataFrame:
        """The table of traffic, with how often each is said and why it is not in the pool; see `marked`."""
        fact, train, rows = self._settings.traffic, self._data.train, self.others(gold)
        if fact and fact in train.facts:
            chances = train.facts[fact][rows].astype(float)
        else:
            chances = zipf_chances(len(rows), self._stream(repeat, "zipf"))
        return marked(traffic, how, chances, lambda purpose: self._stream(repeat, purpose))

    def stream(self, repeat: int, how: PoolSettings) -> Callable[..., np.random.Generator]:
        """What draws for strategies: of some words, a stream that is the repeat's and the pool's own."""
        return lambda *purpose: self._stream(repeat, how.model_dump_json(), *purpose)

    def understood(self, repeat: int, rows: np.ndarray, labels: Spoken | None = None) -> pd.DataFrame:
        """What a model that learns some utterances takes the test utterances to mean.

        Args:
            repeat: of which all models start alike.
            rows: positions in the training set; one may occur several times.
            labels: of `relabelled`; None: the true ones.

        Returns:
            A row per test utterance: `example_id, domain, intent, slots`.
        """
        utterances = self._models.utterances(self._train if labels is None else labels)
        model = self._models.learn(np.sort(rows), utterances, self._key(repeat, "student")).last
        found = hypothesised(model, self._test, np.arange(len(self._data.test.labels)))
        return pd.DataFrame({"example_id": self._data.test.ids} | self._models.named(found))

    def relabelled(self, rows: np.ndarray, traffic: pd.DataFrame) -> Spoken:
        """The training set with weak labels for some rows: those of a table of `traffic`."""
        domains, intents = self._train.domains.copy(), self._train.intents.copy()
        domains[rows] = traffic["weak_domain"].map({name: k for k, name in enumerate(self._names.domains)})
        intents[rows] = self._names.numbers(traffic["weak_intent"].to_numpy(dtype=str), self._names.intents)
        tags = None if self._train.tags is None else list(self._train.tags)
        for row, told in zip(rows, traffic["weak_slots"], strict=True) if tags else ():
            tags[row] = self._names.numbers(told.split(" "), self._names.tags)
        return self._train._replace(domains=domains, intents=intents, tags=tags)

    def _hypotheses(self, rows: np.ndarray, hypothesis: Hypothesis) -> pd.DataFrame:
        """The truth, what a teacher says, and where it is right."""
        train, facts = self._data.train, self._settings
        texts = [" ".join(text) for text in unpack(train.inputs[rows])]
        truth = {"domain": self._names.domains[train.labels[rows]], "intent": train.facts[facts.intent][rows]}
        if facts.slots:
            truth["slots"] = train.facts[facts.slots][rows]
        weak = self._models.named(hypothesis, "weak_") | {"confidence": hypothesis.confidence}
        table = pd.DataFrame({"example_id": train.ids[rows], "text": texts} | truth | weak)
        return table.assign(**right(table))

    def _key(self, repeat: int, role: str) -> RunKey:
        run = self._run
        return RunKey(run.study_seed, repeat, f"{run.dataset_name}/{run.model_name}/{role}")

    def _stream(self, repeat: int, *purpose: str) -> np.random.Generator:
        return generator(self._run.study_seed, self._run.dataset_name, repeat, "selection", *purpose)
