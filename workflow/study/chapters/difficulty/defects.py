"""Step `defects`: how well scores find the labels that were flipped on purpose."""

from study.analysis.defects import defects_table
from study.chapters.difficulty.reading import CHAPTER, all_scores, write_tables
from study.chapters.runs import flips
from study.config import StudySettings
from study.scores.registry import orient
from study.seeds import generator


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write defects.csv of one model; without label noise it says so in one row."""
    scores = {column: orient(column, values) for column, values in all_scores(study, dataset, model).items()}
    stream = generator(study.seed, dataset, model, "defects")
    table = defects_table(scores, flips(CHAPTER, dataset, model), stream, study.difficulty.analysis.draws)
    write_tables({"defects": table}, dataset, model)
