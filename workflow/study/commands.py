"""What each command of `python -m study` does.

Modules are imported when a command is called: torch costs seconds, and most commands need none.
"""

import argparse
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from typing import Any

from study.config import StudySettings, parse_study
from study.config.files import read_mapping
from study.config.study import RunName
from study.config.user_scores import register_user_scores
from study.errors import StudyError
from study.files import write_csv
from study.names import unknown


def study_of(options: argparse.Namespace) -> StudySettings:
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


def part_of(study: StudySettings, path: str, options: argparse.Namespace) -> Any:
    """The settings of a part that a study may leave out.

    Raises:
        StudyError: this study does.
    """
    part: Any = study
    for key in path.split("."):
        part = getattr(part, key)
        if part is None:
            raise StudyError(
                f"the study leaves out what was asked for: {path} is null",
                where=str(options.config),
                expected=f"settings under {path}, as config/README.md describes them",
                do="write them, or do not ask for it",
            )
    return part


def _check_repeat(study: StudySettings, options: argparse.Namespace) -> None:
    """Refuse a repeat that no table would count."""
    if options.repeat >= study.selection.repeats:
        known = [str(repeat) for repeat in range(study.selection.repeats)]
        raise unknown("repeat", str(options.repeat), known, str(options.config))


def prepare(options: argparse.Namespace) -> None:
    """Prepare a data set."""
    import_module("study.chapters.data").prepare(study_of(options), options.dataset)


def card(options: argparse.Namespace) -> None:
    """Describe a prepared data set."""
    import_module("study.chapters.data").describe(study_of(options), options.dataset)


def train(options: argparse.Namespace) -> None:
    """Train a model with several seeds."""
    import_module("study.training.run").train_runs(
        study_of(options),
        options.chapter,
        options.dataset,
        options.model,
        options.seeds,
    )


def tune(options: argparse.Namespace) -> None:
    """Choose a learning rate."""
    kind = {"influence": "text", "experts": "question", "synthesis": "question"}[options.chapter]
    study = study_of(options)
    chapter = getattr(study, options.chapter)
    tasks = chapter.datasets if kind == "text" else chapter.tasks
    if options.task not in tasks:
        raise unknown("task", options.task, tasks, str(options.config))
    tuning = import_module(f"study.training.{kind}_tuning")
    tuning.tune(study, options.chapter, options.task, options.model)


def encoder(options: argparse.Namespace) -> None:
    """Make or fetch an encoder."""
    pretraining = import_module("study.training.pretraining")
    pretraining.prepare_encoder(study_of(options), options.chapter, options.dataset, options.model)


def understand(options: argparse.Namespace) -> None:
    """Train models of domain, intent and slots on a sample."""
    study = study_of(options)
    settings = part_of(study, f"{options.chapter}.understanding", options)
    if options.sampling not in settings.jobs:
        raise unknown("sampling", options.sampling, settings.jobs, str(options.config))
    understanding = import_module("study.training.understanding")
    understanding.understand(study, options.chapter, options.sampling)


def add_utterances(options: argparse.Namespace) -> None:
    """One repeat of adding weakly labelled utterances."""
    study = study_of(options)
    part_of(study, "selection", options)
    _check_repeat(study, options)
    import_module("study.training.adding").add_utterances(study, options.dataset, options.repeat)


def add_in_grid(options: argparse.Namespace) -> None:
    """The same at every setting of the grid."""
    study = study_of(options)
    part_of(study, "selection.grid", options)
    _check_repeat(study, options)
    import_module("study.training.adding").add_in_grid(study, options.repeat)


def rank_pool(options: argparse.Namespace) -> None:
    """Choose from one's own pool."""
    ranking = import_module("study.training.pool_ranking")
    ranking.rank_pool(ranking.Request.of(options))


