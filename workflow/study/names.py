"""Names that a user wrote and the study does not know: say so, and say which one was probably meant."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from study.errors import StudyError

_ALIKE = 0.6  # similarity from which a name counts as a slip of the other (difflib's own default)
_SHOWN = 12  # longer lists of choices are cut: nobody reads them in an error message


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice most like `name`, or None if none is alike; the first of equals in the order of `choices`.

    Letter case and the order of words (`early_el2n`) do not count; a choice that starts with all of `name`
    is alike.
    """
    best, best_likeness = None, 0.0
    for choice in choices:
        likeness = _likeness(name, choice)
        if likeness > best_likeness:
            best, best_likeness = choice, likeness
    return best if best_likeness >= _ALIKE else None


def unknown(kind: str, name: str, choices: Iterable[str], where: str = "") -> StudyError:
    """The error to raise for a `name` that is none of the `choices` of its `kind` ("score", "model", …).

    It names the nearest choice, if one is near, and the first dozen choices.
    """
    choices = list(choices)
    near = nearest(name, choices)
    shown = ", ".join(choices[:_SHOWN]) or "nothing: there are none"
    more = f", … ({len(choices)} in all)" if len(choices) > _SHOWN else ""
    return StudyError(
        f"unknown {kind} {name!r}",
        where=where,
        expected=f"one of {shown}{more}" if choices else shown,
        do=f"did you mean {near!r}?"
        if near
        else f"write one of the {kind} names above"
        if choices
        else f"leave it out: there is no {kind} here",
    )


def _likeness(name: str, choice: str) -> float:
    """Similarity in [0, 1] of two names, the better of as written and with their words sorted."""
    a, b = name.casefold(), choice.casefold()
    if not a or not b:
        return 0.0
    as_written = SequenceMatcher(None, a, b).ratio()
    by_words = SequenceMatcher(None, _sorted_words(a), _sorted_words(b)).ratio()
    beginning = _ALIKE if b.startswith(a) and len(a) > 1 else 0.0
    return max(as_written, by_words, beginning)


def _sorted_words(name: str) -> str:
    return "_".join(sorted(name.replace("-", "_").replace(" ", "_").split("_")))


def not_among(named: Sequence, known: Sequence, where: str, kind: str) -> Iterator[str]:
    """A sentence for each name, of those that are text, that is not among the known ones."""
    known = list(map(str, known))  # YAML's keys may be numbers, which is told where they stand
    for name in named:
        if isinstance(name, str) and name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else f"known: {', '.join(known)}"
            yield f"{where}: unknown {kind} {name!r}; {hint}"
