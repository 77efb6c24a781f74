"""Step `runs_needed`: what averaging over runs buys."""

from study.analysis.averaging import averaging_tables
from study.chapters.difficulty.reading import matrices, write_tables
from study.config import StudySettings
from study.seeds import generator


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write averaging.csv, exponents.csv and runs_needed.csv of one model."""
    stream = generator(study.seed, dataset, model, "averaging")
    tables = averaging_tables(matrices(study, dataset, model), stream, study.difficulty.analysis.draws)
    named = {"averaging": tables.curves, "exponents": tables.exponents, "runs_needed": tables.runs_needed}
    write_tables(named, dataset, model)
