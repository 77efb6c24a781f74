"""Every claim in plain words: what it says, and what its number is, for readers who know no paper."""

from typing import NamedTuple

from study.analysis.claim_list import CLAIMS

SHARE, GAIN, POINTS, PERCENT, NUMBER = "share", "gain", "points", "percent", "number"
"""Units of estimates: of 1, shown in percent; a difference of such, shown in points; as they are."""


class Plain(NamedTuple):
    """A claim for everyone."""

    sentence: str
    number: str
    """What the estimate is, without its value."""
    unit: str = NUMBER


# Entries of one claim in the order of `CLAIMS`.
PLAIN = {
    "D1": (
        Plain(
            "Train the same model twice, and the two trainings disagree on which examples are hard.",
            "how far one training misplaces the typical example, as a share of the whole ranking",
            SHARE,
        ),
    ),
    "D2": (
        Plain(
            "Averaging over n trainings shrinks that noise by the root of n.",
            "exponent with which the error falls in n",
        ),
    ),
    "D3": (
        Plain(
            "All scores of difficulty measure mostly one and the same thing.",
            "share of what tells examples apart that one common ranking holds",
            SHARE,
        ),
    ),
    "D4": (
        Plain(
            "Some examples are hard for one architecture and easy for another.",
            "share of tests that tell two architectures apart, beyond those that tell one from itself",
            SHARE,
        ),
        Plain(
            "Other examples are as hard for every architecture.",
            "share of tests that show two architectures to find an example equally hard",
            SHARE,
        ),
    ),
    "D5": (
        Plain(
            "A handful of such examples gives away which architecture was trained.",
            "right answers from 10 chosen examples, minus those from 10 random ones or from the mean score",
            GAIN,
        ),
    ),
    "D6": (
        Plain(
            "Scores of difficulty find wrong labels.",
            "how often an example with a wrong label looks harder than one with a right label",
            SHARE,
        ),
    ),
    "I1": (
        Plain(
            "Half of the training texts are enough.",
            "test accuracy without the easier half, minus that with all texts",
            POINTS,
        ),
    ),
    "I2": (
        Plain(
            "Choosing the texts to keep by a score beats choosing them by chance.",
            "test accuracy with the half that a score keeps, minus that with a random half",
            POINTS,
        ),
    ),
    "I3": (
        Plain(
            "If texts have to go, the easy ones should go rather than the hard ones.",
            "test accuracy without the easy texts, minus that without as many hard ones",
            POINTS,
        ),
    ),
    "I4": (
        Plain(
            "Where labels are wrong, training without the hardest 5 to 10 % helps.",
            "test accuracy without the hardest texts, minus that without random ones or with all",
            POINTS,
        ),
    ),
    "I5": (
        Plain(
            "Where some topics are rare, it matters whether a score is compared within topics or over all.",
            "rise of wrong topics if scores are compared within topics, minus that if over all",
            POINTS,
        ),
    ),
    "S1": (
        Plain(
            "Machine-labelled utterances chosen by a score teach topics better than random ones.",
            "change of the share of wrong topics against as many random utterances",
            PERCENT,
        ),
    ),
    "S2": (
        Plain(
            "They also teach intents and details better.",
            "change of the rate of wrong intents and slots against as many random utterances",
            PERCENT,
        ),
    ),
    "S3": (
        Plain(
            "Two common scores say different things only if the model that gave the labels takes neither.",
            "how much more alike the two scores rank if the labelling model takes both",
        ),
    ),
    "E1": (
        Plain(
            "More experts remember more, with as many parameters at work.",
            "doublings of the largest phone book for each doubling of the experts",
        ),
    ),
    "E2": (
        Plain(
            "More experts add little to reasoning.",
            "gain in shortest paths by twice the experts, as a share of the gain by twice the width",
        ),
    ),
    "E3": (
        Plain(
            "No number of narrow experts can solve a certain search in graphs; a wider model can.",
            "a theorem, checked case by case",
        ),
    ),
    "E3b": (
        Plain(
            "Trained models meet that wall too: larger graphs need wider models.",
            "how the width that is needed grows with the number of vertices",
        ),
        Plain(
            "And more experts do not move it.",
            "doublings of the width that is needed for each doubling of the experts",
        ),
    ),
    "E4": (
        Plain(
            "A mixture of experts remembers the same book with fewer parameters at work.",
            "parameters at work in the mixture, of those in an ordinary model that remembers as much",
        ),
    ),
    "E5": (
        Plain(
            "In language models, experts raise knowledge more than reasoning.",
            "rise of knowledge minus rise of reasoning for each doubling of the experts, standardised",
        ),
    ),
    "X1": (
        Plain(
            "Which single examples are hard tells a mixture of experts from a model of equal cost.",
            "right answers from the scores of 10 examples, minus those from how much is recalled in all",
            GAIN,
        ),
        Plain(
            "And from an ordinary model of the same size.",
            "right answers from the scores of 10 examples, minus those from how much is recalled in all",
            GAIN,
        ),
    ),
    "X2": (
        Plain(
            "What experts newly remember is not what a wider ordinary model newly remembers.",
            "how much more closely what is gained follows difficulty with experts than with width",
        ),
    ),
}


def plain(identifier: str, claim: str) -> Plain:
    """The plain words of a claim, by its identifier and its text in `CLAIMS`; of any other, its own text."""
    entries = [entry.claim for entry in CLAIMS if entry.id == identifier]
    words = PLAIN.get(identifier, ())
    part = entries.index(claim) if claim in entries else len(words)
    return words[part] if part < len(words) else Plain(claim[:1].upper() + claim[1:] + ".", "its statistic")
