"""Step `consensus_depth`: prediction depth as the authors take it, from the kept models of all runs."""

import numpy as np
import pandas as pd

from study import paths
from study.chapters.difficulty.reading import CHAPTER, example_frame
from study.config import StudySettings
from study.data.dataset import check
from study.files import write_parquet
from study.scores.neighbours import prediction_depth
from study.scores.over_runs import consensus
from study.training.device import prepare_device
from study.training.kept import kept_evaluation


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write consensus_depth.parquet: per example the mean depth over runs, its deviation, and their number.

    Differs from the runs' own `prediction_depth` in two ways: an example is its own nearest neighbour, and
    probes must agree with the class that most runs predict, not with what the run itself does.
    """
    data = check(paths.data_folder(dataset))
    runs = [study.run(CHAPTER, dataset, model, seed) for seed in range(study.difficulty.seeds)]
    device = prepare_device(runs[0].device, runs[0].threads)
    votes, predicted = [], []
    for settings in runs:
        evaluation = kept_evaluation(settings, data, device)
        votes.append(evaluation.votes(include_self=True))
        predicted.append(evaluation.predicted)
    target = consensus(np.array(predicted), len(data.classes))
    depths = np.array([prediction_depth(of_run, target) for of_run in votes])
    name = "prediction_depth_consensus"
    columns = {
        name: depths.mean(0),
        f"{name}_se": _standard_error(depths),
        f"{name}_n": np.full(depths.shape[1], len(depths), np.int32),
    }
    frame = pd.concat([example_frame(dataset, model), pd.DataFrame(columns)], axis=1)
    write_parquet(paths.consensus_depth(CHAPTER, dataset, model), frame)


def _standard_error(depths: np.ndarray) -> np.ndarray:
    """(N,) of the mean of (R, N) depths; NaN for a single run."""
    if len(depths) < 2:
        return np.full(depths.shape[1], np.nan)
    return depths.std(0, ddof=1) / np.sqrt(len(depths))
