"""`python -m study <command>`: what the rules of the workflow call, and a few commands for people."""

import argparse
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from study import commands, tools
from study.config.study import CHAPTERS
from study.errors import StudyError
from study.stopping import told_at_once
from study.telling import of_machine, tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a user's mistake ends in one message and exit code 1, never in a traceback."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
    try:
        with told_at_once():
            options.command(options)
    except StudyError as error:
        tell(error)
        return 1
    except (OSError, MemoryError) as error:
        tell(of_machine(error))
        return 1
    except KeyboardInterrupt:
        tell(StudyError("interrupted", do="run the same command again: it goes on from the last checkpoint"))
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m study", description=__doc__)
    known = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, function, text: str, *, config: bool = True) -> argparse.ArgumentParser:
        sub = known.add_parser(name, help=text, description=text)
        sub.set_defaults(command=function)
        if config:
            default = os.environ.get("STUDY_CONFIG")
            text = "resolved configuration, as in work/config-*.json; by default $STUDY_CONFIG"
            sub.add_argument("--config", type=Path, default=default, required=default is None, help=text)
        return sub

    for name, function, text in (
        ("prepare", commands.prepare, "read a data set and write its prepared form"),
        ("card", commands.card, "write the card of a prepared data set"),
    ):
        command(name, function, text).add_argument("--dataset", required=True)

    _add_trainings(command)

    analyse = command("analyse", commands.analyse, "one step of the analysis of a data set")
    analyse.add_argument("step")
    analyse.add_argument("--chapter", required=True, choices=CHAPTERS)
    analyse.add_argument("--dataset", help="for the steps that look at one data set")
    analyse.add_argument("--model", help="for the steps that look at one model")

    join = command("join", commands.join, "tables of a data set, each from those of its models")
    join.add_argument("--chapter", required=True, choices=CHAPTERS)
    join.add_argument("--dataset", required=True)
    join.add_argument("--tables", nargs="+", required=True, type=_plain_name, help="their file names")

    collect = command("collect", commands.collect, "one table of a chapter, from those of its data sets")
    collect.add_argument("--chapter", required=True, choices=CHAPTERS)
    collect.add_argument("--table", required=True, type=_plain_name, help="its name")
    collect.add_argument("--sources", nargs="*", default=[], help="the tables that it joins")

    command("configuration", commands.configuration, "results/config.yaml: the complete configuration")
    command("claims", commands.claims, "results/claims.csv: what the study says of every claim")
    command("index", commands.index, "results/index.csv: a row per run")

    report = command("report", commands.report, "results/report.html: one page on all of it")
    report.add_argument("--contents", type=Path, required=True, help="what it shows: work/report-*.json")

    _add_tools(command)
    _add_pages(command)
    _add_diff(command)
    _add_ranking(command)
    _add_harness(command)
    return parser


