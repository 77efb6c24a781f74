"""A large file of utterances, a part at a time: csv, jsonl or parquet."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from study.data.loading import cause_of
from study.errors import StudyError
from study.files import open_parquet

ROWS = 4096  # of a part
FORMATS = (".csv", ".jsonl", ".parquet")


def parts(path: Path, text: str, others: Sequence[str] = ()) -> Iterator[tuple[int, pd.DataFrame]]:
    """Each part's first row, counted from 0, and its columns as text: `text`, and what there is of `others`.

    Utterances lose blanks at their ends, and blanks between words become one.

    Raises:
        StudyError: the file cannot be read, has no column `text`, or an utterance is missing or empty.
    """
    first = 0
    try:
        for frame in _frames(path):
            if text not in frame:
                raise StudyError(
                    f"there is no column {text!r}",
                    where=str(path),
                    expected=f"a column with the utterances; there are {', '.join(map(str, frame.columns))}",
                    do="name the right one with --text",
                )
            kept = [text, *(column for column in others if column in frame)]
            frame = frame[kept].astype(object).where(frame[kept].notna(), "").astype(str)
            frame[text] = frame[text].str.split().str.join(" ")
            _check_texts(frame[text], first, path)
            yield first, frame.reset_index(drop=True)
            first += len(frame)
    except (OSError, ValueError, pa.ArrowException, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise StudyError(
            f"the file cannot be read: {cause_of(error)}",
            where=str(path),
            expected="csv with a header, jsonl or parquet, in UTF-8",
            do="correct the path, or write the file again",
        ) from error


def _frames(path: Path) -> Iterator[pd.DataFrame]:
    if path.suffix == ".csv":
        yield from pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=ROWS)
    elif path.suffix == ".jsonl":
        yield from pd.read_json(path, lines=True, chunksize=ROWS, dtype=False)
    elif path.suffix == ".parquet":
        for batch in open_parquet(path).iter_batches(ROWS):
            yield batch.to_pandas()
    else:
        raise StudyError(
            f"the ending {path.suffix!r} is not known",
            where=str(path),
            expected=f"a file that ends in {', '.join(FORMATS)}",
            do="convert it",
        )


def _check_texts(texts: pd.Series, first: int, path: Path) -> None:
    empty = texts.index[texts == ""]
    if len(empty):
        raise StudyError(
            "an utterance is missing or empty",
            where=f"{path}, row {first + texts.index.get_loc(empty[0])} (counted from 0)",
            expected="words in every row",
            do="mend the row or take it out",
        )
