"""Errors of understanding that involve slots: spans of BIO tags, slot errors, SEMER and F-SEMER.

A slot is a span of words with a label. Reference and predicted slots of an utterance are paired one to one,
only where they share a word, and as many as can be paired. A pair is correct if label and extent agree, and
else changed; reference slots without a partner are missed, predicted ones inserted. A slot of the wrong label
or extent is therefore one error, not one missed and one inserted.

Slots of one utterance do not overlap, so a correct pair shares words with no other slot: it is in every
largest pairing, and the numbers do not depend on which of several largest pairings is taken.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from study.analysis.intervals import ratio


class Span(NamedTuple):
    """A slot: its label, its first word, and the word behind its last."""

    label: str
    start: int
    end: int


def spans(tags: Sequence[str]) -> list[Span]:
    """The slots that BIO tags mark, in the order of the words.

    `B-x` starts a slot. `I-x` goes on with the slot of the word before if that has the label x; else it
    starts one, as if it were `B-x`. Source of that convention: conlleval, the script of the CoNLL-2000
    shared task (Tjong Kim Sang and Buchholz 2000).

    Raises:
        ValueError: a tag is neither `O` nor `B-` or `I-` with a label behind.
    """
    found, label, start = [], "", 0
    for place, tag in enumerate([*tags, "O"]):
        kind, name = tag[:2], tag[2:]
        if tag != "O" and (kind not in ("B-", "I-") or not name):
            raise ValueError(f"{tag!r} is no BIO tag: O, B-label or I-label")
        if kind == "I-" and name == label:
            continue
        if label:
            found.append(Span(label, start, place))
        label, start = name, place
    return found


class SlotCounts(NamedTuple):
    """Slots of N utterances, (N,) int64 each."""

    reference: np.ndarray
    predicted: np.ndarray
    correct: np.ndarray
    """Pairs of equal label and extent."""
    changed: np.ndarray
    """Pairs that share a word and differ in label or extent."""

    @property
    def missed(self) -> np.ndarray:
        """(N,) reference slots without a partner."""
        return self.reference - self.correct - self.changed

    @property
    def inserted(self) -> np.ndarray:
        """(N,) predicted slots without a partner."""
        return self.predicted - self.correct - self.changed

    @property
    def errors(self) -> np.ndarray:
        """(N,) slots that are missed, inserted or changed; the same with reference and prediction swapped."""
        return self.missed + self.inserted + self.changed

    def take(self, rows: np.ndarray) -> "SlotCounts":
        """Those of some utterances, by their numbers or a mask."""
        return SlotCounts(*(counts[rows] for counts in self))


def slot_counts(reference: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> SlotCounts:
    """Slots of each utterance, and how many are predicted as they should be.

    Args:
        reference, predicted: N lists of BIO tags, a tag per word.

    Raises:
        ValueError: there are not as many lists, or an utterance has not as many tags, or a tag is none.
    """
    if len(reference) != len(predicted):
        raise ValueError(f"{len(reference)} utterances have reference tags, {len(predicted)} predicted ones")
    rows = np.zeros((len(reference), len(SlotCounts._fields)), dtype=np.int64)
    for place, (right, given) in enumerate(zip(reference, predicted, strict=True)):
        if len(right) != len(given):
            raise ValueError(f"utterance {place} has {len(right)} reference tags and {len(given)} predicted")
        right_spans, given_spans = spans(right), spans(given)
        rows[place] = len(right_spans), len(given_spans), *_paired(right_spans, given_spans)
    return SlotCounts(*rows.T)


def _paired(reference: list[Span], predicted: list[Span]) -> tuple[int, int]:
    """Correct and changed pairs of a largest pairing.

    Of two first spans that share a word, the one that ends first shares words with no later span, so nothing
    better can be done with it than to pair the two.
    """
    correct = changed = i = j = 0
    while i < len(reference) and j < len(predicted):
        right, given = reference[i], predicted[j]
        if right.end <= given.start:
            i += 1
        elif given.end <= right.start:
            j += 1
        else:
            correct += right == given
            changed += right != given
            i, j = i + 1, j + 1
    return correct, changed


def semer(wrong_intent: np.ndarray, slots: SlotCounts) -> float:
    """Semantic error rate: wrong intents and slots over those of the reference.

    SEMER = (intent errors + slot errors) / (utterances + reference slots), each summed over utterances: the
    intent counts as one more slot of its utterance. Inserted slots may bring it above 1.
    Sources: arXiv 2311.16298; Su et al. 2018 (arXiv 1809.09605), who count slot errors by an edit distance.

    Args:
        wrong_intent: (N,) bool.
        slots: of the same N utterances.

    Returns:
        A share; NaN for no utterances.
    """
    return _share(wrong_intent, slots, len(wrong_intent) + slots.reference.sum())


def f_semer(wrong_intent: np.ndarray, slots: SlotCounts) -> float:
    """Harmonic mean of SEMER and of SEMER with the prediction in the reference's place; 0 if both are 0.

    Both have the same errors E, as `SlotCounts.errors` does not tell reference from prediction, so that with
    U utterances, R reference and P predicted slots the mean of E/(U + R) and E/(U + P) is 2E/(2U + R + P).
    Source: arXiv 2311.16298.

    Args, Returns: as in `semer`.
    """
    both = slots.reference.sum() + slots.predicted.sum()
    return _share(wrong_intent, slots, len(wrong_intent) + both / 2)


def slot_f1(slots: SlotCounts) -> float:
    """F1 of slots, 2 · correct / (reference + predicted), summed over utterances; NaN if there are none.

    Source: conlleval, as of `spans`.
    """
    return float(ratio(2 * slots.correct.sum(), slots.reference.sum() + slots.predicted.sum()))


def misinterpreted(
    wrong_domain: np.ndarray, wrong_intent: np.ndarray, slots: SlotCounts | None
) -> np.ndarray:
    """(N,) bool: utterances with any error, in domain, intent or a slot; their share is IRER.

    Args:
        wrong_domain, wrong_intent: (N,) bool.
        slots: of the same N utterances; None if the corpus has none.
    """
    wrong = wrong_domain | wrong_intent
    return wrong if slots is None else wrong | (slots.errors > 0)


def _share(wrong_intent: np.ndarray, slots: SlotCounts, there: float) -> float:
    return float(ratio(wrong_intent.sum() + slots.errors.sum(), there))
