"""Step `consistency`: how far single runs of an encoder agree on each score."""

import pandas as pd

from study.analysis.consistency import consistency_tables
from study.chapters.influence.reading import all_scores, write_tables
from study.config import StudySettings


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write consistency.csv and run_agreement.csv of one encoder."""
    tables = [
        consistency_tables({column: values}) for column, values in all_scores(study, dataset, model).items()
    ]
    named = {
        "consistency": pd.concat([table.summary for table in tables], ignore_index=True),
        "run_agreement": pd.concat([table.runs for table in tables], ignore_index=True),
    }
    write_tables(named, dataset, model)
