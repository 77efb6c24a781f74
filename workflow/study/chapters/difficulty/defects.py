"""Step `defects`: how well scores find the labels that were flipped on purpose."""

import numpy as np

from study import paths
from study.analysis.defects import defects_table
from study.chapters.difficulty.reading import all_scores, example_frame, write_tables
from study.config import StudySettings
from study.files import read_parquet
from study.scores.registry import orient
from study.seeds import generator


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write defects.csv of one model; without label noise it says so in one row."""
    scores = {column: orient(column, values) for column, values in all_scores(study, dataset, model).items()}
    stream = generator(study.seed, dataset, model, "defects")
    table = defects_table(scores, flips(dataset, model), stream, study.difficulty.analysis.draws)
    write_tables({"defects": table}, dataset, model)


def flips(dataset: str, model: str) -> np.ndarray:
    """(N,) whether the label of each training example was flipped, in the order of the model's runs."""
    data = read_parquet(f"{paths.data_folder(dataset)}/examples.parquet", ["example_id", "flipped"])
    flipped = data.set_index("example_id")["flipped"]
    return flipped.loc[example_frame(dataset, model)["example_id"]].to_numpy(dtype=bool)
