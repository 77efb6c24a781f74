"""Step `claims`: what this run says of the claims X1 and X2."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.claim_list import find
from study.analysis.claims import at_limit
from study.analysis.fingerprint_tables import AGGREGATE, SUBJECT
from study.analysis.gained import DIFFERENCE, limited
from study.chapters.difficulty.claims import CHOSEN
from study.chapters.synthesis.reading import CHAPTER, dataset_of
from study.chapters.verdicts import joined, judged, not_run, rows_where
from study.config import StudySettings
from study.files import read_csv, write_csv


def run(study: StudySettings) -> None:
    """Write claims.csv of the chapter."""
    parts = [_told_apart(study, part, equal) for part, equal in enumerate(study.synthesis.dense)]
    write_csv(paths.table(CHAPTER, "claims"), joined([*parts, _gained(study)], study))


def _told_apart(study: StudySettings, part: int, equal: str) -> pd.DataFrame:
    """X1: few entries tell the mixture from a dense model, better than what sees no single entry does."""
    claim, names = find("X1", part), study.synthesis
    inside = {"comparison": equal, "setting": "in_distribution", "evaluated": "all"}
    differences, arms = (_table(name) for name in ("fingerprint_differences", "fingerprint"))
    rows = rows_where(differences, **inside, features=SUBJECT, baseline=AGGREGATE, k=CHOSEN)
    if not len(rows):
        return not_run(claim, f"no fingerprint of {CHOSEN} entries was asked for (fingerprint.k)")
    arms = rows_where(arms, **inside, classifier="logistic")
    chance = arms["chance"].iloc[0]
    arms = arms[(arms["k"] == CHOSEN) | arms["features"].isin(["mean_score", "accuracy"])]
    accuracy = arms.set_index("features")["estimate"]
    note = (
        f"{names.mixture} against {names.dense[equal]}: accuracy of {CHOSEN} entries "
        f"{accuracy[SUBJECT]:.2f}, of as many random ones {accuracy['random']:.2f}; aggregate: greater of a "
        f"run's mean score ({accuracy['mean_score']:.2f}) and its recall ({accuracy['accuracy']:.2f})"
    )
    if rows["reason"].notna().all():
        note += f"; no interval: {rows['reason'].iloc[0]}"
    limited = at_limit(accuracy[[SUBJECT, "mean_score", "accuracy"]], chance, 1.0)
    evidence = paths.chapter_figure(CHAPTER, "fingerprint_of_experts", "png")
    return judged(claim, rows.assign(note=note), evidence, limited, dataset_of(study))


def _gained(study: StudySettings) -> pd.DataFrame:
    """X2: difficulty goes with what the mixture gains more than with what the wider dense model gains."""
    table, runs, names = _table("gained").set_index("arm"), _table("recall"), study.synthesis
    recall, limits = runs.groupby("model", sort=False)["recall"].mean(), limited(runs)
    means = ", ".join(f"{model} {share:.2f}" for model, share in recall.items())
    row, correlation = table.loc[DIFFERENCE], table["estimate"]
    note = (
        f"{row['entries']:,} entries; difficulty to {row['seeds_a']} seeds of {names.equal_active}, gains "
        f"beyond {row['seeds_b']} others; correlation: {names.mixture} "
        f"{correlation['mixture']:.2f}, {names.equal_total} {correlation['wide']:.2f}; recall: {means}"
    )
    if not np.isfinite(row["estimate"]):
        note += "; a model gains the same on all entries"
    evidence = paths.chapter_figure(CHAPTER, "newly_remembered", "png")
    rows = table.loc[[DIFFERENCE]].assign(note=note)
    why = f"{', '.join(limits)}: all seeds are within 2 points of floor or ceiling"
    return judged(find("X2"), rows, evidence, bool(limits), dataset_of(study), why)


def _table(name: str) -> pd.DataFrame:
    return read_csv(paths.table(CHAPTER, name))
