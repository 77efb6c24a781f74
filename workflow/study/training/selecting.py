"""The experiment of the chapter `selection`: gold labels, a teacher, a pool, and models that learn from both.

Everything of one repeat is drawn anew: which utterances are gold, what is said in traffic, the teacher, the
scorers, and the starts of all models. Models of one repeat that are compared start from the same weights.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from study.config.runs import RunSettings
from study.config.selection import PoolSettings, SelectionSettings
from study.data.dataset import Dataset
from study.data.splits import stratified
from study.data.text.packed import unpack
from study.models.encoder import build
from study.models.interpreter import Interpreter
from study.models.tokenizer import load_tokenizer
from study.seeds import generator, torch_seed
from study.selection.pool import KEPT, Hypotheses, frequencies, reasons, right, signalled, zipf_chances
from study.selection.strategies import OF_ALL_SCORES, Candidates, chosen
from study.selection.uncertainty import LOW
from study.training.contracts import Observer, RunKey
from study.training.loop import train
from study.training.spoken import Spoken, names_of, read_spoken
from study.training.utterances import TrainingUtterances, Utterances
from study.training.weak_labels import EarlyScores, Hypothesis, hypothesised

WHERE = "selection.intent and selection.slots"  # what errors name
NOTHING, EVERYTHING, TRUTH, RANDOM = "nothing", "everything", "truth", "random"  # arms beside strategies
OF_TEACHER = "teacher_"  # before the columns of scores that the teacher gives


class Arm(NamedTuple):
    """What is added to the gold utterances."""

    strategy: str
    size: float  # for each gold one; NaN where all or nothing is added
    rows: np.ndarray  # positions in the training set, in the strategy's order
    weak: bool  # with weak labels, or with true ones


class Pool(NamedTuple):
    """What a repeat chooses from."""

    gold: np.ndarray  # positions of the gold utterances in the training set, ascending
    table: pd.DataFrame  # a row per other utterance, as `Language.pool` describes it
    weak: Spoken  # the training set with the teacher's labels instead of those of all that is not gold


class Language:
    """Everything that the models of one data set share.

    Args:
        settings: of the chapter.
        run: of the encoder on this data set: model, training, seed of the study.
        data: the data set, with the facts that the settings name.
        encoder: the folder that all models start from.
        device: where they train.

    Raises:
        StudyError: a fact is missing, or an utterance has more or fewer tags than words.
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
        self._encoder, self._device = encoder, device
        tokenizer, facts = load_tokenizer(encoder), (settings.intent, settings.slots, WHERE)
        self._names = names_of(data, *facts)
        self._padding = tokenizer.pad_token_id
        self._train = read_spoken(data.train, tokenizer, self._names, *facts)
        self._test = self._of(read_spoken(data.test, tokenizer, self._names, *facts))

    def pool(self, repeat: int, how: PoolSettings) -> Pool:
        """Gold utterances, and a table of all others: how often each is said, its label, why it is dropped.

        Columns: `example_id, domain, intent, slots` (the truth) `, weak_domain, weak_intent, weak_slots,
        confidence, frequency, right_domain, right_intent, right_slots, right_all, reason` (empty: it is in
        the pool), and the scores of `study.selection.uncertainty` by the scorers (mean over them) and, behind
        `teacher_`, by the teacher; NaN for utterances that are not in the pool.
        """
        labels, rng = self._data.train.labels, self._stream(repeat, "gold", f"{how.gold:g}")
        gold = stratified(labels, max(1, round(how.gold * len(labels))), rng)
        others = np.setdiff1d(np.arange(len(labels)), gold)
        known = self._of(self._train)
        teacher = self.model(gold, known, self._key(repeat, "teacher"))
        hypothesis = hypothesised(teacher, known, others)
        table, weak = self._traffic(repeat, how, others, hypothesis), self._relabelled(others, hypothesis)
        pooled = others[table["reason"].to_numpy() == KEPT]
        scores = self._scores(repeat, gold, pooled, self._of(weak))
        for column, values in scores.items():
            table.loc[table["reason"] == KEPT, column] = values
        return Pool(gold, table, weak)

    def arms(self, repeat: int, how: PoolSettings, pool: Pool, sizes: Sequence[float]) -> Iterator[Arm]:
        """What each strategy adds, at each size that the pool has; nothing, all, and truth of random ones."""
        table = pool.table
        left = table["reason"].to_numpy() == KEPT
        rows = np.setdiff1d(np.arange(len(self._data.train.labels)), pool.gold)[left]
        kept = table[left].reset_index(drop=True)
        if not how.deduplicate:  # each as often as it was said
            times = kept["frequency"].to_numpy()
            rows, kept = np.repeat(rows, times), kept.loc[kept.index.repeat(times)].reset_index(drop=True)
        yield Arm(NOTHING, np.nan, rows[:0], True)
        yield Arm(EVERYTHING, np.nan, rows, True)
        for size in sizes:
            wanted = round(size * len(pool.gold))
            if wanted > len(rows):
                continue
            stream = self._stream(repeat, f"{how}", f"{size:g}")
            drawn = chosen(RANDOM, _candidates(kept, ()), wanted, stream)
            yield Arm(RANDOM, size, rows[drawn], True)
            yield Arm(TRUTH, size, rows[drawn], False)
            for strategy in self._settings.strategies:
                scores = self._settings.scores if strategy.strategy in OF_ALL_SCORES else [strategy.score]
                candidates = _candidates(kept, [score for score in scores if score])
                stream = self._stream(repeat, f"{how}", f"{size:g}", strategy.name)
                taken = chosen(strategy.strategy, candidates, wanted, stream)
                yield Arm(strategy.name, size, rows[taken], True)

    def understood(self, repeat: int, pool: Pool, arm: Arm) -> pd.DataFrame:
        """What a model that learns from gold and from what is added takes the test utterances to mean.

        Returns:
            A row per test utterance: `strategy, size, added, example_id, domain` (a number) `, intent,
            slots`.
        """
        labels = self._of(pool.weak if arm.weak else self._train)
        rows = np.sort(np.concatenate([pool.gold, arm.rows]))
        model = self.model(rows, labels, self._key(repeat, "student"))
        found = hypothesised(model, self._test, np.arange(len(self._data.test.labels)))
        about = {"strategy": arm.strategy, "size": arm.size, "added": len(arm.rows)}
        return pd.DataFrame(about | {"example_id": self._data.test.ids} | self._named(found, ""))

    def model(
        self, rows: np.ndarray, labels: Utterances, key: RunKey, observers: Sequence[Observer] = ()
    ) -> Interpreter:
        """An interpreter that learnt some rows with these labels."""
        torch.manual_seed(torch_seed(*key, "init"))
        encoder = build(self._run.model, self._encoder, len(self._names.intents))
        heads = (max(1, len(self._names.tags)), self._run.model.dropout, len(self._data.classes))
        model = Interpreter(encoder, *heads).to(self._device)
        task = TrainingUtterances(
            labels, self._padding, rows, len(self._names.intents), self._run.training, key
        )
        train(model, task, self._run.training, key, observers)
        return model

    def _traffic(
        self, repeat: int, how: PoolSettings, others: np.ndarray, hypothesis: Hypothesis
    ) -> pd.DataFrame:
        """The table of the pool, without scores."""
        train, named = self._data.train, self._named(hypothesis, "weak_")
        facts = self._settings
        truth = Hypotheses(
            train.labels[others],
            train.facts[facts.intent][others],
            train.facts[facts.slots][others] if facts.slots else None,
            np.ones(len(others)),
        )
        slots = named["weak_slots"] if facts.slots else None
        weak = Hypotheses(named["weak_domain"], named["weak_intent"], slots, hypothesis.confidence)
        correct = right(truth, weak)
        stream = self._stream(repeat, "traffic")
        if facts.traffic and facts.traffic in train.facts:
            chances = train.facts[facts.traffic][others].astype(float)
        else:
            chances = zipf_chances(len(others), stream)
        said = frequencies(chances, round(how.said * len(others)), stream)
        defects = signalled(correct["all"], how.recall, how.false_alarms, self._stream(repeat, "defects"))
        texts = [" ".join(text) for text in unpack(train.inputs[others])] if how.deduplicate else None
        reason = reasons(said, hypothesis.confidence, defects, how.threshold, texts)
        told = {
            "example_id": train.ids[others],
            "domain": truth.domains,
            "intent": truth.intents,
            "slots": truth.slots if facts.slots else "",
        }
        told |= named | {"confidence": hypothesis.confidence, "frequency": said}
        told |= {f"right_{part}": mask for part, mask in correct.items()}
        return pd.DataFrame(told | {"reason": reason})

    def _scores(
        self, repeat: int, gold: np.ndarray, pooled: np.ndarray, weak: Utterances
    ) -> dict[str, np.ndarray]:
        """Scores of the pool: means over scorers, and those that the teacher gives."""
        if not len(pooled):
            return {}
        known, found = self._of(self._train), {}
        roles = [("teacher", OF_TEACHER)] + [(f"scorer-{k}", "") for k in range(self._settings.scorers)]
        for role, prefix in roles:
            early = EarlyScores(weak, pooled, self._settings.early_epoch)
            model = self.model(gold, known, self._key(repeat, role), [early])
            for column, values in early.columns(model).items():
                share = 1 / (1 if prefix else self._settings.scorers)
                found[prefix + column] = found.get(prefix + column, 0.0) + share * values
        return found

    def _relabelled(self, rows: np.ndarray, hypothesis: Hypothesis) -> Spoken:
        """The training set with what a model says of some rows."""
        domains, intents = self._train.domains.copy(), self._train.intents.copy()
        domains[rows], intents[rows] = hypothesis.domains, hypothesis.intents
        tags = None if self._train.tags is None else list(self._train.tags)
        for row, each in zip(rows, hypothesis.tags, strict=True) if tags is not None else ():
            tags[row] = each
        return self._train._replace(domains=domains, intents=intents, tags=tags)

    def _named(self, found: Hypothesis, prefix: str) -> dict[str, np.ndarray]:
        """Columns of what a model says, by name; `slots` is empty in a corpus without."""
        tags = self._names.tags
        slots = (
            [" ".join(tags[each]) for each in found.tags]
            if self._settings.slots
            else [""] * len(found.domains)
        )
        return {
            f"{prefix}domain": found.domains,
            f"{prefix}intent": self._names.intents[found.intents],
            f"{prefix}slots": np.array(slots, dtype=object),
        }

    def _of(self, spoken: Spoken) -> Utterances:
        return Utterances(spoken, self._padding, self._device)

    def _key(self, repeat: int, role: str) -> RunKey:
        run = self._run
        return RunKey(run.study_seed, repeat, f"{run.dataset_name}/{run.model_name}/{role}")

    def _stream(self, repeat: int, *purpose: str) -> np.random.Generator:
        return generator(self._run.study_seed, self._run.dataset_name, repeat, "selection", *purpose)


def _candidates(kept: pd.DataFrame, scores: Sequence[str]) -> Candidates:
    """The pool as strategies look at it; scores of which a low value counts are turned round."""
    signs = [-1 if score in LOW else 1 for score in scores]
    values = tuple(sign * kept[score].to_numpy() for sign, score in zip(signs, scores, strict=True))
    return Candidates(kept["weak_domain"].to_numpy(), kept["frequency"].to_numpy(), values)
