"""Step `rankings`: every score of one encoder, averaged over its runs, for pruning and for people."""

import numpy as np
import pandas as pd

from study import paths
from study.chapters.influence.reading import CHAPTER, all_scores
from study.chapters.runs import example_frame
from study.config import StudySettings
from study.data.dataset import open as open_dataset
from study.data.text.packed import unpack
from study.files import write_csv, write_parquet
from study.scores.registry import orient


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write rankings.parquet, a row per training example, and ranked.csv, the texts from hard to easy.

    The latter ranks by the mean, over the scores that figures show, of the hardness rank of an example, from
    0 (easiest) to 1 (hardest).
    """
    means = {column: values.mean(axis=0) for column, values in all_scores(study, dataset, model).items()}
    examples = example_frame(CHAPTER, dataset, model)
    frame = pd.concat([examples, pd.DataFrame(means)], axis=1)
    write_parquet(paths.rankings(CHAPTER, dataset, model), frame)
    shown = {column: means[column] for column in study.influence.analysis.scores}
    write_csv(paths.ranked(CHAPTER, dataset, model), _ranked(dataset, examples, shown))


def _ranked(dataset: str, examples: pd.DataFrame, shown: dict[str, np.ndarray]) -> pd.DataFrame:
    data = open_dataset(paths.data_folder(dataset))
    ranks = pd.DataFrame({column: orient(column, values) for column, values in shown.items()}).rank()
    hardness = ((ranks - 0.5) / len(ranks)).mean(axis=1)
    columns = zip(*unpack(data.train.inputs), strict=True)
    texts = {name: list(column) for name, column in zip(("text", "second_text"), columns, strict=False)}
    table = pd.DataFrame(
        {
            "example_id": examples["example_id"],
            "hardness": hardness,
            "label": [data.classes[label] for label in data.train.labels],
            **texts,
            **shown,
        }
    )
    return table.sort_values("hardness", ascending=False, kind="stable", ignore_index=True)
