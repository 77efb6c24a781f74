"""Step `claims`: what this run says of the claims D1 to D6 on one data set."""

from collections.abc import Sequence

import pandas as pd

from study import paths
from study.analysis.claim_list import find
from study.analysis.claims import at_limit, median_of
from study.analysis.fingerprint_tables import GREATER
from study.analysis.pooling import mean_over_models
from study.chapters.difficulty.reading import CHAPTER
from study.chapters.verdicts import joined, judged, not_run, rows_where
from study.config import StudySettings
from study.files import read_csv, write_csv
from study.scores.registry import SCORES

CHOSEN = 10  # examples, in the claim on fingerprints


def run(study: StudySettings, dataset: str) -> None:
    """Write claims.csv of one data set."""
    parts = [
        _noisy(dataset),
        _averaging(dataset),
        _one_notion(dataset),
        *_of_several_models(dataset, len(study.difficulty.models_on(dataset))),
        _defects(dataset),
    ]
    table = joined([part for rows in parts for part in rows], study)
    # The chapter's table, which joins those of data sets, says which data set.
    write_csv(paths.analysis(CHAPTER, dataset, "claims.csv"), table.drop(columns="dataset"))


def _noisy(dataset: str) -> list[pd.DataFrame]:
    table = _table(dataset, "consistency")
    table = table[table["statistic"] == "rank_error_median"]
    return [judged(find("D1"), _by_score(table, _continuous(table)), _figure(dataset, "score_spread"))]


def _averaging(dataset: str) -> list[pd.DataFrame]:
    table = _table(dataset, "exponents")
    table = table[table["form"] == "disjoint"]
    rows = _by_score(table, _continuous(table))
    expected = table.groupby("score")["expected"].mean()
    rows["reference"] = rows["score"].map(expected)
    rows["note"] += "; reference: the exponent under independent noise of this size"
    return [judged(find("D2"), rows, _figure(dataset, "runs_needed"))]


def _one_notion(dataset: str) -> list[pd.DataFrame]:
    table = _table(dataset, "components")
    table = table[table["list"] == "distinct"]
    first = table[table["component"].fillna(1) == 1].assign(score="distinct")
    rows = _by_score(first, ["distinct"]).drop(columns="score")
    if rows["estimate"].notna().all():
        real = table["real"].eq(True).groupby(table["model"]).sum()
        beside = f"{real.min()} to {real.max()}" if real.min() < real.max() else f"{real.min()}"
        rows["note"] += f"; components above parallel analysis: {beside}"
    return [judged(find("D3"), rows, _figure(dataset, "principal_components"))]


def _of_several_models(dataset: str, models: int) -> list[list[pd.DataFrame]]:
    if models > 1:
        return [_sensitive(dataset), _fingerprint(dataset)]
    claims = (find("D4", 0), find("D4", 1), find("D5"))
    return [[not_run(claim, "one model has no other to be compared with")] for claim in claims]


def _sensitive(dataset: str) -> list[pd.DataFrame]:
    table = _table(dataset, "sensitivity_overall").set_index(["scale", "statistic"])
    parts = []
    for part, key, other in (
        (0, ("normal", "excess"), ("raw", "excess")),
        (1, ("rank", "share_equivalent"), ("rank", "share_equivalent_singly")),
    ):
        words = "on raw values" if part == 0 else "each test by itself"
        note = (
            f"mean over {table.loc[key, 'pairs']} pairs of models; {words} {table.loc[other, 'estimate']:.2g}"
        )
        rows = table.loc[[key]].reset_index().assign(note=note)
        parts.append(judged(find("D4", part), rows, _figure(dataset, "sensitivity_manhattan")))
    return parts


def _fingerprint(dataset: str) -> list[pd.DataFrame]:
    claim, evidence = find("D5"), _figure(dataset, "fingerprint_accuracy")
    differences, arms = _table(dataset, "fingerprint_differences"), _table(dataset, "fingerprint")
    where = {"setting": "in_distribution", "evaluated": "all"}
    rows = rows_where(differences, **where, features="p_value", baseline=GREATER, k=CHOSEN)
    if not len(rows):
        return [not_run(claim, f"no fingerprint of {CHOSEN} examples was asked for (fingerprint.k)")]
    arms = rows_where(arms, **where, classifier="logistic")
    compared = arms["features"].isin(["p_value", "random"]) & (arms["k"] == CHOSEN)
    accuracies = arms.loc[compared | (arms["features"] == "mean_score"), "estimate"]
    limited = at_limit(accuracies, arms["chance"].iloc[0], 1.0)
    note = f"accuracies compared: {accuracies.min():.2f} to {accuracies.max():.2f}"
    if "reason" in rows and rows["reason"].notna().all():
        note += f"; no interval: {rows['reason'].iloc[0]}"
    return [judged(claim, rows.assign(note=note), evidence, limited)]


def _defects(dataset: str) -> list[pd.DataFrame]:
    claim, table = find("D6"), _table(dataset, "defects")
    reasons = table["reason"].dropna()
    table = table[table["statistic"] == "auroc"]
    if not len(table):
        return [not_run(claim, reasons.iloc[0])]
    table = table[table["runs"] == table.groupby(["model", "score"])["runs"].transform("max")]
    widest = table["interval"].map({"both": 0, "examples": 1, "runs": 2})
    table = table[widest == widest.groupby([table["model"], table["score"]]).transform("min")]
    # The flips are the same for all models: their errors are not independent.
    rows = _by_score(table, table["score"].unique(), independent=False)
    middle = median_of(rows).to_frame().T.astype(float)
    middle["note"] = f"median over {len(rows)} scores of the mean over {rows['models'].max()} models"
    evidence = _figure(dataset, "defect_detection")
    parts = [judged(claim, middle, evidence), judged(claim, rows, evidence)]
    parts[0]["statistic"] += ", median over scores"
    return parts


def _table(dataset: str, name: str) -> pd.DataFrame:
    return read_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"))


def _continuous(table: pd.DataFrame) -> list[str]:
    """The scores whose ranks are not made of ties; a user's own count, too."""
    return [score for score in table["score"].unique() if score not in SCORES or not SCORES[score].coarse]


def _by_score(table: pd.DataFrame, scores: Sequence[str], independent: bool = True) -> pd.DataFrame:
    """The mean over models of each score, in order; where no model has an estimate, the reason instead."""
    table = table[table["score"].isin(scores)]
    rows = mean_over_models(table, ["score"], independent).set_index("score").reindex(scores)
    notes = _pooled(rows["models"])
    if "reason" in table:
        reasons = table.dropna(subset=["reason"]).groupby("score")["reason"].first().reindex(scores)
        notes = notes.where(rows["estimate"].notna(), reasons)
    return rows.assign(note=notes.fillna("undefined for every model")).reset_index()


def _pooled(models: pd.Series) -> pd.Series:
    return models.map(lambda count: f"mean over {int(count)} models", na_action="ignore")


def _figure(dataset: str, name: str) -> str:
    return paths.figure(CHAPTER, dataset, name, "png")
