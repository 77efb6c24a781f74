"""What utterances mean, as steps of two chapters compare it: by the facts of a data set, or as models say."""

import numpy as np

from study.analysis.understanding import Meaning
from study.data.dataset import Split


def meaning(domains, intents, slots) -> Meaning:
    """Domains by number, intents by name, and texts of BIO tags; `slots` is None in a corpus without."""
    tags = None if slots is None else [text.split(" ") for text in slots]
    return Meaning(np.asarray(domains, np.int64), np.asarray(intents, dtype=str), tags)


def truth(split: Split, intent: str, slots: str | None) -> Meaning:
    """What a split's utterances mean, by the facts of these names."""
    return meaning(split.labels, split.facts[intent], split.facts[slots] if slots else None)


def traffic(split: Split, fact: str | None) -> np.ndarray | None:
    """(N,) how often each utterance is said, where a fact tells it."""
    return split.facts[fact].astype(float) if fact and fact in split.facts else None
