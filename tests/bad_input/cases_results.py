"""Results that are damaged, of something else, or hostile."""

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from tests.bad_input.case import Make, table
from tests.bad_input.folders import changed, configured, plain
from tests.bad_input.hostile import bomb, claiming_rows, safetensors
from tests.tiny_study import prepare
from tests.tiny_texts import prepare as prepare_texts
from tests.tiny_texts import text_study

from study import paths
from study.chapters.runs import recorded_scores
from study.config import parse_study
from study.files import write_json, write_parquet

DATA = Path(paths.data_folder("tiny"))
ARRAYS, EXAMPLES = DATA / "arrays.safetensors", DATA / "examples.parquet"
RUN = Path(paths.run_folder("difficulty", "tiny", "mlp", 1))
SCORES, METRICS = RUN / "examples.parquet", RUN / "metrics.json"
AGGREGATE = "analyse aggregate --chapter difficulty --dataset tiny --model mlp"
CARD, INDEX = "card --dataset tiny", "index"


def finished(command: str, harm: Callable[[Path], object]) -> Make:
    """A study of two models with its data and runs, of whose files one is harmed."""

    def make(folder: Path) -> list[str]:
        study = changed(changed(plain(), "difficulty.seeds", 4), "difficulty.models", ["mlp", "resnet"])
        data = prepare(folder)
        columns = recorded_scores(parse_study(study), "difficulty")
        for model in ("mlp", "resnet"):
            for seed in range(4):
                place = folder / paths.run_folder("difficulty", "tiny", model, seed)
                write_parquet(place / "examples.parquet", _scores(data.train, columns))
                write_json(place / "metrics.json", _METRICS)
        harm(folder)
        return [*command.split(), *configured(folder, study)]

    return make


_METRICS = {
    **dict.fromkeys(("epochs", "steps", "parameters"), 1),
    **dict.fromkeys(("train_loss", "train_accuracy", "test_loss", "test_accuracy"), 0.5),
    "provenance": dict.fromkeys(("data", "code", "device", "threads"), "x"),
}


def _scores(split, columns: list[str]) -> pd.DataFrame:
    values = dict.fromkeys(columns, np.linspace(0, 1, len(split.ids)))
    return pd.DataFrame({"example_id": split.ids, "content": split.contents, "label": split.labels} | values)


def content(place: Path, value: bytes | str | dict | list) -> Callable[[Path], object]:
    """A file holds something else."""
    if isinstance(value, dict | list):
        value = json.dumps(value) + "\n"
    return lambda folder: (folder / place).write_bytes(value if isinstance(value, bytes) else value.encode())


def other(place: Path, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], object]:
    """A table is another one, whole in itself."""
    return lambda folder: write_parquet(folder / place, edit(pd.read_parquet(folder / place)))


def header(entry: dict | None = None, **lies) -> Callable[[Path], object]:
    """The header of the data set's arrays lies."""
    return lambda folder: (folder / ARRAYS).write_bytes(safetensors(entry, **lies))


def _file_for_folder(name: str) -> Callable[[Path], list[str]]:
    def make(folder: Path) -> list[str]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a file")
        return ["prepare", "--dataset", "tiny", *configured(folder, plain())]

    return make


def rates(text: str) -> Make:
    """The table of learning rates, of which one is to be chosen."""

    def make(folder: Path) -> list[str]:
        prepare_texts(folder)
        path = folder / paths.tuning("influence", "tiny", "bert")
        path.parent.mkdir(parents=True)
        path.write_text(text)
        command = "train --chapter influence --dataset tiny --model bert --seeds 0"
        return [*command.split(), *configured(folder, text_study().model_dump(mode="json"))]

    return make


def given(command: str, name: str, value: bytes | str | dict | list) -> Make:
    """A command on a file, where there is not much else."""

    def make(folder: Path) -> list[str]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        content(Path(name), value)(folder)
        return [*command.split(), *(configured(folder, plain()) if command.startswith("report") else [])]

    return make


def _questions(**columns: object) -> bytes:
    """A table of one question, some of whose columns hold something else."""
    told = {"example_id": "a", "task": "sums", "category": "reasoning", "measure": "f1", "trained": False}
    told |= {"prompt": "1 + 1", "answers": ["2"], "choices": []} | columns
    file = io.BytesIO()
    pd.DataFrame([told]).to_parquet(file)
    return file.getvalue()


