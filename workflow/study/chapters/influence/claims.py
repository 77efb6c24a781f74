"""Step `claims`: what this run says of the claims I1 to I5."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.claim_list import find
from study.analysis.claims import at_limit
from study.analysis.pruned import EASY, FULL, HARD, RANDOM
from study.analysis.understanding import relative_change
from study.chapters.influence.reading import CHAPTER, tables_of_pruning
from study.chapters.verdicts import joined, judged, not_run
from study.config import StudySettings
from study.files import read_csv, read_json, write_csv

_HALF = 0.5  # of the examples, as I1 and I2 have it
_POINTS = 100
_OF_HALF = "vog_embedding_class"  # the score that I1 names
_NOISE_SCORES = ("tracin_last_layers", "pvi")  # those that I4 names
_FEW = (0.05, 0.1)  # shares of the hardest that I4 speaks of


def run(study: StudySettings) -> None:
    """Write claims.csv of the chapter."""
    parts = [*_pruned(study), *_noise(study), _normalisation(study)]
    write_csv(paths.table(CHAPTER, "claims"), joined(parts, study))


def _pruned(study: StudySettings) -> list[pd.DataFrame]:
    """I1 to I3, on every data set with right labels that is pruned."""
    claims, found = [find(name) for name in ("I1", "I2", "I3")], []
    for dataset, table in tables_of_pruning(study).items():
        if study.datasets[dataset].noisy:
            continue
        arms = _arms(table)
        half = table["fraction"].round(6) == _HALF
        easy = (table["arm"] == EASY) & (table["statistic"] == "difference")
        chosen = {
            "I1": half & easy & (table["against"] == FULL) & (table["ranking"] == _OF_HALF),
            "I2": half & easy & (table["against"] == RANDOM),
            "I3": easy & (table["against"] == HARD),
        }
        limited = at_limit(arms, 1 / _classes(study, dataset), 1.0)
        for claim in claims:
            rows = table[chosen[claim.id]]
            if len(rows):
                found.append(_judged(claim, rows, dataset, "pruning_curves", limited))
    ran = {part["id"].iloc[0] for part in found}
    return found + [not_run(claim, "no plan prunes as it asks") for claim in claims if claim.id not in ran]


def _noise(study: StudySettings) -> list[pd.DataFrame]:
    """I4: the hardest go, of data with wrong labels."""
    claim, found = find("I4"), []
    for dataset, table in tables_of_pruning(study).items():
        if not study.datasets[dataset].noisy:
            continue
        rows = table[
            (table["arm"] == HARD)
            & (table["statistic"] == "difference")
            & table["fraction"].round(6).isin(_FEW)
            & table["ranking"].isin(_NOISE_SCORES)
        ]
        if len(rows):
            limited = at_limit(_arms(table), 1 / _classes(study, dataset), 1.0)
            found.append(_judged(claim, rows, dataset, "pruning_curves", limited))
    return found or [not_run(claim, "no plan prunes the hardest of data with wrong labels")]


def _normalisation(study: StudySettings) -> pd.DataFrame:
    """I5: the change of DCER by class- minus that by dataset-normalised VoG, in percent of DCER."""
    claim, settings = find("I5"), study.influence.understanding
    if settings is None or not {"vog_class", "vog_dataset"} <= set(settings.samplings):
        return not_run(claim, "utterances were not pruned by VoG under both normalisations")
    runs = read_csv(paths.table(CHAPTER, "nlu_runs"))
    runs = runs[runs["view"] == "overall"]
    full = runs[runs["fraction"] == 0].sort_values("seed")["dcer"].to_numpy()
    rows = []
    for fraction in settings.fractions:
        mine = runs[np.isclose(runs["fraction"], fraction)].sort_values("seed")
        ways = {way: rate["dcer"].to_numpy() for way, rate in mine.groupby("sampling")}
        # Both changes have the same denominator, so their difference is that of the error rates over it.
        change = relative_change(full + ways["vog_class"] - ways["vog_dataset"], full)
        note = f"{fraction:.0%} pruned; DCER without pruning {full.mean():.1%}"
        rows.append({**change._asdict(), "score": f"pruned {fraction:.0%}", "note": note})
    evidence = paths.chapter_figure(CHAPTER, "domain_reduction", "png")
    return judged(claim, pd.DataFrame(rows), evidence, at_limit(full, 0.0, 1.0), settings.dataset)


def _judged(claim, rows: pd.DataFrame, dataset: str, figure: str, limited: bool) -> pd.DataFrame:
    """Differences in points of accuracy, a row per encoder, ranking and share."""
    note = [
        f"{row.model}, {row.fraction:.0%} pruned, {row.examples:,} left, against {row.against}"
        for row in rows.itertuples()
    ]
    numbers = rows[["estimate", "low", "high", "detectable"]] * _POINTS
    told = pd.DataFrame({"score": rows["ranking"], "n": rows["n"], "note": note}, index=rows.index)
    evidence = paths.figure(CHAPTER, dataset, figure, "png")
    return judged(claim, numbers.join(told).reset_index(drop=True), evidence, limited, dataset)


def _arms(table: pd.DataFrame) -> np.ndarray:
    return table.loc[table["statistic"] == "accuracy", "estimate"].to_numpy()


def _classes(study: StudySettings, dataset: str) -> int:
    return len(read_json(f"{paths.data_folder(dataset)}/card.json")["classes"])
