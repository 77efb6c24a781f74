"""Annotated utterances, `wake me up at [time : nine am]`, as words and BIO tags.

The form is that of `annot_utt` in MASSIVE (FitzGerald et al. 2022, arXiv 2204.08582): a slot stands in square
brackets, its label before the first colon and its value behind; brackets do not nest. A bracket ends a word,
so that a slot holds whole words whatever touches it: `[date : friday], please` has the words `friday`, `,`
and `please`, and a suffix behind a slot is a word without a tag of its own.
"""

import re

from study.errors import StudyError

_CHARACTERS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")


def words_and_tags(utterance: str, where: str, by_character: bool = False) -> tuple[list[str], list[str]]:
    """The words of an annotated utterance, and a tag for each: `O`, `B-label` or `I-label`.

    Args:
        utterance: with its slots in brackets.
        where: what to call it in a message, a file and a row, say.
        by_character: words are single characters (code points) beyond ASCII, and runs of ASCII, for
            languages that leave no blanks between words; else words lie between blanks.

    Returns:
        Two lists of one length; no word and no tag holds a blank.

    Raises:
        StudyError: brackets are not balanced or nest, a label or a value is missing, a label holds a blank,
            or there is no word.
    """
    _check_brackets(utterance, where)
    words, tags = [], []
    for number, piece in enumerate(re.split(r"[\[\]]", utterance)):
        if number % 2:  # brackets are balanced: every second piece stands between two
            label, value = _slot(piece, utterance, where)
            found = _words(value, by_character)
            if not found:
                raise _refused(f"the slot {label!r} has no value", utterance, where)
            tags += [f"B-{label}", *[f"I-{label}"] * (len(found) - 1)]
        else:
            found = _words(piece, by_character)
            tags += ["O"] * len(found)
        words += found
    if not words:
        raise _refused("an utterance has no words", utterance, where)
    return words, tags


def _check_brackets(utterance: str, where: str) -> None:
    is_open = False
    for bracket in re.findall(r"[\[\]]", utterance):
        if bracket == "[" and is_open:
            raise _refused("a bracket opens inside another", utterance, where)
        if bracket == "]" and not is_open:
            raise _refused("a bracket closes that was not opened", utterance, where)
        is_open = bracket == "["
    if is_open:
        raise _refused("a bracket is not closed", utterance, where)


def _slot(piece: str, utterance: str, where: str) -> tuple[str, str]:
    """Label and value of what stands between brackets."""
    label, colon, value = piece.partition(":")
    label = label.strip()
    if not colon:
        raise _refused(f"a slot has no colon: {label!r}", utterance, where)
    if not label:
        raise _refused("a slot has no label", utterance, where)
    if len(label.split()) > 1:
        raise _refused(f"the label of a slot holds a blank: {label!r}", utterance, where)
    return label, value


def _words(text: str, by_character: bool) -> list[str]:
    words = text.split()
    return [part for word in words for part in _CHARACTERS.findall(word)] if by_character else words


def _refused(what: str, utterance: str, where: str) -> StudyError:
    return StudyError(
        what,
        where=f"{where}: {utterance!r}",
        expected="words, and slots in brackets that do not nest: wake me up at [time : nine am]",
        do="mend or remove this utterance",
    )
