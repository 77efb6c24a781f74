"""From what was loaded to tables of pictures or of texts, as the settings of a data set ask."""

from collections.abc import Sequence
from pathlib import Path

from study.data.dataset import content_hashes
from study.data.labels import Table, read_parts
from study.data.loading import column
from study.data.pictures import Pictures, picture_part
from study.data.splits import Source
from study.data.text.packed import text_hashes
from study.data.text.tables import TextTable, text_part, words_and_slots
from study.kinds import IMAGE, TEXT


def table_of(rows, file: str, folder: Path, settings) -> Table:
    """The columns that a data set is made from.

    Args:
        rows: what `datasets` loaded.
        file: named in error messages.
        folder: what relative paths of pictures are relative to.
        settings: the data set's (`study.config.datasets.ColumnData`).

    Raises:
        StudyError: a column is missing, or its values are of mixed types.
    """

    def named(key: str, names: Sequence[str]) -> dict:
        return {name: column(rows, file, key, name) for name in names}

    label = column(rows, file, "label_column", settings.label_column)
    classes = getattr(rows.features[settings.label_column], "names", None)
    common = (file, label, tuple(classes) if classes else None)
    if settings.kind == IMAGE:
        return Pictures(*common, folder, column(rows, file, "image_column", settings.image_column))
    facts = named("fact_columns", settings.fact_columns)
    if settings.annotated_column:
        marked = column(rows, file, "annotated_column", settings.annotated_column)
        text, slots = words_and_slots(marked, file, settings.by_character)
        return TextTable(*common, {settings.annotated_column: text}, facts | {"slots": slots})
    return TextTable(*common, named("text_columns", settings.text_columns), facts)


def source_of(train: Sequence[Table], test: Sequence[Table] | None, description: str, settings) -> Source:
    """Both splits of a data set, from their tables.

    Raises:
        StudyError: labels or texts are not as they should be.
    """
    of_texts = (text_part, text_hashes)
    make, hashes = of_texts if settings.kind == TEXT else (picture_part, content_hashes)
    parts = read_parts(train, test, make, settings.no_label)
    return Source(*parts, description, hashes)
