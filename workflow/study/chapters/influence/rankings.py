"""Step `rankings`: every score of one encoder, averaged over its runs, as pruning reads it."""

import pandas as pd

from study import paths
from study.chapters.influence.reading import CHAPTER, all_scores
from study.chapters.runs import example_frame
from study.config import StudySettings
from study.files import write_parquet


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write rankings.parquet: a row per training example, a column per score."""
    means = {column: values.mean(axis=0) for column, values in all_scores(study, dataset, model).items()}
    frame = pd.concat([example_frame(CHAPTER, dataset, model), pd.DataFrame(means)], axis=1)
    write_parquet(paths.rankings(CHAPTER, dataset, model), frame)
