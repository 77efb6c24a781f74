"""Step `consistency`: how far single runs of an encoder agree on each score."""

import pandas as pd

from study.analysis.consistency import consistency_tables
from study.chapters.influence.reading import all_scores, write_of_models
from study.config import StudySettings


def run(study: StudySettings, dataset: str) -> None:
    """Write consistency.csv and run_agreement.csv of a data set."""
    write_of_models(study, dataset, _tables)


def _tables(study: StudySettings, dataset: str, model: str) -> dict[str, pd.DataFrame]:
    tables = [
        consistency_tables({column: values}) for column, values in all_scores(study, dataset, model).items()
    ]
    return {
        "consistency": pd.concat([table.summary for table in tables], ignore_index=True),
        "run_agreement": pd.concat([table.runs for table in tables], ignore_index=True),
    }
