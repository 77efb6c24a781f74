"""Step `consistency`: how far single runs of a model agree."""

from study.analysis.consistency import consistency_tables
from study.chapters.difficulty.reading import matrices, write_tables
from study.config import StudySettings


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write consistency.csv, rank_error_by_quantile.csv and run_agreement.csv of one model."""
    tables = consistency_tables(matrices(study, dataset, model))
    named = {
        "consistency": tables.summary,
        "rank_error_by_quantile": tables.quantiles,
        "run_agreement": tables.runs,
    }
    write_tables(named, dataset, model)
