"""Step `consistency`: how far single runs of a model agree."""

from study import paths
from study.analysis.consistency import consistency_tables
from study.chapters.difficulty.reading import CHAPTER, each_model, with_model
from study.config import StudySettings
from study.files import write_csv


def run(study: StudySettings, dataset: str) -> None:
    """Write consistency.csv, rank_error_by_quantile.csv and run_agreement.csv."""
    tables = {model: consistency_tables(scores) for model, scores in each_model(study, dataset)}
    names = {"summary": "consistency", "quantiles": "rank_error_by_quantile", "runs": "run_agreement"}
    for part, name in names.items():
        frame = with_model({model: getattr(parts, part) for model, parts in tables.items()})
        write_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"), frame)
