"""Scores of a pool: how unsure a model is of each utterance, and how far it disagrees with the weak label.

Domain, intent and slots each have a score of their own; joint scores put them together. An entropy is
divided by the logarithm of its number of classes, so that those of heads with many and with few compare.
"""

from typing import NamedTuple

import numpy as np

from study.scores.pointwise import FUNCTIONS, Predictions, predictions


class Guesses(NamedTuple):
    """What a model says of N utterances with M words in all, and what their weak labels are."""

    domains: np.ndarray
    """(N, D) logits."""
    intents: np.ndarray
    """(N, I) logits."""
    slots: np.ndarray | None
    """(M, S) logits of the words' tags, utterance by utterance; None in a corpus without slots."""
    words: np.ndarray
    """(N,) how many words each has, at least one."""
    weak_domains: np.ndarray
    """(N,) int64."""
    weak_intents: np.ndarray
    """(N,) int64."""
    weak_slots: np.ndarray | None
    """(M,) int64."""


OF_TEACHER, OF_ONE = "teacher_", "scorer_"
"""Before the columns of scores that the teacher gives, and that the first of the scorers gives alone."""
LOW = ("margin_domain", "margin_intent", "label_margin_domain", "label_margin_intent")
"""Columns of which a low value makes an utterance worth adding; of all others a high one does."""


def turned(score: str) -> int:
    """-1 for a score of which a low value makes an utterance worth adding, 1 for others."""
    return -1 if score in LOW else 1


def columns(slots: bool) -> list[str]:
    """The names of all scores, in a corpus with slots or without."""
    one = np.zeros(1, np.int64)
    tags = (np.zeros((1, 2)), one) if slots else (None, None)
    guesses = Guesses(np.zeros((1, 2)), np.zeros((1, 2)), tags[0], one + 1, one, one, tags[1])
    return list(uncertainties(guesses))


def uncertainties(guesses: Guesses) -> dict[str, np.ndarray]:
    """Every score of the pool, {column: (N,) float64}.

    - `entropy_domain`, `entropy_intent`, `entropy_slots_mean`, `…_sum`, `…_max` (over words): entropy over
      its maximum; `entropy_joint`: mean of domain, intent and slots (mean).
    - `el2n_domain`, `el2n_intent` against the weak label; `el2n_joint_root` √(s² + Σ t²), `el2n_joint_sum`
      s + Σ t, `el2n_joint_mean` (s + mean t) / 2, of the intent's s and the words' t.
    - `margin_…` p₁ - p₂ of the two likeliest, `least_confidence_…` 1 - p₁, `label_margin_…` the weak label's
      probability less that of the likeliest other.

    Without slots their columns are absent, and joint ones are made of domain and intent.

    Raises:
        StudyError: a logit is not finite, or a weak label is no class.
    """
    heads = {
        "domain": predictions(guesses.domains, guesses.weak_domains),
        "intent": predictions(guesses.intents, guesses.weak_intents),
    }
    found: dict[str, np.ndarray] = {}
    for name, head in heads.items():
        found[f"entropy_{name}"] = _entropy(head)
        found[f"el2n_{name}"] = FUNCTIONS["el2n"](head)
        found |= {f"{column}_{name}": values for column, values in _margins(head).items()}
    of_intent = found["el2n_intent"]
    if guesses.slots is None:
        found["entropy_joint"] = (found["entropy_domain"] + found["entropy_intent"]) / 2
        return found | dict.fromkeys(("el2n_joint_root", "el2n_joint_sum", "el2n_joint_mean"), of_intent)
    tags = predictions(guesses.slots, guesses.weak_slots)
    starts = np.cumsum(guesses.words) - guesses.words
    unsure, distance = _entropy(tags), FUNCTIONS["el2n"](tags)
    found["entropy_slots_sum"] = np.add.reduceat(unsure, starts)
    found["entropy_slots_mean"] = found["entropy_slots_sum"] / guesses.words
    found["entropy_slots_max"] = np.maximum.reduceat(unsure, starts)
    parts = ("entropy_domain", "entropy_intent", "entropy_slots_mean")
    found["entropy_joint"] = np.mean([found[part] for part in parts], axis=0)
    sums = np.add.reduceat(distance, starts)
    found["el2n_joint_root"] = np.sqrt(of_intent**2 + np.add.reduceat(distance**2, starts))
    found["el2n_joint_sum"] = of_intent + sums
    found["el2n_joint_mean"] = (of_intent + sums / guesses.words) / 2
    return found


def _entropy(head: Predictions) -> np.ndarray:
    """Entropy over that of an even guess, 0…1."""
    return FUNCTIONS["entropy"](head) / np.log(head.p.shape[1])


def _margins(head: Predictions) -> dict[str, np.ndarray]:
    first = head.of(head.p, head.predicted)
    others = head.p.copy()
    others[np.arange(len(first)), head.predicted] = -np.inf
    return {
        "margin": first - others.max(axis=1),
        "least_confidence": 1 - first,
        "label_margin": FUNCTIONS["margin"](head),
    }
