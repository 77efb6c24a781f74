"""Command lines that ask for what there is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_input.case import USAGE, Make, table
from tests.bad_input.folders import configured, plain
from tests.tiny_texts import selection_study, text_study


def bare(command: str) -> Make:
    """A command that needs no configuration."""
    return lambda folder: command.split()


def run(command: str, study: Callable[[], dict[str, Any]] = plain) -> Make:
    """A command on a study of which nothing was computed yet."""
    return lambda folder: [*command.split(), *configured(folder, study())]


def in_texts(command: str) -> Make:
    """A command on a study of texts."""
    return run(command, lambda: text_study().model_dump(mode="json"))


def in_selection(command: str) -> Make:
    """A command on a study of chosen utterances."""
    return run(command, lambda: selection_study().model_dump(mode="json"))


def _contents(folder: Path) -> list[str]:
    (folder / "contents.json").write_text('{"figures": [], "tables": {}, "cards": {}, "rules": []}\n')
    return ["figures", "--contents", "contents.json", "--folder", "nowhere"]


def _understanding() -> dict[str, Any]:
    """A study of texts with models of language understanding."""
    parts = {"understanding": {"dataset": "tiny", "model": "bert", "seeds": 3}}
    return text_study(influence=parts).model_dump(mode="json")


TRAIN = "train --chapter difficulty --dataset tiny"
VARIANTS = "train-variants --chapter difficulty --dataset tiny --model mlp"
ANALYSE = "--chapter difficulty --dataset tiny"
CASES = table(
    "commands",
    ("no command", bare(""), "usage:", USAGE),
    ("a command that there is not", bare("trian"), "invalid choice: 'trian'", USAGE),
    ("no configuration", bare("prepare --dataset tiny"), "--config", USAGE),
    ("a configuration that is not there", bare("prepare --dataset tiny --config none.json"), "none.json"),
    ("a configuration to check that is not there", bare("check none.yaml"), "none.yaml"),
    (
        "a chapter that there is not",
        run("train --chapter foo --dataset tiny --model mlp --seeds 0"),
        "invalid choice: 'foo'",
        USAGE,
    ),
    (
        "a chapter that the study does not run",
        run("collect --chapter influence --table x"),
        "unknown chapter",
    ),
    (
        "a data set that is almost named so",
        run("prepare --dataset tyny"),
        ("unknown data set 'tyny'", "did you mean 'tiny'?"),
    ),
    ("a data set that there is not", run("card --dataset foo"), ("unknown data set 'foo'", "one of tiny")),
    ("a data set by its path", run("prepare --dataset ../../tiny"), "unknown data set '../../tiny'"),
    ("a data set that is not prepared", run("card --dataset tiny"), ("not prepared", "arrays.safetensors")),
    ("a model that there is not", run(f"{TRAIN} --model mpl --seeds 0"), ("unknown model", "'mlp'?")),
    ("training on what is not prepared", run(f"{TRAIN} --model mlp --seeds 0"), "not prepared"),
    ("a seed that is no number", run(f"{TRAIN} --model mlp --seeds one"), "--seeds", USAGE),
    ("a negative seed", run(f"{TRAIN} --model mlp --seeds -1"), "--seeds", USAGE),
    ("a run of a variant without a seed", run(f"{VARIANTS} --runs foo"), "--runs", USAGE),
    ("a variant that there is not", run(f"{VARIANTS} --runs ../x/0"), "unknown variant"),
    ("a step that is almost named so", run(f"analyse agregate {ANALYSE}"), ("unknown step", "'aggregate'?")),
    ("a step that is none", run(f"analyse reading {ANALYSE}"), "unknown step 'reading'"),
    ("a step by its path", run(f"analyse ../cli {ANALYSE}"), "unknown step '../cli'"),
    ("a step of one model for all", run(f"analyse aggregate {ANALYSE}"), ("looks at one model", "--model")),
    (
        "a step of all models for one",
        run(f"analyse fingerprint {ANALYSE} --model mlp"),
        ("looks at all models", "leave --model out"),
    ),
    (
        "a step of one data set for none",
        run("analyse aggregate --chapter difficulty --model mlp"),
        "--dataset",
    ),
    ("a step before its runs", run(f"analyse aggregate {ANALYSE} --model mlp"), ("is missing", "mlp/seed=0")),
    ("a table that was not made", run(f"join {ANALYSE} --tables foo.csv"), ("is missing", "foo.csv")),
    ("a table by its path", run(f"join {ANALYSE} --tables ../../../../outside.csv"), "outside.csv", USAGE),
    (
        "a table of a chapter by its path",
        run("collect --chapter difficulty --table ../../../../outside"),
        "outside",
        USAGE,
    ),
    (
        "a table of nothing",
        run("collect --chapter difficulty --table foo"),
        "nothing to put into the table 'foo'",
    ),
    (
        "a table from a file of no data set",
        run("collect --chapter difficulty --table foo --sources c.json"),
        "c.json",
    ),
    ("an index before its runs", run("index"), ("is missing", "metrics.json")),
    (
        "a task that there is not",
        in_texts("tune --chapter influence --task foo --model bert"),
        "unknown task 'foo'",
    ),
    (
        "a sampling by its path",
        run("understand --chapter influence --sampling ../../../outside", _understanding),
        "outside",
    ),
    ("models of a part that the study leaves out", in_texts("walls --vertices 8 --experts 1"), "width_wall"),
    ("a repeat that there is not", in_selection("add-utterances --dataset tiny --repeat 99"), "repeat"),
    ("a grid that the study leaves out", in_selection("add-in-grid --repeat 0"), "grid"),
    ("results that are not there", bare("verify"), "there are no results"),
    ("folders that are not there", bare("diff a b"), "nothing to compare"),
    ("pages for a folder that is not there", bare("docs --folder nowhere"), "nowhere"),
    ("a list of figures for a folder that is not there", _contents, "nowhere"),
    ("a gallery of nothing", bare("gallery --results nowhere --folder docs"), "a figure is missing"),
    ("a report of what is not there", run("report --contents none.json"), "none.json"),
    ("a harness that is not installed", bare("harness --output h.csv --checkpoint none"), "not installed"),
    (
        "questions that are not there",
        bare("harness-tasks --output tasks --questions none.parquet"),
        "none.parquet",
    ),
    ("a data set that the hub cannot have", bare("pin a/b/c"), "cannot be named so"),
)