def _no_tokenizer(folder: Path) -> list[str]:
    (folder / "tokenizer.json").write_text("{}")
    return given(
        "harness-tasks --questions q.parquet --output tasks --checkpoint .", "q.parquet", _questions()
    )(folder)


CASES = table(
    "results",
    ("metrics that are no json", finished(INDEX, content(METRICS, "{not json")), ("damaged", str(METRICS))),
    ("metrics that are a list", finished(INDEX, content(METRICS, [])), ("damaged", str(METRICS))),
    (
        "metrics without an accuracy",
        finished(INDEX, content(METRICS, {"epochs": 1})),
        ("damaged", "'provenance' is not there"),
    ),
    ("metrics nested without end", finished(INDEX, content(METRICS, '{"a":' * 100_000)), "damaged"),
    ("scores that are a pickle", finished(AGGREGATE, content(SCORES, pickle.dumps([1]))), "damaged"),
    (
        "scores of other columns",
        finished(AGGREGATE, other(SCORES, lambda t: t[["example_id", "label"]])),
        "lacks the columns",
    ),
    (
        "scores that are words",
        finished(AGGREGATE, other(SCORES, lambda t: t.assign(loss_mean="high"))),
        "not made as the study makes it",
    ),
    ("scores of other examples", finished(AGGREGATE, other(SCORES, lambda t: t[::-1])), "different examples"),
    ("scores of fewer examples", finished(AGGREGATE, other(SCORES, lambda t: t[:5])), "different examples"),
    (
        "scores that claim a million million rows",
        finished(AGGREGATE, lambda folder: claiming_rows(folder / SCORES)),
        "damaged",
    ),
    (
        "arrays behind the end of the file",
        finished(CARD, header({"dtype": "I64", "shape": [9], "data_offsets": [0, 72]})),
        "damaged",
    ),
    (
        "arrays of a negative shape",
        finished(CARD, header({"dtype": "U8", "shape": [-1, 2], "data_offsets": [0, 8]})),
        "damaged",
    ),
    (
        "arrays larger than any memory",
        finished(CARD, header({"dtype": "U8", "shape": [2**40, 2**40], "data_offsets": [0, 8]})),
        "damaged",
    ),
    (
        "arrays without a place",
        finished(CARD, header({"dtype": "U8", "shape": [8], "data_offsets": []})),
        "damaged",
    ),
    (
        "arrays of a type that there is not",
        finished(CARD, header({"dtype": "PICKLE", "shape": [8], "data_offsets": [0, 8]})),
        "damaged",
    ),
    ("a header longer than the file", finished(CARD, header(length=2**40)), "damaged"),
    ("a header nested without end", finished(CARD, header(text=b'{"a":' * 100_000)), "damaged"),
    (
        "arrays that say nothing of their data set",
        finished(CARD, header({"dtype": "U8", "shape": [8], "data_offsets": [0, 8]}, dataset="5")),
        "damaged",
    ),
    (
        "examples without their split",
        finished(CARD, other(EXAMPLES, lambda t: t.drop(columns="split"))),
        "'split' is not there",
    ),
    ("examples of another data set", finished(CARD, other(EXAMPLES, lambda t: t[:-1])), "are not those of"),
    ("a file in place of the results", _file_for_folder("results"), ("cannot be written", "--directory")),
    ("a file in place of the data", _file_for_folder("results/data"), "cannot be written"),
    ("rates of which none is chosen", rates("learning_rate,chosen\n0.1,False\n"), "damaged"),
    ("rates without the column that chooses", rates("learning_rate\n0.1\n"), "damaged"),
    ("rates that are words", rates("learning_rate,chosen\nfast,True\n"), "damaged"),
    ("a report without its figures", given("report --contents x.json", "x.json", {"tables": {}}), "x.json"),
    ("a report that is a list", given("report --contents x.json", "x.json", []), "x.json"),
    (
        "a figure of 3,600 million pixels",
        given("gallery --results results --folder docs", "results/figures/claims.png", bomb(60_000)),
        "not a picture",
    ),
    (
        "results of a harness without a task",
        given("harness-results x.json --output x.csv", "x.json", {"results": {"a": 5}}),
        "x.json",
    ),
    (
        "questions whose answers are numbers",
        given("harness-tasks --questions q.parquet --output tasks", "q.parquet", _questions(answers=2)),
        "q.parquet",
    ),
    ("a tokenizer to count with that is none", _no_tokenizer, "the tokenizer cannot be read"),
)
