"""Step `fingerprint_by_score`: which scores tell models apart, by few examples, all, or the mean."""

import pandas as pd

from study import paths
from study.analysis.fingerprint import headline
from study.analysis.fingerprint_by_score import fingerprint_of_score
from study.chapters.difficulty.reading import CHAPTER, hard_by_model, per_run
from study.config import StudySettings
from study.files import write_csv
from study.seeds import generator


def run(study: StudySettings, dataset: str) -> None:
    """Write fingerprint_by_score.csv, for the scores that figures show."""
    analysis = study.difficulty.analysis
    settings, parts = analysis.fingerprint, []
    for column in per_run(analysis.scores):
        # The same stream for every score: the same splits.
        rng = generator(study.seed, dataset, "fingerprint by score")
        found = fingerprint_of_score(
            hard_by_model(study, dataset, column),
            rng=rng,
            k=headline(settings.k),
            repeats=settings.score_repeats,
        )
        found.insert(0, "score", column)
        parts.append(found)
    write_csv(paths.analysis(CHAPTER, dataset, "fingerprint_by_score.csv"), pd.concat(parts))
