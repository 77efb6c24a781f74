"""Step `runs_needed`: what averaging over runs buys."""

from study import paths
from study.analysis.averaging import averaging_tables
from study.chapters.difficulty.reading import CHAPTER, each_model, with_model
from study.config import StudySettings
from study.files import write_csv
from study.seeds import generator


def run(study: StudySettings, dataset: str) -> None:
    """Write averaging.csv, exponents.csv and runs_needed.csv."""
    draws = study.difficulty.analysis.draws
    tables = {
        model: averaging_tables(scores, generator(study.seed, dataset, model, "averaging"), draws)
        for model, scores in each_model(study, dataset)
    }
    names = {"curves": "averaging", "exponents": "exponents", "runs_needed": "runs_needed"}
    for part, name in names.items():
        frame = with_model({model: getattr(parts, part) for model, parts in tables.items()})
        write_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"), frame)
