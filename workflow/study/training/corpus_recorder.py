"""What a pre-training records: perplexities, and how well answers are predicted, reading by reading."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from torch import Tensor, nn

from study.data.corpus.store import Corpus
from study.training.contracts import Epoch, Observer, RunKey
from study.training.corpora import Judged
from study.training.corpus_questions import CorpusQuestions
from study.training.faults import diverged
from study.training.parts import Learning, Part, Pointwise
from study.training.question_evaluation import answer_scores

HISTORY = (
    *("epoch", "tokens", "lr", "train_loss_running"),
    *("train_loss", "train_accuracy", "test_loss", "test_accuracy"),
)


class Reading(NamedTuple):
    """What the parts that fill examples.parquet look at."""

    epoch: Epoch
    scores: dict[str, np.ndarray]


class CorpusRecorder(Observer):
    """Readings of a language model while it trains.

    Args:
        corpus: what it learns.
        questions: about the corpus.
        judged: looks at some documents to train on, and at the held-out ones.
        readings: the epochs that are recorded, rising.
        early: how many of them are up to the early reading.
        tokens: of an epoch.
        run: named in error messages.
    """

    def __init__(
        self,
        corpus: Corpus,
        questions: CorpusQuestions,
        judged: tuple[Judged, Judged],
        readings: Sequence[int],
        early: int,
        tokens: int,
        run: RunKey,
    ) -> None:
        self._corpus, self._questions, self._judged, self._run = corpus, questions, judged, run
        self._readings, self._tokens = frozenset(readings), tokens
        n = len(questions)
        self._parts: list[Part] = (
            [Pointwise(n, len(readings), early), Learning(n, len(readings))] if n else []
        )
        self._rows: list[tuple[float, ...]] = []

    def on_batch(self, indices: np.ndarray, right: Tensor | None) -> None:
        """Rows of running text are not recorded one by one."""

    def on_epoch(self, epoch: Epoch, model: nn.Module) -> None:
        if epoch.number not in self._readings:
            return
        train, held_out = self._judged
        parts = len(self._corpus.parts)
        seen, new = train(model, parts), held_out(model, parts)
        if not np.isfinite([seen.loss, new.loss]).all():
            raise diverged("the model's outputs are not finite", self._run, epoch.number, epoch.lr)
        scores = answer_scores(model, self._questions, end=None) if self._parts else {}
        for part in self._parts:
            part.on_evaluation(Reading(epoch, scores))
        numbers = (epoch.number, epoch.number * self._tokens, epoch.lr, epoch.loss)
        language = (seen.loss, seen.accuracy, new.loss, new.accuracy)
        self._rows.append((*numbers, *language, *new.loss_of_parts, *self._of_groups(scores)))

    def history(self) -> pd.DataFrame:
        """A row per reading: `HISTORY`, and the columns below.

        `loss_<part>`: of held-out documents of each part, in nats a token; `exact_<category>` and
        `exact_<category>_trained`: share of the answers of which every token is predicted, of problems that
        are not, and that are trained on.
        """
        losses = [f"loss_{part}" for part in self._corpus.parts]
        columns = [*HISTORY, *losses, *(name for name, _ in self._groups())]
        return pd.DataFrame(self._rows, columns=columns).astype({"epoch": np.int64, "tokens": np.int64})

    def columns(self) -> dict[str, np.ndarray]:
        """All columns of examples.parquet, (N,) each, once training is complete."""
        return {name: values for part in self._parts for name, values in part.columns().items()}

    def state(self) -> dict[str, np.ndarray]:
        of_parts = {
            f"{i}.{name}": a for i, part in enumerate(self._parts) for name, a in part.state().items()
        }
        return of_parts | {"rows": np.array(self._rows, dtype=np.float64)}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._rows = [tuple(row) for row in state["rows"].tolist()]
        for i, part in enumerate(self._parts):
            part.load_state({k.removeprefix(f"{i}."): a for k, a in state.items() if k.startswith(f"{i}.")})

    def _groups(self) -> list[tuple[str, np.ndarray]]:
        """Columns of the history, and the questions that each is of."""
        table = self._corpus.questions
        found = []
        for category in pd.unique(table["category"]):
            for trained, ending in ((False, ""), (True, "_trained")):
                chosen = ((table["category"] == category) & (table["trained"] == trained)).to_numpy()
                if chosen.any():
                    found.append((f"exact_{category}{ending}", chosen))
        return found

    def _of_groups(self, scores: Mapping[str, np.ndarray]) -> list[float]:
        return [float(scores["accuracy"][chosen].mean()) for _, chosen in self._groups()]
