"""A pool of weakly labelled utterances: what a production model made of traffic, step by step.

Users say utterances, some often; a model that was trained on gold labels hypothesises what is meant. A
hypothesis becomes a weak label if it was confident and no defect was signalled. The detector of defects is
simulated, from the truth, with a recall and a rate of false alarms (arXiv 2311.16302 has signals of a real
one, which are private).
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from study.config.selection import PoolSettings

UNSAID, UNSURE, DEFECT, TWICE, KEPT = "not said", "not confident", "defect signalled", "said before", ""
STEPS = (UNSAID, UNSURE, DEFECT, TWICE)  # in their order: why an utterance is not in the pool


def marked(
    traffic: pd.DataFrame, how: PoolSettings, chances: np.ndarray, stream: Callable[..., np.random.Generator]
) -> pd.DataFrame:
    """The table of all utterances that are not gold, with what every step of the pool does to each.

    Args:
        traffic: a row per utterance: `text, confidence, right_all` and more.
        how: the steps' parameters.
        chances: (N,) of `frequencies`.
        stream: of a word, the stream of random numbers that it names.

    Returns:
        With `frequency` (how often it is said) `, defect` (whether one is signalled) `, reason`, as of
        `reasons`.
    """
    said = frequencies(chances, round(how.said * len(traffic)), stream("traffic"))
    correct = traffic["right_all"].to_numpy(dtype=bool)
    defects = signalled(correct, how.recall, how.false_alarms, stream("defects"))
    texts = traffic["text"].tolist() if how.deduplicate else None
    reason = reasons(said, traffic["confidence"].to_numpy(), defects, how.threshold, texts)
    return traffic.assign(frequency=said, defect=defects, reason=reason)


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


def right(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Where weak labels are right, (N,) bool: `right_domain`, `right_intent`, `right_slots`, `right_all`.

    Args:
        table: `domain, intent` and, in a corpus with slots, `slots` (an utterance's tags as one text), each
            with its weak counterpart, `weak_domain` and so on.
    """
    parts = [part for part in ("domain", "intent", "slots") if part in table]
    found = {f"right_{part}": (table[part] == table[f"weak_{part}"]).to_numpy() for part in parts}
    return found | {"right_all": np.logical_and.reduce(list(found.values()))}


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


def funnel(pool: pd.DataFrame) -> pd.DataFrame:
    """What each step leaves, and how right its weak labels are.

    Args:
        pool: of `marked`.

    Returns:
        A row for the traffic and for what is left after each step: `step` (empty for the traffic) `,
        utterances, said` (counting repetitions) `, share` of the traffic's utterances, and for each part of
        the label `right_<part>`, the share of utterances whose label is right (NaN where none is left).
    """
    left, rows = np.ones(len(pool), dtype=bool), []
    for step in ("", *STEPS):
        if step:
            left = left & (pool["reason"] != step).to_numpy()
        rows.append({"step": step, "utterances": int(left.sum())} | _left(pool, left))
    return pd.DataFrame(rows)


def kept_by_threshold(pool: pd.DataFrame, thresholds: Sequence[float]) -> pd.DataFrame:
    """What each threshold alone keeps of what is said: as `funnel`, with `threshold` for `step`."""
    said, sure = pool["frequency"].to_numpy() > 0, pool["confidence"].to_numpy()
    rows = []
    for threshold in thresholds:
        left = said & (sure >= threshold)
        rows.append({"threshold": threshold, "utterances": int(left.sum())} | _left(pool, left))
    return pd.DataFrame(rows)


def _left(pool: pd.DataFrame, left: np.ndarray) -> dict[str, float]:
    """`said, share, right_…` of the utterances that are left."""
    parts = [column for column in pool if column.startswith("right_")]
    accuracies = {part: pool.loc[left, part].mean() if left.any() else np.nan for part in parts}
    share = left.mean() if len(left) else np.nan
    return {"said": int(pool["frequency"].to_numpy()[left].sum()), "share": share} | accuracies
