"""Texts, utterances and corpora of one's own that are wrong, or hostile."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from tests.bad_input.case import USAGE, Make, table
from tests.bad_input.cases_models import save_model
from tests.bad_input.folders import configured, owning
from tests.bad_input.hostile import archive, claiming_rows
from tests.tiny_texts import text_study

LINES = "text,label\n" + "one two,0\nthree,1\n" * 3
REPOSITORY = {"family": "text_rows", "train": {"id": "theirs"}}
_CARD = "---\nconfigs: [{config_name: default, data_files: 'https://127.0.0.1:9/a.csv'}]\n---\n"
PROBLEMS = {"family": "problem_rows", "test": {"files": ["own.jsonl"]}}
SENTENCES = {"family": "sentences", "train": 20, "held_out": 5}
GOLD = "text,domain\nrain now,weather\na song,music\nsunny,weather\nthe singer,music\n"


Content = str | bytes | Callable[[Path], object]


def write(path: Path, content: Content) -> None:
    """A file of text or bytes, or one that something makes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if callable(content):
        content(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def texts(name: str, content: Content, **settings: Any) -> Make:
    """Prepare a data set of texts of one file."""

    def make(folder: Path) -> list[str]:
        write(folder / name, content)
        data = {
            "source": "files",
            "format": name.partition(".")[2],
            "train": [name],
            "text_columns": ["text"],
        }
        study = owning(text_study().model_dump(mode="json"), data | settings, "influence")
        return ["prepare", "--dataset", "own", *configured(folder, study)]

    return make


def ranking(
    options: str = "",
    *,
    gold: str | None = GOLD,
    pool: Content | None = "text\nsong\nrain\n",
    gold_file: str = "gold.csv",
    pool_file: str = "pool.csv",
    output: str = "chosen.csv",
) -> Make:
    """Choose from a pool, given gold utterances; a file is a folder where it has no content."""

    def make(folder: Path) -> list[str]:
        for name, content in ((gold_file, gold), (pool_file, pool)):
            if content is None:
                (folder / name).mkdir()
            else:
                write(folder / name, content)
        files = ("--gold", gold_file, "--pool", pool_file, "--output", output)
        return ["rank-pool", *files, *("--size", "1"), *options.split()]

    return make


def _trained(make: Make) -> Make:
    """The same with a small encoder, of which little is trained."""

    def small(folder: Path) -> list[str]:
        save_model(folder / "theirs")
        options = "--start theirs --positions 24 --epochs 1 --scorers 2 --early-epoch 1"
        return [*make(folder), *options.split()]

    return small


def corpus(
    name: str, content: Content, part: dict | None = None, called: str = "own", **settings: Any
) -> Make:
    """Prepare a corpus of one file."""

    def make(folder: Path) -> list[str]:
        write(folder / name, content)
        parts = {"own": part or {"family": "text_rows", "train": {"files": [name]}, "held_out_rows": 1}}
        return ["prepare", "--dataset", called, *configured(folder, _pretraining(called, parts, settings))]

    return make


def _pretraining(called: str, parts: dict, settings: dict) -> dict[str, Any]:
    own = {"parts": parts, "vocabulary": 320, "row": 32} | settings
    decoder = {"architecture": "decoder", "dim": 8}
    return {
        "name": "tiny",
        "datasets": {},
        "models": {"dense": decoder, "moe": decoder | {"experts": 4}},
        "training": {"epochs": 2, "optimizer": "adamw"},
        "experts": {"pretraining": {"corpora": {called: own}, "models": ["dense", "moe"]}},
    }


def _claiming(path: Path) -> None:
    pq.write_table(pa.table({"text": ["song", "rain"]}), path)
    claiming_rows(path, 10**12)


def _tensor(path: Path) -> None:
    tensor = io.BytesIO()
    torch.save(torch.zeros(1), tensor)
    archive(path, "0.pth", tensor.getvalue())


def _one_name(path: Path) -> None:
    columns = [pa.array(["a", "b"]), pa.array(["a", "b"]), pa.array([0, 1])]
    pq.write_table(pa.Table.from_arrays(columns, ["text", "text", "label"]), path)


CASES = [
    *table(
        "texts",
        ("null characters", texts("own.csv", LINES + "a\0b,0\n"), "own.csv"),
        ("one text of thirty megabytes", texts("own.csv", LINES + "x" * 30_000_000 + ",0\n"), "row 6"),
        ("a table of two columns of one name", texts("own.parquet", _one_name), "own.parquet"),
        ("a csv without an end", texts("own.csv", LINES + '"and so on'), "cannot be read"),
        ("a label that is a list", texts("own.jsonl", '{"text": "a", "label": [0]}\n' * 4), "of type list"),
        (
            "a text that is a number beyond all",
            texts("own.jsonl", '{"text": 1e999, "label": 0}\n' * 4),
            "own.jsonl",
        ),
    ),
    *table(
        "utterances",
        ("gold that is a pickle", ranking(gold_file="gold.pkl"), "format: input should be"),
        ("gold that is not there", ranking(gold=None), "gold.csv"),
        (
            "gold of one domain",
            ranking(gold="text,domain\nrain now,weather\nsunny,weather\n"),
            "of one class",
        ),
        ("a pool that is a pickle", ranking(pool_file="pool.pkl"), "'.pkl' is not known"),
        ("a pool that is a folder", ranking(pool=None), "cannot be read"),
        ("a pool of another encoding", ranking(pool="text\ncafé\n".encode("latin-1")), "cannot be read"),
        ("a pool of ragged lines", ranking(pool='text\na,b,c\nd\n"e'), "cannot be read"),
        ("a pool of lines that are no objects", ranking(pool="1\n2\n", pool_file="pool.jsonl"), "pool.jsonl"),
        (
            "a pool that claims a million million rows",
            ranking(pool=_claiming, pool_file="pool.parquet"),
            "pool.parquet",
        ),
        ("no utterances to choose", ranking("--size 0"), "--size", USAGE),
        ("epochs below none", ranking("--epochs -3"), "epochs"),
        ("a selection in a folder that is not there", ranking(output="nowhere/chosen.csv"), "nowhere"),
        ("a folder in place of the selection", ranking(output="."), "cannot be written"),
        (
            "a frequency that is no number",
            _trained(ranking(pool="text,frequency\nsong,often\n")),
            "frequency",
        ),
    ),
    *table(
        "corpora",
        ("another encoding", corpus("own.txt", "café\n".encode("latin-1") * 4), "cannot be read"),
        ("an empty file", corpus("own.txt", ""), "own"),
        ("lines of json that are no objects", corpus("own.jsonl", "[1]\n[2]\n"), "own"),
        ("texts that are all missing", corpus("own.jsonl", '{"text": null}\n' * 5), "no examples"),
        (
            "an answer that is missing",
            corpus("own.jsonl", '{"question": "1 and 1?", "answer": null}\n', PROBLEMS),
            "answer",
        ),
        (
            "a footer longer than the file",
            corpus("own.parquet", b"PAR1" + b"\xff" * 40 + b"PAR1"),
            "cannot be read",
        ),
        ("a corpus named like a path", corpus("own.txt", "a\n", called="../own"), "../own"),
        (
            "a tokenizer of another form",
            corpus("tokenizer.json", '{"version": "1.0", "model": 5}', SENTENCES, tokenizer="."),
            "tokenizer cannot be read",
        ),
        (
            "a tokenizer nested without end",
            corpus("tokenizer.json", '{"a":' * 100_000, SENTENCES, tokenizer="."),
            "tokenizer cannot be read",
        ),
        (
            "an archive of tensors as a repository",
            corpus("theirs/own.tar", _tensor, REPOSITORY),
            "of a kind that is not read: webdataset",
        ),
        (
            "a repository whose card names an address",
            corpus("theirs/README.md", _CARD, REPOSITORY),
            "names files outside of it: https://127.0.0.1:9/a.csv",
        ),
        (
            "a loading script as a repository",
            corpus("theirs/theirs.py", "raise SystemExit", REPOSITORY),
            "scripts are no longer supported",
        ),
    ),
]
