"""A data set as training sees it, and its prepared form on disk."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from study.data.arrays import map_arrays, write_arrays
from study.errors import StudyError
from study.files import DamagedFile, as_written, read_parquet, write_parquet

ARRAYS = "arrays.safetensors"
EXAMPLES = "examples.parquet"
SPLITS = ("train", "test")
_COLUMNS = ("example_id", "split", "content", "label", "true_label", "flipped")
_IDENTITY = ("name", "classes", "source", "digest")  # what the arrays' header says of the data set


@dataclass(frozen=True)
class Split:
    """The N examples of one split, in the order of the source."""

    ids: np.ndarray
    """(N,) str, `dataset:split:index`; the index is the position in the source's own order, from 0."""
    contents: np.ndarray
    """(N,) str, hash of the input alone: equal inputs have equal contents, in whatever data set."""
    labels: np.ndarray
    """(N,) int64, as trained on, after label noise."""
    true_labels: np.ndarray
    """(N,) int64, as the source gives them."""
    inputs: np.ndarray
    """Images (N, C, H, W), rows of tokens (N, L) or packed texts (N, W): uint8, some tokens uint16."""
    facts: dict[str, np.ndarray]
    """What is known of each example of a generated set, (N,) each; {} otherwise."""


@dataclass(frozen=True)
class Dataset:
    """Two splits with the same classes."""

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...]
    source: str
    digest: str
    """Hash over all that training sees: inputs and labels of both splits, and the number of classes."""


def split(
    name: str,
    part: str,
    rows: np.ndarray,
    inputs: np.ndarray,
    true_labels: np.ndarray,
    labels: np.ndarray | None = None,
    facts: dict[str, np.ndarray] | None = None,
    hashes: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Split:
    """A split from its arrays; ids and contents are made here.

    Args:
        name: the data set's name.
        part: the split's name, `train` or `test`.
        rows: (N,) positions in the source's order.
        inputs: (N, ...), images, rows of tokens or packed texts.
        true_labels: (N,) integers, as the source gives them.
        labels: (N,) integers as trained on; by default the true ones.
        facts: (N,) arrays by name.
        hashes: makes contents from inputs; by default `content_hashes`.
    """
    true_labels = np.asarray(true_labels, dtype=np.int64)
    return Split(
        ids=np.array([f"{name}:{part}:{row}" for row in rows], dtype=np.str_),
        contents=(hashes or content_hashes)(inputs),
        labels=true_labels if labels is None else np.asarray(labels, dtype=np.int64),
        true_labels=true_labels,
        inputs=inputs,
        facts=facts or {},
    )


def content_hashes(inputs: np.ndarray) -> np.ndarray:
    """(N,) str: the first 16 hex digits of the sha256 of each input's shape, dtype and bytes."""
    prefix = hashlib.sha256(f"{inputs.shape[1:]} {inputs.dtype.str} ".encode())

    def one(row: np.ndarray) -> str:
        hashed = prefix.copy()
        hashed.update(row.tobytes())
        return hashed.hexdigest()[:16]

    return np.array([one(row) for row in inputs], dtype=np.str_)


def data_digest(train: Split, test: Split, classes: int) -> str:
    """Hash (sha256, 64 hex digits) over what training sees: no names, ids, facts or true labels."""
    hashed = hashlib.sha256(f"{classes} classes".encode())
    for part in (train, test):
        for array in (part.inputs, part.labels):
            hashed.update(f" {array.shape} {array.dtype.str} ".encode())
            hashed.update(np.ascontiguousarray(array).data)
    return hashed.hexdigest()


def save(dataset: Dataset, folder: str | Path) -> None:
    """Write `arrays.safetensors` and `examples.parquet` into `folder`, each whole or not at all.

    Raises:
        StudyError: no space is left, or the folder cannot be written.
    """
    folder = Path(folder)
    write_parquet(
        folder / EXAMPLES, pd.concat([_examples(dataset, part) for part in SPLITS], ignore_index=True)
    )
    arrays = {}
    for part in SPLITS:
        half: Split = getattr(dataset, part)
        arrays |= {f"{part}_inputs": half.inputs, f"{part}_labels": half.labels}
    identity = {key: getattr(dataset, key) for key in _IDENTITY}
    write_arrays(folder / ARRAYS, arrays, {"dataset": json.dumps(identity)})


def open(folder: str | Path) -> Dataset:
    """Read a prepared data set. Inputs are mapped into memory: jobs on one machine share one copy.

    Writing to the arrays changes this process's copy only, never the file.

    Raises:
        StudyError: a file is missing.
        DamagedFile: a file is cut, or the two files are of different data sets.
    """
    folder = Path(folder)
    arrays, identity = _map_arrays(folder / ARRAYS)
    examples = read_parquet(folder / EXAMPLES)
    with as_written(folder / EXAMPLES):
        parts = {
            part: _split_from(examples[examples["split"] == part], arrays, part, folder) for part in SPLITS
        }
    return Dataset(**identity, **parts)


def check(folder: str | Path) -> Dataset:
    """Read a prepared data set and compare inputs and labels with its digest: a second for each gigabyte.

    Raises:
        StudyError: a file is missing.
        DamagedFile: a file is cut or its content is not what was written, be it one bit.
    """
    dataset = open(folder)
    if data_digest(dataset.train, dataset.test, len(dataset.classes)) != dataset.digest:
        raise DamagedFile(Path(folder) / ARRAYS, "its inputs and labels are not those of its digest")
    return dataset


def _examples(dataset: Dataset, part: str) -> pd.DataFrame:
    half: Split = getattr(dataset, part)
    columns = (
        half.ids,
        part,
        half.contents,
        half.labels,
        half.true_labels,
        half.labels != half.true_labels,
    )
    return pd.DataFrame({**dict(zip(_COLUMNS, columns, strict=True)), **half.facts})


def _split_from(examples: pd.DataFrame, arrays: dict[str, np.ndarray], part: str, folder: Path) -> Split:
    labels = np.array(arrays[f"{part}_labels"])
    if not np.array_equal(labels, examples["label"].to_numpy()):
        raise DamagedFile(folder / EXAMPLES, f"its {part} examples are not those of {ARRAYS}")
    return Split(
        ids=np.array(examples["example_id"].tolist(), dtype=np.str_),
        contents=np.array(examples["content"].tolist(), dtype=np.str_),
        labels=labels,
        true_labels=examples["true_label"].to_numpy(dtype=np.int64),
        inputs=arrays[f"{part}_inputs"],
        facts={name: examples[name].to_numpy() for name in examples.columns if name not in _COLUMNS},
    )


def _map_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict]:
    """The arrays of a data set as copy-on-write maps, and its identity from the file's header."""
    if not path.is_file():
        raise StudyError(
            "the data set is not prepared",
            where=str(path),
            expected="the files that `python -m study prepare` writes",
            do=f"make it with: snakemake {path}",
        )
    arrays, metadata = map_arrays(path)
    with as_written(path):
        identity = json.loads(metadata["dataset"])
        if tuple(identity) != _IDENTITY:
            raise ValueError("it was written by another version of the study")
        identity["classes"] = tuple(identity["classes"])
        arrays = {name: arrays[name] for part in SPLITS for name in (f"{part}_inputs", f"{part}_labels")}
    return arrays, identity
