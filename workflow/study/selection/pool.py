"""A pool of weakly labelled utterances: what a production model made of traffic, step by step.

Users say utterances, some often; a model that was trained on gold labels hypothesises what is meant. A
hypothesis becomes a weak label if it was confident and no defect was signalled. The detector of defects is
simulated, from the truth, with a recall and a rate of false alarms (arXiv 2311.16302 has signals of a real
one, which are private).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

UNSAID, UNSURE, DEFECT, TWICE, KEPT = "not said", "not confident", "defect signalled", "said before", ""
STEPS = (UNSAID, UNSURE, DEFECT, TWICE)  # in their order: why an utterance is not in the pool


class Hypotheses(NamedTuple):
    """What a model takes N utterances to mean."""

    domains: np.ndarray
    """(N,) names or numbers."""
    intents: np.ndarray
    """(N,) names or numbers."""
    slots: Sequence[str] | None
    """N texts of BIO tags; None in a corpus without slots."""
    confidence: np.ndarray
    """(N,) probability of the hypothesis, of domain and intent together."""


def frequencies(chances: np.ndarray, said: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of N utterances comes up in traffic, (N,) int64; `said` in all.

    Args:
        chances: (N,) not negative; in any unit.
        said: how many utterances the traffic holds.
        rng: the stream that draws.

    Raises:
        ValueError: a chance is negative or no number, or all are 0.
    """
    chances = np.asarray(chances, dtype=float)
    if not np.isfinite(chances).all() or (chances < 0).any() or not chances.any():
        raise ValueError("chances are finite, not negative, and not 0 everywhere")
    return rng.multinomial(said, chances / chances.sum())


def zipf_chances(n: int, rng: np.random.Generator) -> np.ndarray:
    """(N,) chances of utterances of which none is known: 1 / rank, by ranks drawn at random."""
    return 1 / (1 + rng.permutation(n))


def right(truth: Hypotheses, weak: Hypotheses) -> dict[str, np.ndarray]:
    """Where hypotheses are right, (N,) bool: `domain`, `intent`, `slots` (all of an utterance) and `all`."""
    found = {
        "domain": np.asarray(truth.domains == weak.domains),
        "intent": np.asarray(truth.intents == weak.intents),
    }
    if truth.slots is not None:
        found["slots"] = np.asarray(truth.slots, dtype=object) == np.asarray(weak.slots, dtype=object)
    return found | {"all": np.logical_and.reduce(list(found.values()))}


def signalled(
    correct: np.ndarray, recall: float, false_alarms: float, rng: np.random.Generator
) -> np.ndarray:
    """(N,) whether the simulated detector signals a defect.

    Each wrong hypothesis is found with chance `recall`, each right one signalled with chance `false_alarms`.
    A stream decides alike for all settings: a detector with a higher recall finds all that another one does.
    """
    drawn = rng.random(len(correct))
    return drawn < np.where(correct, false_alarms, recall)


def reasons(
    frequency: np.ndarray,
    confidence: np.ndarray,
    defects: np.ndarray,
    threshold: float,
    texts: Sequence[str] | None = None,
) -> np.ndarray:
    """(N,) why an utterance is left out, by the first step that drops it; `KEPT` where none does.

    Args:
        frequency: (N,) of `frequencies`.
        confidence: (N,) of the hypotheses.
        defects: (N,) of `signalled`.
        threshold: hypotheses that are less confident are dropped.
        texts: N, of which only the first of equals is kept; None: all are.
    """
    found = np.full(len(frequency), KEPT, dtype=object)
    dropped = {UNSAID: frequency == 0, UNSURE: confidence < threshold, DEFECT: defects}
    for step, mask in reversed(dropped.items()):
        found[mask] = step
    if texts is not None:
        left = pd.Series(list(texts))[found == KEPT]
        found[left.index[left.duplicated()]] = TWICE
    return found


def funnel(reason: np.ndarray, frequency: np.ndarray, correct: dict[str, np.ndarray]) -> pd.DataFrame:
    """What each step leaves, and how right its weak labels are.

    Args:
        reason: (N,) of `reasons`.
        frequency: (N,) of `frequencies`.
        correct: {part: (N,) bool} of `right`.

    Returns:
        A row for the traffic and for what is left after each step: `step` (empty for the traffic) `,
        utterances, said` (counting repetitions) `, share` of the traffic's utterances, and for each part of
        the label `right_<part>`, the share of utterances whose label is right (NaN where none is left).
    """
    left, rows = np.ones(len(reason), dtype=bool), []
    for step in ("", *STEPS):
        left = left & (reason != step) if step else left
        row = {"step": step, "utterances": int(left.sum()), "said": int(frequency[left].sum())}
        row["share"] = row["utterances"] / len(reason) if len(reason) else np.nan
        accuracies = {part: mask[left].mean() if left.any() else np.nan for part, mask in correct.items()}
        rows.append(row | {f"right_{part}": value for part, value in accuracies.items()})
    return pd.DataFrame(rows)
