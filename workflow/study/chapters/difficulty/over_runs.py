"""Step `over_runs`: the scores of a model that have one value over all of its runs."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.memorization import memorization
from study.chapters.difficulty.reading import CHAPTER, example_frame, matrices, subset_runs, trains_on_subsets
from study.config import StudySettings
from study.files import read_parquet, write_parquet
from study.scores.over_runs import agreement, ddd
from study.scores.user import read_user_score


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write over_runs.parquet: per score its value, and as `<score>_n` the number of runs behind it.

    With memorization, C-score and consensus depth, which only some models have, stand their standard errors,
    `<score>_se`.
    """
    examples = example_frame(dataset, model)
    correct = matrices(study, dataset, model, ["accuracy_last"])["accuracy_last"]
    columns = {"agreement": agreement(correct), "ddd": ddd(correct)}
    counts = {f"{name}_n": np.full(len(examples), len(correct), np.int32) for name in columns}
    if trains_on_subsets(study, dataset, model):
        columns |= memorization(*subset_runs(study, dataset, model))
    columns |= _of_the_user(study, examples["example_id"].to_numpy(dtype=np.str_))
    if study.difficulty.recording.keeps_depths:
        depths = read_parquet(paths.consensus_depth(CHAPTER, dataset, model))
        columns |= {name: depths[name].to_numpy() for name in depths.columns.difference(examples.columns)}
    frame = pd.concat([examples, pd.DataFrame(columns | counts)], axis=1)
    write_parquet(paths.over_runs(CHAPTER, dataset, model), frame)


def _of_the_user(study: StudySettings, ids: np.ndarray) -> dict[str, np.ndarray]:
    """The user's own scores that hold examples of this data set; they are the same for every model."""
    chapter = study.difficulty
    found = {
        name: read_user_score(name, settings.file, ids, tuple(chapter.datasets))
        for name, settings in chapter.user_scores.items()
    }
    return {name: values for name, values in found.items() if values is not None}
