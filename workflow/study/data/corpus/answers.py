"""How right an answer is: F1, exact match, the number that it comes to, the likeliest choice.

Nothing is imported but the standard library and numpy: a copy of this file stands beside the tasks that are
written for the lm-evaluation-harness (study.analysis.harness.tasks), which calls the last two functions.
"""

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")

MARK = r"####\s*\$?"
"""What stands before the final number in GSM8K (arXiv 2110.14168)."""
CONCLUSION = r"\A.*;\s*([-+]?\s?[0-9](?:\s?[0-9])*)\s*\.?\s*\Z"
"""Nothing but a whole number behind the last ";", as generated workings end; its digits may be apart."""
SIGN = r"(?:(?<![\w)])[-+])?"  # behind a number, a name or a bracket it takes away, or adds
WHOLE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)"
POINT = r"(?<![\w.])\."  # of a number that begins with it
NUMBER = rf"{SIGN}(?:{WHOLE}(?:\.[0-9]+)?|{POINT}[0-9]+)"
"""A number within a text: 7, -7, 1,234,567, 3.50, .5."""


def normalised(text: str) -> str:
    """The text in lower case, without punctuation, without articles, with single blanks.

    In this order, as the script of SQuAD has it (arXiv 1606.05250). That of TriviaQA (arXiv 1705.03551) puts
    a blank where punctuation was, so that "U.S." is two words there and one here.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(text: str, answers: Sequence[str]) -> bool:
    """Whether the text is one of the accepted answers, both normalised (arXiv 1606.05250, section 6.1)."""
    return normalised(text) in map(normalised, answers)


def f1(text: str, answers: Sequence[str]) -> float:
    """Harmonic mean of precision and recall of the words, normalised; the best of the accepted answers.

    Words count as often as they occur. Where one of the two has no words left, it is 1 if the other has none
    either, else 0 (as of SQuAD 2.0). Source: arXiv 1606.05250, section 6.1.
    """
    return max(_f1(normalised(text).split(), normalised(answer).split()) for answer in answers)


def _f1(words: list[str], answer: list[str]) -> float:
    if not words or not answer:
        return float(words == answer)
    common = sum((Counter(words) & Counter(answer)).values())
    return 2 * common / (len(words) + len(answer))


def conclusion(text: str) -> str:
    """What stands behind the last ";" of a working, without its full stop; all of a text that has none."""
    return text.rpartition(";")[2].strip(" .")


def same_conclusion(text: str, answers: Sequence[str]) -> bool:
    """Whether the conclusion of the text is that of an accepted answer, normalised."""
    return exact_match(conclusion(text), list(map(conclusion, answers)))


def number(text: str) -> Decimal | None:
    """The number that an answer comes to; None if there is none.

    The first one behind a `####` if any is (GSM8K); or the digits behind the last ";" if nothing else stands
    there, as in `9 + 3 = 1 2 , 1 + 2 + 1 = 4 ; 4 2 .`; or the last number of the text.
    """
    marked = re.search(f"{MARK}({NUMBER})", text)
    concluded = re.search(CONCLUSION, text, re.DOTALL)
    found = [(marked or concluded)[1]] if marked or concluded else re.findall(NUMBER, text)
    return Decimal(re.sub(r"[,\s]", "", found[-1])) if found else None


def same_number(text: str, answers: Sequence[str]) -> bool:
    """Whether the text comes to the number of an accepted answer: 3.0 is 3, and 1,000 is 1000."""
    value = number(text)
    return value is not None and value in map(number, answers)


def right_choice(
    log_likelihoods: Sequence[float], choices: Sequence[str], answers: Sequence[str]
) -> tuple[bool, bool]:
    """Whether the likeliest choice is an accepted answer: by its log-likelihood, and by that a character.

    Of equally likely ones the first counts. Both are the harness's: `acc` and `acc_norm`.

    Args:
        log_likelihoods: of each choice behind the prompt, in any unit.
        choices: as many texts, none of which is empty.
        answers: the accepted ones.
    """
    scores = np.asarray(log_likelihoods, dtype=np.float64)
    lengths = np.array([len(choice) for choice in choices])
    return choices[scores.argmax()] in answers, choices[(scores / lengths).argmax()] in answers


SCORERS = {"f1": f1, "exact": same_conclusion, "number": same_number}
"""By the measure of a question: from a text and the accepted answers to a score between 0 and 1."""


def words_of_harness(doc: Mapping, results: Sequence[str]) -> dict[str, float]:
    """F1 and exact match of one question, as the harness asks for them: its row and the texts generated."""
    text, answers = results[0], doc["answers"]
    return {"f1": f1(text, answers), "exact_match": float(exact_match(text, answers))}


def conclusion_of_harness(doc: Mapping, results: Sequence[str]) -> dict[str, float]:
    """The same for questions whose answers are worked out: exact match of the conclusion."""
    return {"exact_match": float(same_conclusion(results[0], doc["answers"]))}
