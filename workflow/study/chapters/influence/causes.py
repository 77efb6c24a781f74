"""Step `causes`: what the generator knows of each example, beside what scores say of it."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.causes import causes_table
from study.chapters.influence.reading import CHAPTER, all_scores, write_of_models
from study.chapters.runs import example_frame
from study.config import StudySettings
from study.files import read_parquet
from study.scores.registry import orient


def run(study: StudySettings, dataset: str) -> None:
    """Write causes.csv of a data set: how hard each score finds examples with each known cause."""
    write_of_models(study, dataset, _tables)


def _tables(study: StudySettings, dataset: str, model: str) -> dict[str, pd.DataFrame]:
    scores = all_scores(study, dataset, model)
    hardness = {column: orient(column, scores[column]) for column in study.influence.analysis.scores}
    return {"causes": causes_table(hardness, _facts(dataset, model))}


def _facts(dataset: str, model: str) -> pd.DataFrame:
    """What is known of each training example, in the order of the runs, label noise included."""
    data = read_parquet(f"{paths.data_folder(dataset)}/examples.parquet").set_index("example_id")
    data = data.loc[example_frame(CHAPTER, dataset, model)["example_id"]].reset_index()
    known = ("reasoning", "artefact", "ambiguous", "intent", "slip", "shared", "domain")
    facts = data[[name for name in known if name in data.columns]].copy()
    if data["flipped"].any():
        facts["wrong label"] = np.where(data["flipped"], "yes", "no")
    return facts
