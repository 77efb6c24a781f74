"""Step `claims`: what this run says of the claims S1 to S3."""

import pandas as pd

from study import paths
from study.analysis.claim_list import find
from study.analysis.claims import at_limit
from study.chapters.selection.reading import CHAPTER
from study.chapters.verdicts import joined, judged, not_run
from study.config import StudySettings
from study.files import read_csv, write_csv

_METRICS = {"S1": "dcer", "S2": "semer"}
_ESTIMATE = ["estimate", "low", "high", "n", "detectable"]


def run(study: StudySettings) -> None:
    """Write claims.csv of the chapter."""
    parts = [*_gains(study), *_agreement(study)]
    write_csv(paths.table(CHAPTER, "claims"), joined(parts, study))


def _gains(study: StudySettings) -> list[pd.DataFrame]:
    """S1 and S2, in every language: the highest by either score against as many random ones."""
    settings = study.selection
    judged_ones = [how.name for how in settings.judged if how in settings.strategies]
    parts = []
    for name, metric in _METRICS.items():
        claim, found = find(name), []
        for dataset in settings.datasets:
            table = read_csv(paths.analysis(CHAPTER, dataset, "selection.csv"))
            of_metric = table[(table["metric"] == metric) & (table["view"] == "overall")]
            here = of_metric[of_metric["size"] == settings.size]
            rows = here[(here["statistic"] == "change") & here["strategy"].isin(judged_ones)]
            rates = of_metric.loc[of_metric["statistic"] == "rate", "estimate"].dropna().to_numpy()
            if rows.empty or not len(rates):
                continue
            note = [f"; {reason}" if isinstance(reason, str) and reason else "" for reason in rows["reason"]]
            told = pd.DataFrame(
                {
                    "score": rows["strategy"].str.partition("-")[2],
                    "note": [f"{settings.size:.0%} of gold added{reason}" for reason in note],
                }
            )
            evidence = paths.chapter_figure(CHAPTER, "gain_by_strategy", "png")
            numbers = rows[_ESTIMATE].join(told).reset_index(drop=True)
            found.append(judged(claim, numbers, evidence, at_limit(rates, 0.0, 1.0), dataset))
        why = "no language has slots" if judged_ones else "no strategy takes the highest by a score"
        parts += found or [not_run(claim, why)]
    return parts


def _agreement(study: StudySettings) -> list[pd.DataFrame]:
    """S3: how much more alike the two scores rank if the teacher gives both than if one scorer does."""
    claim, found = find("S3"), []
    for dataset in study.selection.datasets:
        table = read_csv(paths.analysis(CHAPTER, dataset, "score_agreement.csv"))
        rows = table.set_index("metric")
        own = rows.loc["spearman_teacher", "estimate"]
        other = rows.loc["spearman_scorer", "estimate"]
        note = (
            f"Spearman of {' and '.join(study.selection.scores)}: teacher {own:.2f}, one scorer {other:.2f}"
        )
        row = rows.loc[["spearman_difference"], _ESTIMATE].assign(note=note).reset_index(drop=True)
        evidence = paths.chapter_figure(CHAPTER, "entropy_el2n", "png")
        found.append(judged(claim, row, evidence, dataset=dataset))
    return found