def walls(options: argparse.Namespace) -> None:
    """Train models of depth 1."""
    study = study_of(options)
    jobs = part_of(study, "experts.width_wall", options).jobs()
    if (options.vertices, options.experts) not in jobs:
        asked = f"{options.vertices}/{options.experts}"
        known = [f"{vertices}/{experts}" for vertices, experts in jobs]
        raise unknown("number of vertices and experts", asked, known, str(options.config))
    import_module("study.training.walls").train_walls(study, options.vertices, options.experts)


def train_variants(options: argparse.Namespace) -> None:
    """Train a model on parts of a training set."""
    place = (options.chapter, options.dataset, options.model)
    import_module("study.training.variants").train_variants(
        study_of(options),
        [RunName(*place, seed, variant) for variant, seed in options.runs],
    )


def harness(options: argparse.Namespace) -> None:
    """Ask a checkpoint the tasks of the lm-evaluation-harness."""
    run = import_module("study.analysis.harness.run")
    asked = {name: getattr(options, name) for name in run.Request._fields}
    run.evaluate(run.Request(**asked | {"tasks": tuple(options.tasks)}), options.output)


def harness_tasks(options: argparse.Namespace) -> None:
    """Write questions as tasks for it."""
    import_module("study.analysis.harness.tasks").write_tasks(
        options.questions,
        options.output,
        num_fewshot=options.num_fewshot,
        answer_tokens=options.answer_tokens,
        checkpoint=options.checkpoint,
    )


def harness_results(options: argparse.Namespace) -> None:
    """Write its results as a table."""
    found = import_module("study.analysis.harness.results").read_results(options.file)
    write_csv(options.output, found)


def analyse(options: argparse.Namespace) -> None:
    """One step of a chapter's analysis.

    Raises:
        StudyError: there is no such step, or it looks at another number of models.
    """
    chapter = f"study.chapters.{options.chapter}"
    known = [module.name for module in iter_modules(import_module(chapter).__path__)]
    if options.step not in known:
        raise unknown("step", options.step, known, f"the chapter {options.chapter}")
    step = import_module(f"{chapter}.{options.step}")
    if not hasattr(step, "run"):  # a module that steps share
        raise unknown("step", options.step, [name for name in known if name != options.step], chapter)
    if "dataset" not in signature(step.run).parameters:
        step.run(study_of(options))
        return
    if options.dataset is None:
        raise StudyError(
            f"the step {options.step!r} looks at one data set",
            where=f"python -m study analyse {options.step}",
            expected="--dataset with the name of one",
            do="name a data set of the configuration",
        )
    takes_model = "model" in signature(step.run).parameters
    if takes_model != (options.model is not None):
        raise StudyError(
            f"the step {options.step!r} looks at {'one model' if takes_model else 'all models'}",
            where=f"python -m study analyse {options.step}",
            expected="--model with the name of one" if takes_model else "no --model",
            do="name a model of the configuration" if takes_model else "leave --model out",
        )
    extra = {"model": options.model} if takes_model else {}
    step.run(study_of(options), options.dataset, **extra)


def join(options: argparse.Namespace) -> None:
    """Tables of a data set from those of its models."""
    collect = import_module("study.chapters.collect")
    collect.join_models(study_of(options), options.chapter, options.dataset, options.tables)


def collect(options: argparse.Namespace) -> None:
    """A chapter's table from those of its data sets."""
    study_of(options)  # the user's own scores are in the table of scores
    import_module("study.chapters.collect").join_datasets(options.chapter, options.table, options.sources)


def index(options: argparse.Namespace) -> None:
    """The index of runs."""
    import_module("study.chapters.index").run(study_of(options))


def claims(options: argparse.Namespace) -> None:
    """The table of claims."""
    import_module("study.chapters.claims").run(study_of(options))


def configuration(options: argparse.Namespace) -> None:
    """The complete configuration."""
    import_module("study.chapters.configuration").run(study_of(options))


def report(options: argparse.Namespace) -> None:
    """The report."""
    import_module("study.report.page").write_report(study_of(options), options.contents)
