"""A prepared corpus: documents as tokens, mapped into memory, and what is asked about them."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.data.arrays import map_arrays, write_arrays
from study.data.dataset import ARRAYS, EXAMPLES
from study.errors import StudyError
from study.files import DamagedFile, as_written, read_parquet, write_parquet

ASKED = (
    *("example_id", "content", "task", "kind", "category", "measure", "trained", "prompt", "answers"),
    "choices",
)
_IDENTITY = ("name", "source", "parts", "vocabulary", "end", "row", "digest")


class Documents(NamedTuple):
    """D documents, one behind the other; each ends with the token that ends documents."""

    tokens: np.ndarray
    """(T,) uint16 or uint32."""
    ends: np.ndarray
    """(D,) int64: where each document ends, behind its last token."""
    parts: np.ndarray
    """(D,) uint8: the part that each is of."""

    @property
    def starts(self) -> np.ndarray:
        """(D,) int64: where each document starts."""
        return np.concatenate([[0], self.ends[:-1]]).astype(np.int64)

    @property
    def lengths(self) -> np.ndarray:
        """(D,) int64: tokens of each document, its end among them."""
        return self.ends - self.starts


@dataclass(frozen=True)
class Corpus:
    """Documents to train on and to judge a language model on, and questions."""

    name: str
    source: str
    parts: tuple[str, ...]
    vocabulary: int
    """Number of tokens."""
    end: int
    """The token that ends a document."""
    row: int
    """Tokens of a row."""
    tokenizer: str
    """The tokenizer, as the JSON text that `tokenizers` reads."""
    train: Documents
    held_out: Documents
    questions: pd.DataFrame
    """A row per question, with the columns `ASKED`; `task` is a part."""
    digest: str
    """Hash over all that training and evaluation see."""


def digest_of(
    train: Documents, held_out: Documents, questions: pd.DataFrame, tokenizer: str, row: int
) -> str:
    """Hash (sha256, 64 hex digits) over documents, questions, tokenizer, and length of rows."""
    hashed = hashlib.sha256(f"{row} ".encode())
    for documents in (train, held_out):
        for array in documents:
            hashed.update(f" {array.shape} {array.dtype.str} ".encode())
            hashed.update(np.ascontiguousarray(array).data)
    hashed.update(tokenizer.encode())
    asked = questions.assign(**{name: questions[name].map(list) for name in ("answers", "choices")})
    hashed.update(asked.to_json(orient="records").encode())
    return hashed.hexdigest()


def save(corpus: Corpus, folder: str | Path) -> None:
    """Write `arrays.safetensors` and `examples.parquet` (the questions), each whole or not at all.

    Raises:
        StudyError: no space is left, or the folder cannot be written.
    """
    folder = Path(folder)
    write_parquet(folder / EXAMPLES, corpus.questions)
    arrays = {
        f"{part}_{name}": array
        for part in ("train", "held_out")
        for name, array in getattr(corpus, part)._asdict().items()
    }
    identity = {key: getattr(corpus, key) for key in _IDENTITY} | {"tokenizer": corpus.tokenizer}
    write_arrays(folder / ARRAYS, arrays, {"corpus": json.dumps(identity)})


def open(folder: str | Path) -> Corpus:
    """Read a prepared corpus. Tokens are mapped into memory: jobs on one machine share one copy.

    Raises:
        StudyError: a file is missing.
        DamagedFile: a file is damaged.
    """
    path = Path(folder) / ARRAYS
    if not path.is_file():
        raise StudyError(
            "the corpus is not prepared",
            where=str(path),
            expected="the files that `python -m study prepare` writes",
            do=f"make it with: snakemake {path}",
        )
    arrays, metadata = map_arrays(path)
    with as_written(path):
        identity = json.loads(metadata["corpus"])
        documents = {
            part: Documents(*(arrays[f"{part}_{name}"] for name in Documents._fields))
            for part in ("train", "held_out")
        }
        identity["parts"] = tuple(identity["parts"])
        return Corpus(**identity, **documents, questions=read_parquet(Path(folder) / EXAMPLES, ASKED))


def check(folder: str | Path) -> Corpus:
    """Read a prepared corpus and compare it with its digest: a second for each gigabyte.

    Raises:
        StudyError: a file is missing.
        DamagedFile: its content is not what was written, be it one bit.
    """
    corpus = open(folder)
    found = digest_of(corpus.train, corpus.held_out, corpus.questions, corpus.tokenizer, corpus.row)
    if found != corpus.digest:
        raise DamagedFile(Path(folder) / ARRAYS, "its content is not that of its digest")
    return corpus
