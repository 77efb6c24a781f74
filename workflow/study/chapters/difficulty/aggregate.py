"""Step `aggregate`: the scores of one model over its runs, example by example."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.consistency import example_rank_error
from study.chapters.difficulty.reading import CHAPTER, example_frame, matrices
from study.config import StudySettings
from study.files import write_parquet


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write `scores.parquet`: per score the mean, std (ddof 1), number of runs and mean rank error."""
    columns: dict[str, np.ndarray] = {}
    for score, values in matrices(study, dataset, model).items():
        columns[f"{score}_mean"] = values.mean(axis=0)
        columns[f"{score}_std"] = values.std(axis=0, ddof=1)
        columns[f"{score}_n"] = np.full(values.shape[1], len(values), dtype=np.int32)
        columns[f"{score}_rank_error"] = example_rank_error(values)
    frame = pd.concat([example_frame(dataset, model), pd.DataFrame(columns)], axis=1)
    write_parquet(paths.scores(CHAPTER, dataset, model), frame)
