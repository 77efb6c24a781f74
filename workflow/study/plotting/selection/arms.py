"""What is added to the gold utterances, in all figures of the chapter: names, order, colours, markers."""

from collections.abc import Sequence

from study.plotting.style import GREY, model_colours, model_markers
from study.selection.arms import EVERYTHING, NOTHING, TRUTH
from study.selection.strategies import RANDOM
from study.selection.uncertainty import LOW

REFERENCES = (TRUTH, EVERYTHING, NOTHING)
"""Arms that no claim is about, in order."""

_REFERENCE_LABELS = {
    RANDOM: "random",
    TRUTH: "random, true labels",
    EVERYTHING: "all of the pool",
    NOTHING: "gold alone",
}
_OWN = 8  # of the colours and markers that models have: the others are kept for references
_PLACES = [str(place) for place in range(_OWN)]
_COLOURS = tuple(model_colours(_PLACES).values())
_MARKERS = tuple(model_markers(_PLACES).values())
_REFERENCE_COLOURS = {RANDOM: "#000000", TRUTH: "#7A7A00", EVERYTHING: GREY, NOTHING: "#A6A6A6"}
_REFERENCE_MARKERS = {RANDOM: "h", TRUTH: "*", EVERYTHING: "p", NOTHING: ">"}

_PATTERNS = {
    "stratified": "stratified",
    "top": "top {}",
    "bottom": "bottom {}",
    "middle": "middle {}",
    "top_after_1": "top {} after dropping 1 %",
    "top_after_5": "top {} after dropping 5 %",
    "top_after_10": "top {} after dropping 10 %",
    "deciles": "{}, equal share per decile",
    "linear": "drawn linearly by {}",
    "softmax": "drawn by softmax of {}",
    "frequent": "{} × log(1 + frequency)",
    "intersection": "top of both scores (∩)",
    "union": "top of either score (∪)",
    "mean_rank": "mean rank of both scores",
    "top_of_domains": "top {} per domain",
}
_SCORES = {
    "entropy_joint": "entropy",
    "el2n_joint_mean": "EL2N",
    "el2n_joint_root": "EL2N (root)",
    "el2n_joint_sum": "EL2N (sum)",
    "entropy_slots_mean": "slot entropy",
    "entropy_slots_sum": "slot entropy (sum)",
    "entropy_slots_max": "slot entropy (largest)",
}
_MEASURES = {
    "entropy": "entropy",
    "el2n": "EL2N",
    "margin": "margin",
    "least_confidence": "least confidence",
    "label_margin": "label margin",
}


def label(strategy: str) -> str:
    """An arm as tables call it (`top-entropy_joint`), in plain words: `top entropy`."""
    if strategy in _REFERENCE_LABELS:
        return _REFERENCE_LABELS[strategy]
    how, _, score = strategy.partition("-")
    return _PATTERNS[how].format(high_score_label(score) if score else "")


def high_score_label(score: str) -> str:
    """A score of the pool as strategies take it, high for worth adding: a margin is turned round."""
    return f"−{score_label(score)}" if score in LOW else score_label(score)


def score_label(score: str) -> str:
    """A score of the pool in plain words: `EL2N`, `intent entropy`."""
    if score in _SCORES:
        return _SCORES[score]
    measure, _, head = score.rpartition("_")
    return f"{head} {_MEASURES[measure]}"


def colours(strategies: Sequence[str]) -> dict[str, str]:
    """The colour of each reference arm, and of each configured strategy by its place; from the ninth on they
    repeat."""
    own = {name: _COLOURS[place % _OWN] for place, name in enumerate(strategies)}
    return own | _REFERENCE_COLOURS


def markers(strategies: Sequence[str]) -> dict[str, str]:
    """The marker of each arm; shifted by one where colours repeat, so that no two strategies look alike."""
    own = {name: _MARKERS[(place + place // _OWN) % _OWN] for place, name in enumerate(strategies)}
    return own | _REFERENCE_MARKERS


def in_order(strategies: Sequence[str]) -> list[str]:
    """All arms: random, the configured strategies in their order, and the references."""
    return [RANDOM, *strategies, *REFERENCES]
