"""Step `theory`: the theorems for many sizes, built and tried."""

import pandas as pd

from study import paths
from study.analysis.theory import built, fooled, memorised
from study.chapters.experts.reading import CHAPTER
from study.config import StudySettings
from study.files import write_csv
from study.theory.bounds import bounds_table


def run(study: StudySettings) -> None:
    """Write bounds.csv, constructions.csv, fooling.csv and memorization.csv."""
    theory = study.experts.theory
    tables: dict[str, pd.DataFrame] = {
        "bounds": bounds_table(theory.vertices, theory.heads, theory.bits),
        "constructions": built(theory, study.seed),
        "fooling": fooled(theory, study.seed),
        "memorization_parameters": memorised(theory, study.seed),
    }
    for name, table in tables.items():
        write_csv(paths.table(CHAPTER, name), table)
