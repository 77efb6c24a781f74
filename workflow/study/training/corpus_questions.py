"""Questions about a corpus: how well their answers are predicted, and what a model answers by itself."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer

from study.data.corpus.examples import room
from study.data.corpus.store import Corpus
from study.models.decoder import Decoder, Sequences
from study.training.question_evaluation import continued
from study.training.questions import Answers

_TOKENS_AT_ONCE = 2**14


class CorpusQuestions:
    """All questions about a corpus, each with its first right answer, in the order of the corpus's table.

    Rows are not packed: a question stands alone, at the start of its row, as it would be typed.
    """

    def __init__(self, corpus: Corpus, device: torch.device) -> None:
        self._corpus, self._device = corpus, device
        self._tokenizer = Tokenizer.from_str(corpus.tokenizer)
        table = corpus.questions
        self.prompts = self._cut(table["prompt"])
        answers = [
            f"{prompt} {right[0]}" for prompt, right in zip(table["prompt"], table["answers"], strict=True)
        ]
        self._whole = self._cut(answers)

    def __len__(self) -> int:
        return len(self.prompts)

    @property
    def answer_tokens(self) -> np.ndarray:
        """(N,) int32: tokens of each answer."""
        pairs = zip(self.prompts, self._whole, strict=True)
        return np.array([len(whole) - len(prompt) for prompt, whole in pairs], np.int32)

    @property
    def first_tokens(self) -> np.ndarray:
        """(N,) int64: the first token of each answer."""
        pairs = zip(self.prompts, self._whole, strict=True)
        return np.array([whole[len(prompt)] for prompt, whole in pairs], np.int64)

    def evaluation_batches(self) -> Iterator[tuple[Sequences, Answers]]:
        """The questions with their answers, in order, batch by batch."""
        longest = max(map(len, self._whole))
        size = max(1, _TOKENS_AT_ONCE // longest)
        for start in range(0, len(self), size):
            yield self._rows(range(start, min(start + size, len(self))))

    def answers_of(self, model: Decoder) -> list[str]:
        """What the model goes on with behind each prompt, the likeliest token each time.

        It may write a quarter more tokens than the longest right answer to a question of the same task has.
        """
        model.eval()
        given = [""] * len(self)
        tasks, answers = self._corpus.questions["task"].to_numpy(), self.answer_tokens
        lengths = np.array([len(prompt) for prompt in self.prompts])
        for task in pd.unique(tasks):
            steps = room(int(answers[tasks == task].max()))
            for length in np.unique(lengths[tasks == task]):
                rows = np.flatnonzero((tasks == task) & (lengths == length))
                for some in np.array_split(rows, -(-len(rows) * (length + steps) // _TOKENS_AT_ONCE)):
                    prompts = torch.tensor([self.prompts[row] for row in some], device=self._device)
                    tokens = continued(model, prompts, steps, self._corpus.end, self._corpus.end)
                    for row, text in zip(some, self._texts(tokens.cpu().numpy()), strict=True):
                        given[row] = text
        return given

    def _texts(self, tokens: np.ndarray) -> list[str]:
        ends = np.where(tokens == self._corpus.end, np.arange(tokens.shape[1]), tokens.shape[1]).min(axis=1)
        return [
            text.strip()
            for text in self._tokenizer.decode_batch(
                [row[:end].tolist() for row, end in zip(tokens, ends, strict=True)]
            )
        ]

    def _cut(self, texts) -> list[list[int]]:
        return [
            found.ids for found in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ]

    def _rows(self, places: range) -> tuple[Sequences, Answers]:
        wholes, prompts = ([each[place] for place in places] for each in (self._whole, self.prompts))
        lengths = np.array([len(whole) for whole in wholes])
        tokens = np.full((len(wholes), lengths.max()), self._corpus.end, np.int64)
        for row, whole in enumerate(wholes):
            tokens[row, : len(whole)] = whole
        starts = np.array([len(prompt) for prompt in prompts])
        place = np.arange(tokens.shape[1])
        rows, columns = np.nonzero((place >= starts[:, None]) & (place < lengths[:, None]))

        def put(array: np.ndarray) -> torch.Tensor:
            return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

        answers = Answers(
            put(rows), put(columns - 1), put(tokens[rows, columns]), put(rows), questions=len(wholes)
        )
        return Sequences(put(tokens), real=put(place < lengths[:, None])), answers
