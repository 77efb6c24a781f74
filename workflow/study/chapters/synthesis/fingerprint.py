"""Step `fingerprint`: is a run that of the mixture? Told from the difficulty of a few entries in it."""

import pandas as pd

from study import paths
from study.analysis.fingerprint_tables import AGGREGATE, BETTER_OF
from study.chapters import runs
from study.chapters.difficulty.fingerprint import fingerprint_tables
from study.chapters.synthesis.reading import CHAPTER, dataset_of
from study.config import StudySettings
from study.files import write_csv
from study.seeds import generator


def run(study: StudySettings) -> None:
    """Write the tables of the fingerprint, of the mixture against each of the two dense models.

    Everything is as in the chapter `difficulty`, but that the accuracy of a run, one of the baselines, is its
    recall of the book: what it says of strangers is luck. The aggregate baseline is the better of the two
    that see no single entry, the run's mean score and its recall.
    """
    chapter, dataset = study.synthesis, dataset_of(study)
    found: dict[str, list[pd.DataFrame]] = {}
    for equal, dense in chapter.dense.items():
        models = (chapter.mixture, dense)
        tables = fingerprint_tables(
            runs.hard_by_model(study, CHAPTER, dataset, models, chapter.fingerprint.score),
            runs.metric_by_model(study, CHAPTER, dataset, models, f"{chapter.book.measured_on}_accuracy"),
            runs.example_frame(CHAPTER, dataset, chapter.mixture),
            chapter.fingerprint,
            lambda purpose, dense=dense: generator(study.seed, dataset, dense, purpose),
            better_of={**BETTER_OF, AGGREGATE: ("mean_score", "accuracy")},
        )
        for name, table in tables.items():
            table.insert(0, "comparison", equal)
            table.insert(1, "model", dense)
            found.setdefault(name, []).append(table)
    for name, parts in found.items():
        write_csv(paths.table(CHAPTER, name), pd.concat(parts, ignore_index=True))
