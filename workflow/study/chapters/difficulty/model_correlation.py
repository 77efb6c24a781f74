"""Step `model_correlation`: whether models agree on what is hard."""

from study import paths
from study.analysis.model_correlation import model_correlation_tables
from study.chapters.difficulty.reading import CHAPTER, by_model
from study.config import StudySettings
from study.files import write_csv
from study.scores.registry import SCORES


def run(study: StudySettings, dataset: str) -> None:
    """Write model_correlation.csv and model_correlation_summary.csv for the scores that figures show.

    Of these only the ones that each run has: a user's own score is the same for all models.
    """
    settings = study.difficulty.analysis
    shown = [score for score in settings.scores if SCORES[score].per_run] or [settings.sensitivity.score]
    tables = model_correlation_tables({score: by_model(study, dataset, score) for score in shown})
    write_csv(paths.analysis(CHAPTER, dataset, "model_correlation.csv"), tables.pairs)
    write_csv(paths.analysis(CHAPTER, dataset, "model_correlation_summary.csv"), tables.summary)
