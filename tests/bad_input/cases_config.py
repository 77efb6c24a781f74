"""Configurations that are wrong, or hostile."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_input.case import Make, table
from tests.bad_input.folders import changed, configured, plain
from tests.tiny_study import prepare

_LAUGHS = "".join(f"l{k}: &l{k} [{', '.join([f'*l{k - 1}'] * 10)}]\n" for k in range(1, 12))
"""Ten words that are ten thousand million when they are written out."""


def check(content: str | bytes, times: int = 1) -> Make:
    """The file is what `python -m study check` is given, once or several times."""

    def make(folder: Path) -> list[str]:
        (folder / "c.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
        return ["check", *["c.yaml"] * times]

    return make


def change(path: str, value: Any, command: str = "prepare --dataset tiny") -> Make:
    """A configuration that is right but for one value."""
    return lambda folder: [*command.split(), *configured(folder, changed(plain(), path, value))]


def renamed(key: str, name: str) -> Make:
    """The first data set or model has another name."""

    def make(folder: Path) -> list[str]:
        study = plain()
        study[key][name] = next(iter(study[key].values()))
        return ["prepare", "--dataset", "tiny", *configured(folder, study)]

    return make


def _folder(folder: Path) -> list[str]:
    (folder / "c.yaml").mkdir()
    return ["check", "c.yaml"]


def _endless(folder: Path) -> list[str]:
    prepare(folder)
    study = configured(folder, changed(plain(), "training.epochs", 10**12))
    return ["train", "--chapter", "difficulty", "--dataset", "tiny", "--model", "mlp", "--seeds", "0", *study]


def _on_top(changes: dict[str, Any]) -> Callable[[Path], list[str]]:
    """Two files, of which the second one is wrong."""

    def make(folder: Path) -> list[str]:
        configured(folder, plain())
        (folder / "mine.yaml").write_text(json.dumps(changes))
        return ["check", "c.json", "mine.yaml"]

    return make


CASES = table(
    "config",
    ("an empty file", check(""), "holds no keys"),
    ("a folder", _folder, "is missing"),
    ("a device", lambda folder: ["check", "/dev/zero"], "is missing"),
    ("a path that is too long", lambda folder: ["check", "x" * 5000], "File name too long"),
    ("a pickle", check(pickle.dumps({"name": "tiny"})), "cannot be read"),
    ("a null character", check("name: a\0b"), "cannot be read"),
    ("another encoding", check("name: café".encode("latin-1")), ("cannot be read", "utf-8")),
    ("a bracket left open", check("name: [1"), "cannot be read"),
    ("json that is cut", check('{"name": "x"'), "cannot be read"),
    ("a list", check("- 1\n- 2\n"), "holds no keys"),
    (
        "a tag that calls a function",
        check("name: !!python/object/apply:os.system ['touch ran']\n"),
        "os.system",
    ),
    ("a tag that imports a module", check("!!python/module:antigravity"), "antigravity"),
    (
        "a template that is evaluated",
        check("__use_yte__: true\n?__import__('os').system('touch ran'): 1\n"),
        "unknown key",
    ),
    ("aliases that grow without end", check(f"l0: &l0 [lol]\n{_LAUGHS}seed: *l11\n"), "aliases written out"),
    ("a mapping that holds itself", check("name: a\ndatasets: &d {own: *d}\n", 2), "holds itself"),
    ("lists in lists without end", check("name: " + "[" * 20000), "cannot be read"),
    ("keys in keys without end", check('{"a":' * 100000), "cannot be read"),
    ("a key that stands twice", check("name: a\nseed: 1\nname: b\n"), ("twice", "name")),
    ("a key of json that stands twice", check('{"seed": 1, "name": "a", "seed": 2}'), ("twice", "seed")),
    ("a date that there is not", check("name: 2026-99-99\n"), "cannot be read"),
    ("a number of ten thousand digits", check("seed: " + "9" * 10000), "cannot be read"),
    ("a file of three megabytes", check("x: [" + "1, " * 1_000_000 + "1]"), "bytes"),
    ("data sets as a list", change("datasets", ["tiny"]), "datasets: input should be a valid dictionary"),
    ("no models", change("models", None), "models: input should be a valid dictionary"),
    ("no chapter", change("difficulty", None), "at least one chapter"),
    ("a data set named like a path", renamed("datasets", "../../outside"), "../../outside"),
    ("a model named like a file of the machine", renamed("models", "/tmp/outside"), "/tmp/outside"),
    ("a name with a null character", change("name", "a\0b"), "name"),
    ("a name that ends a line", renamed("datasets", "own\n"), "should match pattern"),
    ("a name of letters that look alike", renamed("datasets", "οwn"), "should match pattern"),
    ("a name of a thousand letters", renamed("datasets", "a" * 1000), "at most"),
    ("a name that is a number", check("name: x\nmodels: {8: {architecture: mlp}}\n"), "needs quotes"),
    ("a negative seed", change("seed", -1), "seed: input should be greater than or equal to 0"),
    ("an overlay that is wrong", _on_top({"training": {"epochs": "many"}}), ("training.epochs", "mine.yaml")),
    ("more examples than memory holds", change("datasets.tiny.train_size", 10**15), "memory"),
    ("more epochs than memory holds", _endless, "of memory"),
)
