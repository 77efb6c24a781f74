"""`python -m study <command>`: what the rules of the workflow call, and a few commands for people."""

import argparse
import logging
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import iter_modules

from study.config import StudySettings, parse_study
from study.config.files import read_mapping
from study.config.study import CHAPTERS, RunName
from study.config.user_scores import register_user_scores
from study.errors import StudyError
from study.files import set_aside
from study.names import unknown
from study.telling import tell

# Modules of commands are imported when they are called: torch costs seconds, and most commands need none.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a user's mistake ends in one message and exit code 1, never in a traceback."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
    try:
        options.command(options)
    except StudyError as error:
        tell(error)
        return 1
    except KeyboardInterrupt:
        tell(StudyError("interrupted", do="run the same command again: it goes on from the last checkpoint"))
        return 1
    return 0


def _study(options: argparse.Namespace) -> StudySettings:
    """The study, in which the data set and the model that the command names have to be."""
    study = parse_study(read_mapping(options.config), where=str(options.config))
    named = {key: getattr(options, key, None) for key in ("chapter", "dataset", "model")}
    if named["chapter"] not in (None, *study.chapters):
        raise unknown("chapter", named["chapter"], study.chapters, str(options.config))
    chapter = getattr(study, named["chapter"]) if named["chapter"] else None
    datasets = chapter.datasets if chapter else study.all_datasets
    if named["dataset"] not in (None, *datasets):
        raise unknown("data set", named["dataset"], datasets, str(options.config))
    if named["model"] is not None:
        models = chapter.models_on(named["dataset"]) if named["dataset"] else chapter.models
        if named["model"] not in models:
            raise unknown("model", named["model"], models, str(options.config))
    register_user_scores(study)
    return study


def _prepare(options: argparse.Namespace) -> None:
    import_module("study.chapters.data").prepare(_study(options), options.dataset)


def _card(options: argparse.Namespace) -> None:
    import_module("study.chapters.data").describe(_study(options), options.dataset)


def _train(options: argparse.Namespace) -> None:
    import_module("study.training.run").train_runs(
        _study(options),
        options.chapter,
        options.dataset,
        options.model,
        options.seeds,
        memory_mb=options.memory_mb,
    )


def _tune(options: argparse.Namespace) -> None:
    kind = {"influence": "text", "experts": "question"}[options.chapter]
    tuning = import_module(f"study.training.{kind}_tuning")
    tuning.tune(_study(options), options.chapter, options.task, options.model)


def _encoder(options: argparse.Namespace) -> None:
    pretraining = import_module("study.training.pretraining")
    pretraining.prepare_encoder(_study(options), options.chapter, options.dataset, options.model)


def _understand(options: argparse.Namespace) -> None:
    understanding = import_module("study.training.understanding")
    understanding.understand(_study(options), options.chapter, options.sampling)


def _add_utterances(options: argparse.Namespace) -> None:
    import_module("study.training.adding").add_utterances(_study(options), options.dataset, options.repeat)


def _add_in_grid(options: argparse.Namespace) -> None:
    import_module("study.training.adding").add_in_grid(_study(options), options.repeat)


def _rank_pool(options: argparse.Namespace) -> None:
    ranking = import_module("study.training.pool_ranking")
    ranking.rank_pool(ranking.Request.of(options))


def _walls(options: argparse.Namespace) -> None:
    walls = import_module("study.training.walls")
    walls.train_walls(_study(options), options.vertices, options.experts)


def _train_variants(options: argparse.Namespace) -> None:
    place = (options.chapter, options.dataset, options.model)
    runs = [run.rpartition("/") for run in options.runs]
    import_module("study.training.variants").train_variants(
        _study(options),
        [RunName(*place, int(seed), variant) for variant, _, seed in runs],
        memory_mb=options.memory_mb,
    )


def _analyse(options: argparse.Namespace) -> None:
    chapter = f"study.chapters.{options.chapter}"
    known = [module.name for module in iter_modules(import_module(chapter).__path__)]
    if options.step not in known:
        raise unknown("step", options.step, known, f"the chapter {options.chapter}")
    step = import_module(f"{chapter}.{options.step}")
    if not hasattr(step, "run"):  # a module that steps share
        raise unknown("step", options.step, [name for name in known if name != options.step], chapter)
    if "dataset" not in signature(step.run).parameters:
        step.run(_study(options))
        return
    takes_model = "model" in signature(step.run).parameters
    if takes_model != (options.model is not None):
        raise StudyError(
            f"the step {options.step!r} looks at {'one model' if takes_model else 'all models'}",
            where=f"python -m study analyse {options.step}",
            expected="--model with the name of one" if takes_model else "no --model",
            do="name a model of the configuration" if takes_model else "leave --model out",
        )
    extra = {"model": options.model} if takes_model else {}
    step.run(_study(options), options.dataset, **extra)


def _join(options: argparse.Namespace) -> None:
    collect = import_module("study.chapters.collect")
    collect.join_models(_study(options), options.chapter, options.dataset, options.tables)


def _collect(options: argparse.Namespace) -> None:
    _study(options)  # the user's own scores are in the table of scores
    import_module("study.chapters.collect").join_datasets(options.chapter, options.table, options.sources)


def _index(options: argparse.Namespace) -> None:
    import_module("study.chapters.index").run(_study(options))


def _claims(options: argparse.Namespace) -> None:
    import_module("study.chapters.claims").run(_study(options))


def _configuration(options: argparse.Namespace) -> None:
    import_module("study.chapters.configuration").run(_study(options))


