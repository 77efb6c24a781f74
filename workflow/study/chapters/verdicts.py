"""From numbers to rows of a chapter's table of claims."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from study.analysis.claim_list import Claim
from study.analysis.claims import COLUMNS, NOT_RUN, Threshold, judge
from study.config import StudySettings


def judged(
    claim: Claim,
    rows: pd.DataFrame,
    evidence: str,
    limited: bool = False,
    dataset: str | None = None,
    why_limited: str = "all arms are within 2 points of floor or ceiling",
) -> pd.DataFrame:
    """Rows `estimate, low, high, n, detectable, note` (and `score`) of one claim with their verdicts.

    Args:
        claim: which claim.
        rows: its estimates.
        evidence: the figure that shows them.
        limited: whether floor or ceiling leave no room for a difference of arms.
        dataset: what the estimates are of, where the table has rows of several data sets.
        why_limited: what a note says of arms at a limit.
    """
    rows = rows.rename(columns={"low": "ci_low", "high": "ci_high"}).assign(at_limit=limited)
    found = judge(rows, Threshold.parse(claim.threshold))
    note = found["note"] + (f"; {why_limited}" if limited else "")
    kept = found.reindex(columns=list(COLUMNS)).drop(columns=[*claim._fields, "note", "evidence", "dataset"])
    return kept.assign(**claim._asdict(), note=note, evidence=evidence, dataset=dataset)


def rows_where(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows with these values."""
    return table[np.all([table[column] == value for column, value in values.items()], axis=0)]


def not_run(claim: Claim, why: str) -> pd.DataFrame:
    """The row of a claim of which nothing was computed."""
    return pd.DataFrame([claim._asdict() | {"verdict": NOT_RUN, "note": why}])


def joined(parts: Sequence[pd.DataFrame], study: StudySettings) -> pd.DataFrame:
    """The rows of a chapter's claims as one table, with the scale of the study."""
    table = pd.concat(parts, ignore_index=True)
    stated = table["paper_value"].fillna("") != ""
    comparable = np.where(stated, "yes" if study.name == "paper" else "no", "")
    table = table.assign(comparable=comparable, scale=study.name)
    return table.reindex(columns=list(COLUMNS)).astype({"n": "Int64"})
