"""Step `run_map`: runs as points in a plane."""

import numpy as np

from study import paths
from study.analysis.run_map import run_map
from study.chapters.difficulty.reading import CHAPTER, hard_by_model, matrices, per_run
from study.config import StudySettings
from study.files import write_csv
from study.seeds import generator


def run(study: StudySettings, dataset: str) -> None:
    """Write run_map.csv: by the fingerprint's score per example, and by the means of the figures' scores."""
    analysis = study.difficulty.analysis
    aggregates = {}
    for model in study.difficulty.models_on(dataset):
        scores = matrices(study, dataset, model, per_run(analysis.scores))
        aggregates[model] = np.stack([matrix.mean(axis=1) for matrix in scores.values()], axis=1)
    scores = hard_by_model(study, dataset, analysis.fingerprint.score)
    table = run_map(scores, aggregates, generator(study.seed, dataset, "run map"))
    write_csv(paths.analysis(CHAPTER, dataset, "run_map.csv"), table.assign(score=analysis.fingerprint.score))