def _docs(options: argparse.Namespace) -> None:
    docs = import_module("study.config.docs")
    (options.folder / "README.md").write_text(docs.readme())
    (options.folder / "schema.json").write_text(docs.schema())


def _check(options: argparse.Namespace) -> None:
    study = import_module("study.config.files").read(options.files)
    print(f"the configuration of the study {study.name!r} is right")


def _diff(options: argparse.Namespace) -> None:
    differences = import_module("study.results").compare(options.a, options.b)
    print("\n".join(differences) or "the results are the same")
    if differences:
        raise SystemExit(1)


def _verify(options: argparse.Namespace) -> None:
    damaged = import_module("study.chapters.verify").run()
    for path, reason in damaged:
        set_aside(path)
        print(f"{path}: {reason}: it is set aside")
    print(f"{len(damaged)} damaged files" if damaged else "every result file can be read")
    if damaged:
        raise SystemExit(1)


def _pin(options: argparse.Namespace) -> None:
    pin = import_module("study.data.hub").latest_revision
    print(f"{options.id}: revision: {pin(options.id)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m study", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, function, text: str, *, config: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=function)
        if config:
            default = os.environ.get("STUDY_CONFIG")
            text = "resolved configuration, as in work/config-*.json; by default $STUDY_CONFIG"
            sub.add_argument("--config", type=Path, default=default, required=default is None, help=text)
        return sub

    for name, function, text in (
        ("prepare", _prepare, "read a data set and write its prepared form"),
        ("card", _card, "write the card of a prepared data set"),
    ):
        command(name, function, text).add_argument("--dataset", required=True)

    _add_trainings(command)

    analyse = command("analyse", _analyse, "one step of the analysis of a data set")
    analyse.add_argument("step")
    analyse.add_argument("--chapter", required=True, choices=CHAPTERS)
    analyse.add_argument("--dataset", help="for the steps that look at one data set")
    analyse.add_argument("--model", help="for the steps that look at one model")

    join = command("join", _join, "tables of a data set, each from those of its models")
    join.add_argument("--chapter", required=True, choices=CHAPTERS)
    join.add_argument("--dataset", required=True)
    join.add_argument("--tables", nargs="+", required=True, help="their file names")

    collect = command("collect", _collect, "one table of a chapter, from those of its data sets")
    collect.add_argument("--chapter", required=True, choices=CHAPTERS)
    collect.add_argument("--table", required=True, help="its name")
    collect.add_argument("--sources", nargs="*", default=[], help="the tables that it joins")

    command("configuration", _configuration, "results/config.yaml: the complete configuration")
    command("claims", _claims, "results/claims.csv: what the study says of every claim")
    command("index", _index, "results/index.csv: a row per run")

    check = command("check", _check, "check configuration files, merged in order", config=False)
    check.add_argument("files", type=Path, nargs="+")

    docs = command("docs", _docs, "generate config/README.md and config/schema.json", config=False)
    docs.add_argument("--folder", type=Path, default=Path("config"))

    diff = command("diff", _diff, "compare two results folders, file by file", config=False)
    for folder in ("a", "b"):
        diff.add_argument(folder, type=Path)

    command("verify", _verify, "read every result file; set damaged ones aside", config=False)

    _add_ranking(command)

    pin = command("pin", _pin, "look up the latest revision of a data set on the hub", config=False)
    pin.add_argument("id")
    return parser


def _add_trainings(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands that train."""
    text = "train a model with several seeds, recording example scores"
    _of_a_training(command("train", _train, text)).add_argument("--seeds", type=int, nargs="+", required=True)
    tune = command("tune", _tune, "choose the learning rate of a model on a task")
    tune.add_argument("--chapter", required=True, choices=("influence", "experts"))
    tune.add_argument("--task", required=True)
    tune.add_argument("--model", required=True)
    encoder = command("encoder", _encoder, "make or fetch the encoder of a model on a data set")
    encoder.add_argument("--chapter", required=True, choices=("influence", "selection"))
    encoder.add_argument("--dataset", help="its name; without, one encoder for all of the chapter")
    encoder.add_argument("--model", required=True)
    understand = command("understand", _understand, "train models of domain, intent and slots on a sample")
    understand.add_argument("--chapter", required=True, choices=("influence",))
    understand.add_argument("--sampling", required=True)
    add = command("add-utterances", _add_utterances, "train models on gold and on chosen weak labels")
    add.add_argument("--dataset", required=True)
    add.add_argument("--repeat", required=True, type=int)
    grid = command("add-in-grid", _add_in_grid, "the same at every setting of the grid")
    grid.add_argument("--repeat", required=True, type=int)
    walls = command("walls", _walls, "train models of depth 1 on length-2 paths")
    walls.add_argument("--vertices", required=True, type=int)
    walls.add_argument("--experts", required=True, type=int)
    variants = command("train-variants", _train_variants, "train a model on parts of a training set")
    _of_a_training(variants)
    variants.add_argument("--runs", nargs="+", required=True, metavar="VARIANT/SEED")


def _add_ranking(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The command that chooses from one's own pool."""
    text = "choose from a large file of utterances, given a small one with labels"
    rank = command("rank-pool", _rank_pool, text, config=False)
    for name, meaning in (
        ("gold", "utterances with labels: csv, jsonl or parquet"),
        ("pool", "the large file; where it has the column of domains, its labels are the weak ones"),
        ("output", "the selection, a csv"),
    ):
        rank.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    rank.add_argument("--size", type=int, required=True, help="how many to choose")
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


def _of_a_training(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Which model is trained, and with what memory."""
    parser.add_argument("--chapter", required=True, choices=CHAPTERS)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--memory-mb", type=int, help="memory that the job was given")
    return parser
