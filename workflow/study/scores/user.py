"""A user's own score: a file with one value per training example."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from study.errors import StudyError
from study.files import open_parquet

COLUMNS = ("example_id", "value")
_READERS = {
    ".csv": pd.read_csv,
    ".parquet": lambda path: open_parquet(path).read().to_pandas(),
    ".jsonl": lambda path: pd.read_json(path, lines=True),
}
_EXPECTED = "a csv, parquet or jsonl file with the columns example_id and value, a row per training example"


def read_user_score(
    name: str, file: str | Path, ids: np.ndarray, datasets: tuple[str, ...]
) -> np.ndarray | None:
    """The values of a score in the order of the data set's training examples.

    Args:
        name: of the score, for messages.
        file: csv, parquet or jsonl with the columns `example_id` and `value`; it may hold several data sets.
        ids: (N,) `dataset:train:index` of the data set's training examples.
        datasets: the data sets of the study; an id of any other is a mistake.

    Returns:
        (N,) float64, or None if the file holds no example of this data set.

    Raises:
        StudyError: the file cannot be read, lacks a column, holds ids that are unknown, missing or there
            twice, values that are no finite numbers, or the same value for every example.
    """
    frame = _read(name, Path(file))
    given = frame["example_id"].astype(str)
    own = given.str.split(":").str[0]
    _refuse(name, file, given[given.duplicated()], "ids occur twice")
    _refuse(name, file, given[~own.isin(datasets)], "ids are of no data set of this study")
    here = frame[(own == str(ids[0]).split(":")[0]).to_numpy()].set_index("example_id")
    if here.empty:
        return None
    _refuse(name, file, here.index.difference(ids), "ids are no training example of the data set")
    _refuse(name, file, pd.Index(ids).difference(here.index), "training examples are missing")
    return _values(name, file, here["value"].reindex(ids))


def _read(name: str, path: Path) -> pd.DataFrame:
    if path.suffix not in _READERS:
        raise _mistake(name, path, f"a file that ends in {path.suffix or 'nothing'} cannot be read")
    if not path.is_file():
        raise _mistake(name, path, "the file is missing")
    try:
        frame = _READERS[path.suffix](path)
    except (ValueError, OSError) as error:  # pandas' and pyarrow's own errors are ValueErrors
        raise _mistake(name, path, f"it cannot be read ({error})") from error
    absent = [column for column in COLUMNS if column not in frame.columns]
    if absent:
        raise _mistake(name, path, f"it lacks the column {' and '.join(absent)}")
    return frame


def _values(name: str, file: str | Path, column: pd.Series) -> np.ndarray:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    _refuse(name, file, column.index[~np.isfinite(values)], "values are no finite numbers")
    if values.min() == values.max():
        raise _mistake(name, file, f"every example has the value {values[0]:g}: that ranks nothing")
    return values


def _refuse(name: str, file: str | Path, ids: Sequence[str], what: str) -> None:
    ids = list(ids)
    if ids:
        raise _mistake(name, file, f"{len(ids)} {what}, first {ids[0]!r}")


def _mistake(name: str, file: str | Path, what: str) -> StudyError:
    return StudyError(
        f"the score {name!r} of your own: {what}",
        where=str(file),
        expected=_EXPECTED,
        do=f"mend the file, or leave difficulty.user_scores.{name} out",
    )