def _add_tools(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands that look at configurations and results."""
    text = "write what jobs took, by rule: what a cluster is asked for (runtime.measured)"
    took = command("measured", tools.measured, text, config=False)
    took.add_argument("--output", type=Path, default=Path("measured.csv"), help="by default measured.csv")

    check = command("check", tools.check, "check configuration files, merged in order", config=False)
    check.add_argument("files", type=Path, nargs="+")

    command("verify", tools.verify, "read every result file; set damaged ones aside", config=False)
    text = "what made a result file, and whether it would be the same now"
    command("provenance", tools.provenance, text, config=False).add_argument("file", type=Path)

    pin = command("pin", tools.pin, "look up the latest revision of a data set on the hub", config=False)
    pin.add_argument("id")


def _add_trainings(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands that train."""
    text = "train a model with several seeds, recording example scores"
    _of_a_training(command("train", commands.train, text)).add_argument(
        "--seeds", type=_natural, nargs="+", required=True
    )
    tune = command("tune", commands.tune, "choose the learning rate of a model on a task")
    tune.add_argument("--chapter", required=True, choices=("influence", "experts", "synthesis"))
    tune.add_argument("--task", required=True)
    tune.add_argument("--model", required=True)
    encoder = command("encoder", commands.encoder, "make or fetch the encoder of a model on a data set")
    encoder.add_argument("--chapter", required=True, choices=("influence", "selection"))
    encoder.add_argument("--dataset", help="its name; without, one encoder for all of the chapter")
    encoder.add_argument("--model", required=True)
    understand = command(
        "understand", commands.understand, "train models of domain, intent and slots on a sample"
    )
    understand.add_argument("--chapter", required=True, choices=("influence",))
    understand.add_argument("--sampling", required=True)
    add = command("add-utterances", commands.add_utterances, "train models on gold and on chosen weak labels")
    add.add_argument("--dataset", required=True)
    add.add_argument("--repeat", required=True, type=_natural)
    grid = command("add-in-grid", commands.add_in_grid, "the same at every setting of the grid")
    grid.add_argument("--repeat", required=True, type=_natural)
    walls = command("walls", commands.walls, "train models of depth 1 on length-2 paths")
    walls.add_argument("--vertices", required=True, type=int)
    walls.add_argument("--experts", required=True, type=int)
    variants = command("train-variants", commands.train_variants, "train a model on parts of a training set")
    _of_a_training(variants)
    variants.add_argument("--runs", nargs="+", required=True, type=_run, metavar="VARIANT/SEED")


def _add_pages(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands that generate pages of the repository."""
    docs = command("docs", tools.docs, "generate config/README.md and config/schema.json", config=False)
    docs.add_argument("--folder", type=Path, default=Path("config"))
    figures = command("figures", tools.figures, "generate docs/figures.md", config=False)
    text = "what the default study's report shows: work/report-*.json"
    figures.add_argument("--contents", type=Path, required=True, help=text)
    figures.add_argument("--folder", type=Path, default=Path("docs"))
    gallery = command(
        "gallery", tools.gallery, "generate docs/gallery.md and its pictures from results", config=False
    )
    gallery.add_argument("--results", type=Path, default=Path("results"), help="of the default study")
    gallery.add_argument("--folder", type=Path, default=Path("docs"))


def _add_diff(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The command that compares two results folders."""
    text = "compare two results folders: which numbers moved, and by how many standard errors"
    diff = command("diff", tools.diff, text, config=False)
    diff.description = (
        "Compare two results folders: which files differ, which numbers in them moved, and by how much in "
        "standard errors, where the row has an interval or a deviation over runs. Rows are matched by what "
        "they are about, not by where they stand. Exit code 0: the results are the same, or within the "
        "tolerance. Measured seconds do not count: resources.json, what scores cost, the report."
    )
    diff.add_argument("a", type=Path, help="a results folder, before")
    diff.add_argument("b", type=Path, help="a results folder, after")
    text = "lines for a file at most; by default 10"
    diff.add_argument("--most", type=_at_least(int, 0), default=10, help=text)
    text = (
        "standard errors that a number may move; by default 0: every file has to have the same bytes. Above "
        "0, whatever moved and has no standard error is too much, and pictures and pages do not count"
    )
    diff.add_argument("--tolerance", type=_at_least(float, 0), default=0.0, help=text)
    diff.add_argument("--output", type=Path, help="write all numbers that moved into this csv")


def _at_least(kind: Callable[[str], float], least: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not value >= least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        return value

    return number


def _add_ranking(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The command that chooses from one's own pool."""
    text = "choose from a large file of utterances, given a small one with labels"
    rank = command("rank-pool", commands.rank_pool, text, config=False)
    for name, meaning in (
        ("gold", "utterances with labels: csv, jsonl or parquet"),
        ("pool", "the large file; where it has the column of domains, its labels are the weak ones"),
        ("output", "the selection, a csv"),
    ):
        rank.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    rank.add_argument("--size", type=_positive, required=True, help="how many to choose")
    for name, default, meaning in (
        ("strategy", "top", "how to choose, as in config/README.md (selection.strategies.strategy)"),
        ("score", "entropy_joint", "the score that it goes by, if it goes by one"),
        ("text", "text", "column of the utterances, words between blanks"),
        ("domain", "domain", "column of the domains, or of the only labels that there are"),
        ("intent", None, "column of the intents, if there are any"),
        ("slots", None, "column of the BIO tags, if there are any"),
        ("frequency", "frequency", "column that says how often an utterance was said, if it is there"),
        ("start", "pretrain", "the encoder: pretrain (on these texts), a model of the hub, or a folder"),
    ):
        rank.add_argument(f"--{name}", default=default, help=f"{meaning}; by default {default}")
    for name, default, meaning in (
        ("epochs", 20, "epochs of every model"),
        ("scorers", 5, "models whose scores are averaged"),
        ("early-epoch", 2, "the epoch of EL2N"),
        ("positions", 64, "word pieces of the longest utterance"),
        ("seed", 0, "of everything that is drawn"),
    ):
        rank.add_argument(f"--{name}", type=int, default=default, help=f"{meaning}; by default {default}")
    text = "leave out what the teacher is less sure of, where it labels the pool; by default 0"
    rank.add_argument("--threshold", type=float, default=0.0, help=text)


def _add_harness(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands around EleutherAI's lm-evaluation-harness."""
    text = "ask a checkpoint tasks of the lm-evaluation-harness (docs/harness.md)"
    run = command("harness", commands.harness, text, config=False)
    text = "write questions as a folder of tasks for the lm-evaluation-harness"
    tasks = command("harness-tasks", commands.harness_tasks, text, config=False)
    text = "write what the lm-evaluation-harness found as a table"
    results = command("harness-results", commands.harness_results, text, config=False)
    results.add_argument("file", type=Path, help="its results_*.json")
    for parser, what in ((run, "the table, a csv"), (tasks, "a new folder"), (results, "the table, a csv")):
        parser.add_argument("--output", type=Path, required=True, help=what)
    text = "examples.parquet of a prepared corpus, or a file with its columns"
    run.add_argument("--questions", type=Path, help=f"{text}, for the tasks `own`")
    tasks.add_argument("--questions", type=Path, required=True, help=text)
    text = "a model's folder, with its tokenizer"
    run.add_argument("--checkpoint", type=Path, required=True, help=text)
    tasks.add_argument("--checkpoint", type=Path, help=f"{text}, by which tokens are counted")
    run.add_argument("--tasks", nargs="+", default=["own"], help="their names; by default own")
    run.add_argument("--device", default="auto", help="cpu, cuda or auto; by default auto")
    run.add_argument("--batch-size", type=int, default=32, help="questions at once; by default 32")
    run.add_argument("--limit", type=int, help="questions of each task; by default all")
    for parser in (run, tasks):
        parser.add_argument("--num-fewshot", type=int, help="examples before each question")
        text = "tokens of an answer at most; by default as many as the study's own evaluation allows"
        parser.add_argument("--answer-tokens", type=int, help=text)


def _natural(text: str) -> int:
    """A number that counts from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0")
    return int(text)


def _positive(text: str) -> int:
    """A number that counts from 1."""
    if not _natural(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _plain_name(text: str) -> str:
    """A name that stays in the folder in which it is looked for, or written."""
    if text in ("", ".", "..") or set(text) & set("/\\\0"):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a file, but a path")
    return text


def _run(text: str) -> tuple[str, int]:
    """A variant by name, and a seed."""
    variant, _, seed = text.rpartition("/")
    if not variant:
        raise argparse.ArgumentTypeError(f"{text!r} is no VARIANT/SEED")
    return variant, _natural(seed)


def _of_a_training(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Which model is trained."""
    parser.add_argument("--chapter", required=True, choices=CHAPTERS)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--model", required=True)
    return parser
