"""What the steps of the chapter read: recall and difficulty in the runs of its three models."""

import numpy as np

from study.analysis.gained import Learned
from study.chapters import runs
from study.config import StudySettings
from study.scores.registry import orient

CHAPTER = "synthesis"
RECALLED = "accuracy_last"  # 1 where the whole number is right after the last epoch


def dataset_of(study: StudySettings) -> str:
    """The one data set of the chapter."""
    (dataset,) = study.synthesis.datasets
    return dataset


def learned(study: StudySettings) -> Learned:
    """Difficulty in half A of the runs of the dense model of equal active size, and recall elsewhere."""
    chapter, dataset = study.synthesis, dataset_of(study)
    score = chapter.fingerprint.score

    def recorded(model: str, *columns: str) -> dict[str, np.ndarray]:
        return runs.matrices(study, CHAPTER, dataset, model, columns)

    dense = recorded(chapter.equal_active, score, RECALLED)
    a, b = map(list, chapter.halves)
    return Learned(
        difficulty=orient(score, dense[score][a]),
        dense=dense[RECALLED][b],
        mixture=recorded(chapter.mixture, RECALLED)[RECALLED],
        wide=recorded(chapter.equal_total, RECALLED)[RECALLED],
    )
