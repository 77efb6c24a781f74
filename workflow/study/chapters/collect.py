"""Steps that put tables together: a data set's from its models', a chapter's from its data sets'."""

from collections.abc import Sequence

import pandas as pd

from study import paths
from study.config import StudySettings
from study.errors import StudyError
from study.files import read_csv, write_csv
from study.scores import registry


def join_models(study: StudySettings, chapter: str, dataset: str, tables: Sequence[str]) -> None:
    """Write tables of a data set, each from those of its models, one below the other.

    Args:
        tables: file names.
    """
    models = getattr(study, chapter).models_on(dataset)
    for table in tables:
        frames = [read_csv(paths.model_analysis(chapter, dataset, model, table)) for model in models]
        write_csv(paths.analysis(chapter, dataset, table), pd.concat(frames, ignore_index=True))


def join_datasets(chapter: str, table: str, sources: Sequence[str]) -> None:
    """Write the table of a chapter: those of its data sets; the table `scores` says what the scores mean.

    Raises:
        StudyError: a source is missing or damaged, or there is none.
    """
    if table == "scores":
        write_csv(paths.table(chapter, table), registry.table())
        return
    if not sources:
        raise StudyError(
            f"nothing to put into the table {table!r} of a chapter",
            where="python -m study collect",
            expected="the files that it joins",
            do="name them after --sources",
        )
    frames = []
    for source in sources:
        frame = read_csv(source)
        frame.insert(0, "dataset", paths.dataset_of(source))
        frames.append(frame)
    write_csv(paths.table(chapter, table), pd.concat(frames, ignore_index=True))
