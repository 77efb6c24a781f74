"""Step `sensitivity`: which examples two models find differently hard."""

import pandas as pd

from study import paths
from study.analysis.sensitivity import extremes, sensitivity
from study.chapters.difficulty.reading import CHAPTER, by_model, example_frame
from study.config import StudySettings
from study.files import write_csv, write_parquet
from study.seeds import generator

LISTED = 50  # most and least sensitive examples in the table


def run(study: StudySettings, dataset: str) -> None:
    """Write sensitivity.parquet (every test) and its summaries, as csv."""
    settings = study.difficulty.analysis.sensitivity
    scores = by_model(study, dataset, settings.score)
    found = sensitivity(scores, rng=generator(study.seed, dataset, "sensitivity"), draws=settings.draws)
    examples = example_frame(dataset, study.difficulty.models_on(dataset)[0])
    write_parquet(paths.analysis(CHAPTER, dataset, "sensitivity.parquet"), _named(found.tests, examples))
    tables = {
        "sensitivity": found.pairs,
        "sensitivity_null": found.null,
        "sensitivity_overall": found.overall,
        "sensitivity_qq": found.qq,
        "sensitive_examples": _named(extremes(found.examples, LISTED), examples),
    }
    for name, table in tables.items():
        write_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"), table.assign(score=settings.score))


def _named(frame: pd.DataFrame, examples: pd.DataFrame) -> pd.DataFrame:
    """The frame with each example's id and label beside its position."""
    chosen = examples.iloc[frame["example"]]
    at = frame.columns.get_loc("example")
    frame = frame.copy()
    frame.insert(at, "example_id", chosen["example_id"].to_numpy())
    frame.insert(at + 1, "label", chosen["label"].to_numpy())
    return frame
