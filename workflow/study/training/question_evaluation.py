"""A model after an epoch, on questions: what its recorders ask for, and what it answers by itself."""

from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from study.data.questions.tokens import ANSWER, END, PAD, first_of
from study.models.decoder import Decoder, Sequences
from study.scores.pointwise import pointwise_scores
from study.training.contracts import Epoch, RunKey
from study.training.faults import diverged
from study.training.questions import Answers, Questions, chosen_logits

_GENERATED_AT_ONCE = 1024  # questions


class QuestionEvaluation:
    """The model after an epoch, each answer token predicted from the question and the tokens before it.

    Args:
        epoch: the epoch that has just ended.
        model: left in evaluation mode.
        train, test: the questions.
        run: named in error messages.

    All that is asked of it may raise a DivergedError: what came out is not finite.
    """

    def __init__(
        self, epoch: Epoch, model: nn.Module, train: Questions, test: Questions, run: RunKey
    ) -> None:
        self.epoch = epoch
        self._model, self._train, self._test, self._run = model, train, test, run

    @cached_property
    def scores(self) -> dict[str, np.ndarray]:
        """All pointwise scores of the training questions, (N,) each; see `answer_scores`."""
        return self._checked(self._train)

    @cached_property
    def test_scores(self) -> dict[str, np.ndarray]:
        """The same of the test questions."""
        return self._checked(self._test)

    def _checked(self, questions: Questions) -> dict[str, np.ndarray]:
        scores = answer_scores(self._model, questions)
        if not all(np.isfinite(values).all() for values in scores.values()):
            raise diverged("the model's outputs are not finite", self._run, self.epoch.number, self.epoch.lr)
        return scores


class Asked(Protocol):
    """Questions whose answers are predicted."""

    def evaluation_batches(self) -> Iterator[tuple[Sequences, Answers]]:
        """Their rows in order, and their answers, batch by batch."""


def answer_scores(model: nn.Module, questions: Asked, end: int | None = END) -> dict[str, np.ndarray]:
    """Pointwise scores of answers, (N,) float64 each: the mean over their tokens.

    `accuracy` is 1 where all tokens are right: then, and only then, the model would give this answer by
    itself, token by token, the likeliest each time. `token_accuracy` is its mean over tokens but `end`.
    """
    model.eval()
    found: dict[str, list[np.ndarray]] = {}
    with torch.inference_mode():
        for inputs, answers in questions.evaluation_batches():
            logits = chosen_logits(model(inputs), answers).cpu().numpy()
            scores = pointwise_scores(logits, answers.targets.cpu().numpy())
            owners = answers.owners.cpu().numpy()
            lengths = np.bincount(owners, minlength=answers.questions)
            means = {
                name: np.bincount(owners, weights=values, minlength=answers.questions) / lengths
                for name, values in scores.items()
            }
            counted = np.ones(len(owners)) if end is None else answers.targets.cpu().numpy() != end
            right = np.bincount(owners, weights=scores["accuracy"] * counted, minlength=answers.questions)
            of_answer = np.bincount(owners, weights=counted, minlength=answers.questions)
            means["token_accuracy"] = right / of_answer
            means["accuracy"] = (means["accuracy"] == 1).astype(float)
            for name, values in means.items():
                found.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}


def generate(model: Decoder, tokens: np.ndarray, longest: int, device: torch.device) -> np.ndarray:
    """What the model answers by itself, the likeliest token each time, up to END.

    Questions of one length are answered together, and what was computed for earlier tokens is kept.

    Args:
        model: left in evaluation mode.
        tokens: (N, L) questions; whatever stands behind ANSWER is not looked at.
        longest: tokens of an answer, END not counted, after which it is cut off.
        device: where the model is.

    Returns:
        (N, longest + 1) int64: the answers with their END, PAD behind; an answer without END was cut off.
    """
    model.eval()
    lengths = first_of(tokens, ANSWER) + 1
    answers = np.full((len(tokens), longest + 1), PAD, dtype=np.int64)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        for start in range(0, len(rows), _GENERATED_AT_ONCE):
            chosen = rows[start : start + _GENERATED_AT_ONCE]
            prompts = torch.from_numpy(tokens[chosen, :length].astype(np.int64)).to(device)
            answers[chosen] = continued(model, prompts, longest + 1, END, PAD).cpu().numpy()
    return answers


@torch.inference_mode()
def continued(model: Decoder, prompts: Tensor, steps: int, end: int, padding: int) -> Tensor:
    """(n, L) -> (n, steps): the likeliest tokens, `padding` behind `end`."""
    given = torch.full((len(prompts), steps), padding, dtype=torch.int64, device=prompts.device)
    predicted, cache = model.with_cache(Sequences(prompts))
    ended = torch.zeros(len(prompts), dtype=torch.bool, device=prompts.device)
    for step in range(steps):
        token = predicted.logits[:, -1].argmax(dim=1)
        given[:, step] = torch.where(ended, padding, token)
        ended |= token == end
        if ended.all() or step == steps - 1:
            break
        place = torch.full_like(token[:, None], prompts.shape[1] + step)
        predicted, cache = model.with_cache(Sequences(token[:, None], positions=place), cache)
    return given
