"""Step `claims`: what the study says of every claim, over its chapters."""

from collections.abc import Iterable

import pandas as pd

from study import paths
from study.analysis.claim_list import CLAIMS, Claim
from study.analysis.claims import COLUMNS, NOT_RUN
from study.config import StudySettings
from study.files import read_csv, write_csv


def run(study: StudySettings) -> None:
    """Write results/claims.csv: the chapters' tables of claims, and a row for every claim that none ran."""
    write_csv(paths.CLAIMS, joined(read_csv(paths.table(chapter, "claims")) for chapter in study.chapters))


def joined(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All claims in their order, each as the chapters found it on the data sets where they could."""
    found = pd.concat([pd.DataFrame(columns=list(COLUMNS)), *tables], ignore_index=True)[list(COLUMNS)]
    parts = [_of_claim(claim, found) for claim in CLAIMS]
    return pd.concat(parts, ignore_index=True).astype({"n": "Int64"})


def _of_claim(claim: Claim, found: pd.DataFrame) -> pd.DataFrame:
    mine = found[(found["id"] == claim.id) & (found["claim"] == claim.claim)]
    made = mine[mine["verdict"] != NOT_RUN]
    if len(made):
        return made
    # One row says that it was not run; why, if a chapter says so.
    missing = claim._asdict() | {"verdict": NOT_RUN, "note": "the chapter was not run"}
    return mine.head(1) if len(mine) else pd.DataFrame([missing]).reindex(columns=list(COLUMNS))
