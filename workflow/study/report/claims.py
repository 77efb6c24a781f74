"""What a study says of the claims, rows of results/claims.csv in plain words, as rows and sentences."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.claims import CONTRADICTED, INCONCLUSIVE, NOT_RUN, SUPPORTED, VERDICTS, VERIFIED
from study.plotting import words
from study.plotting.influence.arms import ranking_label
from study.report import plain
from study.report.plain import Plain

HOLDS, PARTLY, FAILS, OPEN = "holds", "holds in part", "does not hold", "undecided"
"""What may be said of a claim as a whole, beside that it was not run."""
OUTCOMES = (HOLDS, PARTLY, FAILS, OPEN, NOT_RUN)
CHAPTERS_OF = {"D": "difficulty", "I": "influence", "S": "selection", "E": "experts", "X": "synthesis"}
"""The chapter of a claim, by the first letter of its identifier."""
_FORMS = {
    plain.SHARE: (100, "\N{NO-BREAK SPACE}%"),
    plain.GAIN: (100, " points"),
    plain.POINTS: (1, " points"),
    plain.PERCENT: (1, "\N{NO-BREAK SPACE}%"),
    plain.NUMBER: (1, ""),
}


class Finding(NamedTuple):
    """What one data set says of a claim, in words."""

    dataset: str
    verdicts: tuple[tuple[str, str], ...]
    """Each verdict that there is, and how often: `supported`, `22 of 30 supported`."""
    estimate: str
    runs: str
    detectable: str
    note: str
    evidence: str
    """The figure that shows it; empty without one."""


class Told(NamedTuple):
    """A claim with all findings."""

    id: str
    chapter: str
    words: Plain
    asserted: str
    """What the claim asserts of its number."""
    paper: str
    paper_value: str
    outcome: str
    findings: tuple[Finding, ...]

    @property
    def sentence(self) -> str:
        """The claim, and the numbers by which it was judged."""
        found = "; ".join(_finding_in_words(finding) for finding in self.findings if finding.estimate)
        if not found:
            return " ".join(
                [self.words.sentence, *(f"{sentence(finding.note)}." for finding in self.findings)]
            )
        return f"{self.words.sentence} Measured: {self.words.number}{_asserted(self.asserted)}: {found}."


def sentence(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def told(claims: pd.DataFrame) -> list[Told]:
    """Every claim of results/claims.csv, in its order."""
    keys = ["id", "claim"]
    return [_told(rows) for _, rows in claims.groupby(keys, sort=False)]


def tally(claims: list[Told]) -> dict[str, int]:
    """How many claims have each outcome; those that none has are left out."""
    counts = {outcome: sum(claim.outcome == outcome for claim in claims) for outcome in OUTCOMES}
    return {outcome: count for outcome, count in counts.items() if count}


def outcome(verdicts: pd.Series) -> str:
    """One word for the verdicts on a claim over its data sets and scores.

    It holds if all support it, in part if some do; it does not hold if none does and one contradicts it.
    """
    found = set(verdicts)
    for_it = found & {SUPPORTED, VERIFIED}
    if found == {NOT_RUN}:
        return NOT_RUN
    if for_it:
        return HOLDS if found <= {SUPPORTED, VERIFIED} else PARTLY
    return FAILS if CONTRADICTED in found else OPEN


def _told(rows: pd.DataFrame) -> Told:
    first = rows.iloc[0]
    words_of = plain.plain(first["id"], first["claim"])
    # A row without a score is of all scores together: those of single scores then stand beside the claim.
    of_all = rows["score"].isna().groupby(rows["dataset"], dropna=False).transform("any")
    own = rows[rows["score"].isna() | ~of_all]
    return Told(
        id=first["id"],
        chapter=CHAPTERS_OF.get(first["id"][0], ""),
        words=words_of,
        asserted=_threshold(first["threshold"], words_of.unit),
        paper=first["paper"],
        paper_value=_text(first["paper_value"]),
        outcome=outcome(own["verdict"]),
        findings=tuple(_findings(own, words_of)),
    )


def _findings(rows: pd.DataFrame, words_of: Plain) -> Iterator[Finding]:
    for dataset, part in rows.groupby("dataset", sort=False, dropna=False):
        estimates = part.dropna(subset=["estimate"]).sort_values("estimate", kind="stable")
        notes = part["note"].dropna()
        yield Finding(
            dataset=_text(dataset),
            verdicts=tuple(_counted(part["verdict"])),
            estimate=_estimate(estimates, words_of.unit),
            runs=words.span(part["n"].dropna()) if part["n"].notna().any() else "",
            detectable=_range(part["detectable"], words_of.unit),
            note=notes.iloc[0] if len(part) == 1 and len(notes) else "",
            evidence=_text(part["evidence"].iloc[0]),
        )


def _counted(verdicts: pd.Series) -> Iterator[tuple[str, str]]:
    counts = verdicts.value_counts()
    for verdict in VERDICTS:
        if verdict in counts:
            many = f"{counts[verdict]} of {len(verdicts)} " if len(verdicts) > 1 else ""
            yield verdict, f"{many}{verdict}"


def _estimate(rows: pd.DataFrame, unit: str) -> str:
    """`3.1 [2.8, 3.4] %`; of several the median, and both ends with their scores."""
    if rows.empty:
        return ""
    if len(rows) == 1:
        row = rows.iloc[0]
        ends = [_value(row[end], unit) for end in ("ci_low", "ci_high")]
        interval = f" [{', '.join(ends)}]" if row[["ci_low", "ci_high"]].notna().all() else ""
        return f"{_value(row['estimate'], unit)}{interval}{_FORMS[unit][1]}"
    ends = (
        f"{_value(end['estimate'], unit)} ({ranking_label(_text(end['score']))})"
        for end in (rows.iloc[0], rows.iloc[-1])
    )
    median = f"{_value(rows['estimate'].median(), unit)}{_FORMS[unit][1]}"
    return f"median {median}; from {' to '.join(ends)}"


def _range(values: pd.Series, unit: str) -> str:
    """The smallest and the largest of some effects."""
    values = values[np.isfinite(values.astype(float))]
    if values.empty:
        return ""
    ends = dict.fromkeys(_value(value, unit) for value in (values.min(), values.max()))
    return f"{' to '.join(ends)}{_FORMS[unit][1]}"


def _value(value: float, unit: str) -> str:
    return words.number(value * _FORMS[unit][0])


def _threshold(text: str, unit: str) -> str:
    """What a claim asserts, in the unit of its estimate: `above 2 %`, `from −0.6 to −0.4`."""
    sign, _, rest = text.partition(" ")
    factor, ending = _FORMS[unit]
    if sign in (">", "<"):
        return f"{'above' if sign == '>' else 'below'} {words.number(float(rest) * factor)}{ending}"
    ends = text.split(" to ")
    if len(ends) == 2:
        return f"from {' to '.join(words.number(float(end) * factor) for end in ends)}{ending}"
    return ""


def _asserted(text: str) -> str:
    return f" (the claim: {text})" if text else ""


def _finding_in_words(finding: Finding) -> str:
    where = f"on {finding.dataset} " if finding.dataset else ""
    verdicts = ", ".join(text for _, text in finding.verdicts)
    runs = f", n = {finding.runs}" if finding.runs else ""
    seen = f", {finding.detectable} would have been seen" if finding.detectable else ""
    undecided = any(verdict == INCONCLUSIVE for verdict, _ in finding.verdicts)
    return f"{where}{finding.estimate} ({verdicts}{runs}{seen if undecided else ''})"


def _text(value: object) -> str:
    """A cell as text; an empty one as none."""
    return "" if value is None or value is pd.NA or value != value else str(value)
