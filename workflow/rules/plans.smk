"""What a chapter is made of: entries of tables, from which chapters.smk makes the rules."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple


class Step(NamedTuple):
    """An analysis: `python -m study analyse`, of one model's runs or of one data set."""

    message: str
    outputs: tuple[str, ...]
    inputs: object  # paths, or a function of wildcards
    settings: object = None  # the part of the configuration that its numbers depend on
    on: Callable[[str], bool] = lambda dataset: True  # the data sets that it is made for
    folder: str = "analysis/"  # within that of the model or of the data set

    def files(self, parent):
        """Its files, in the folder of a model or of a data set."""
        return [f"{parent}/{self.folder}{name}" for name in self.outputs]


class Figure(NamedTuple):
    """A figure: its place in the report, and what it is drawn from, by name."""

    title: str
    section: str
    message: str
    inputs: dict
    settings: dict = {}  # what its script is told beside models, scores and data set
    on: Callable[[str], bool] = lambda dataset: True
    paper: str = ""  # the figure or table of the chapter's paper that it follows, where that is known


class Plan(NamedTuple):
    """A chapter: what is computed from its runs, and what is shown."""

    of_model: dict[str, Step] = {}
    of_dataset: dict[str, Step] = {}
    figures: dict[str, Figure] = {}  # of each data set
    tables: tuple[str, ...] = ()  # joined from those of data sets
    of_chapter: dict[str, Step] = {}  # over all data sets: their outputs are tables of the chapter
    chapter_figures: dict[str, Figure] = {}  # over all data sets
    averaged: bool = True  # whether each model's scores are averaged over its runs
    before_training: Callable = lambda wildcards: []  # what the trainings of a model wait for
    ranked_by: Callable = (
        paths.scores
    )  # the file by which variants are ranked, of a chapter, data set and model
    beside: tuple[str, ...] = ()  # results of other trainings than runs

    def joined(self, dataset=None):
        """Tables of a data set, or of any, that are those of its models, one below the other, by analysis."""
        tables = {
            name: [output for output in step.outputs if output.endswith(".csv")]
            for name, step in self.of_model.items()
            if step.folder and (dataset is None or step.on(dataset))  # what stands beside runs stays there
        }
        return {name: found for name, found in tables.items() if found}


PLANS = {}  # by chapter: each chapter's rule file adds its own
FIGURE_ENDINGS = ("pdf", "png", "csv", "rst")


def everywhere(chapter):
    """The data sets and models of a chapter, as pairs."""
    settings = getattr(STUDY, chapter)
    return [(dataset, model) for dataset in settings.datasets for model in settings.models_on(dataset)]


def of_all_models(chapter):
    """A function of wildcards: the averaged scores of all models; whoever reads single runs depends on these."""
    return lambda wildcards: [
        paths.scores(chapter, wildcards.dataset, model)
        for model in getattr(STUDY, chapter).models_on(wildcards.dataset)
    ]


def every_run():
    """Every run of every chapter, variants last."""
    return [*STUDY.runs(), *STUDY.variant_runs()]


def files_of_run(run):
    """All files of a run."""
    names = paths.RUN_FILES if run.variant else STUDY.recorded(run.chapter, run.dataset).files(run.seed)
    return [f"{paths.run_folder(*run)}/{name}" for name in names]


def figures_of(chapter):
    """The figures of a chapter, each with its name and its data set; None: over all of them."""
    plan, datasets = PLANS[chapter], getattr(STUDY, chapter).datasets
    found = [
        (name, figure, dataset)
        for name, figure in plan.figures.items()
        for dataset in datasets
        if figure.on(dataset)
    ]
    return found + [(name, figure, None) for name, figure in plan.chapter_figures.items()]


def tables_of(chapter):
    """The tables of a chapter over its data sets, by name."""
    plan = PLANS[chapter]
    joined = [name for name in plan.tables if name == "scores" or sources_of_table(chapter, name)]
    return joined + [name for step in plan.of_chapter.values() for name in step.outputs]


def shown_files(chapter):
    """Figures and tables of a chapter."""
    figures = [figure_files(chapter, name, dataset) for name, _, dataset in figures_of(chapter)]
    tables = [paths.table(chapter, name) for name in tables_of(chapter)]
    return [path for files in figures for path in files.values()] + tables


def analysis_files(chapter):
    """Analyses of a chapter and of each of its models."""
    plan, found = PLANS[chapter], []
    for dataset, model in everywhere(chapter):
        folder = paths.model_folder(chapter, dataset, model)
        found += [path for step in plan.of_model.values() if step.on(dataset) for path in step.files(folder)]
    for dataset in getattr(STUDY, chapter).datasets:
        folder = paths.dataset_folder(chapter, dataset)
        found += [
            path for step in plan.of_dataset.values() if step.on(dataset) for path in step.files(folder)
        ]
        found += [
            paths.analysis(chapter, dataset, name)
            for names in plan.joined(dataset).values()
            for name in names
        ]
    return found


def files_of(chapter):
    """All files of a chapter, results in their own right: a lost or damaged one is made again."""
    if chapter not in PLANS:
        return []
    runs = [path for run in every_run() if run.chapter == chapter for path in files_of_run(run)]
    averages = [
        paths.scores(chapter, dataset, model)
        for dataset, model in everywhere(chapter)
        if PLANS[chapter].averaged
    ]
    data = [
        f"{paths.data_folder(dataset)}/{name}"
        for dataset in getattr(STUDY, chapter).datasets
        for name in paths.DATA_FILES
    ]
    return [*shown_files(chapter), *analysis_files(chapter), *averages, *runs, *data, *PLANS[chapter].beside]


def figure_files(chapter, name, dataset=None):
    """The files of a figure, of a data set or of all: pdf, png (shown in the report), csv of its points, caption."""
    place = partial(paths.figure, chapter, dataset) if dataset else partial(paths.chapter_figure, chapter)
    return {ending: place(name, ending) for ending in FIGURE_ENDINGS}


def scores_of_users(chapter):
    """The user's own scores of a chapter, by name."""
    return {name: score.model_dump() for name, score in getattr(STUDY, chapter).user_scores.items()}


def told_of_dataset(chapter):
    """What the script of a figure of one data set is told beside."""
    settings = getattr(STUDY, chapter)
    scores = [*settings.analysis.scores, *settings.user_scores]
    return {"dataset": "{dataset}", "scores": scores, "user_scores": scores_of_users(chapter)}


def told_to_figure(chapter, name, figure, beside=None):
    """What a figure's script is told, with a digest of the code that draws it."""
    return {
        "figure": name,
        "models": getattr(STUDY, chapter).models,
        **(beside or {}),
        **figure.settings,
        "code": script_version(PROJECT / f"workflow/scripts/fig_{name}.py"),
    }


def sources_of_table(chapter, table):
    """The analyses that a chapter's table joins: those of the data sets for which they are made."""
    plan, settings = PLANS[chapter], getattr(STUDY, chapter)
    steps = [*plan.of_model.values(), *plan.of_dataset.values()]
    makers = [step for step in steps if f"{table}.csv" in step.outputs]
    return [
        paths.analysis(chapter, dataset, f"{table}.csv")
        for dataset in settings.datasets
        if any(step.on(dataset) for step in makers)
    ]
