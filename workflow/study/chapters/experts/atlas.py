"""Step `atlas`: how often walks over memorised facts are right, by their number of hops."""

from study import paths
from study.chapters.experts.reading import CHAPTER, answers_of
from study.chapters.experts.shortest_path import by_run, over_seeds
from study.config import StudySettings
from study.files import write_csv

MEASURES = ("exact", "token_accuracy")


def run(study: StudySettings) -> None:
    """Write atlas.csv, a row per model, part (facts are trained on), number of hops and measure."""
    answers = answers_of(study, study.experts.atlas)
    answers = answers.rename(columns={"split": "part"})
    write_csv(paths.table(CHAPTER, "atlas"), over_seeds(by_run(answers, ["part"], MEASURES), ["part"]))
