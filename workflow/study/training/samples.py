"""Which training utterances are left when a share of them is pruned at random, with weights."""

from collections.abc import Sequence

import numpy as np

from study.data.splits import stratified
from study.scores.vog import within_classes
from study.selection.strategies import linear_weights


def drawn(
    sampling: str,
    size: int,
    domains: np.ndarray,
    vog: np.ndarray,
    unusual: np.ndarray | None,
    floor: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Positions, ascending, of `size` of N utterances, drawn without replacement.

    Args:
        sampling: `random`; `stratified` (in equal shares of each domain); `vog_class` and `vog_dataset`, with
            weights that rise with VoG, standardised within domains or as it is; `mixed`, the mean of the
            weights of `vog_dataset` and of `unusual`.
        domains: (N,) int64.
        vog: (N,).
        unusual: (N,) how unusual the slots are for the intent; see `slot_trails`.
        floor: the smallest weight; the largest is 1.
        rng: the stream that draws.
    """
    if sampling == "random":
        return np.sort(rng.choice(len(domains), size, replace=False))
    if sampling == "stratified":
        return stratified(domains, size, rng)
    if sampling == "vog_class":
        weights = linear_weights(within_classes(vog, domains), floor)
    else:
        weights = linear_weights(vog, floor)
    if sampling == "mixed":
        weights = (weights + linear_weights(unusual, floor)) / 2
    return np.sort(rng.choice(len(domains), size, replace=False, p=weights / weights.sum()))


def slot_trails(intents: Sequence[str], slots: Sequence[str]) -> np.ndarray:
    """(N,) entropy in bits of the sequences of slot labels within each utterance's intent (arXiv 2311.16298).

    A sequence is the utterance's slots in order, each once a span: an intent whose utterances all have the
    same ones has 0.

    Args:
        intents: N names.
        slots: N texts of BIO tags, separated by blanks.
    """
    trails = np.array([" ".join(tag[2:] for tag in text.split() if tag.startswith("B-")) for text in slots])
    intents, found = np.asarray(intents), np.zeros(len(trails))
    for intent in np.unique(intents):
        members = intents == intent
        _, counts = np.unique(trails[members], return_counts=True)
        shares = counts / counts.sum()
        found[members] = -(shares * np.log2(shares)).sum() + 0.0
    return found
