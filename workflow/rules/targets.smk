"""What rules take and make: names of figures and tables, inputs, targets of the chapters."""

from functools import partial
from glob import glob

CHAPTER = "difficulty"
FIGURES = (
    "score_spread",
    "run_correlation",
    "runs_needed",
    "score_correlation",
    "principal_components",
    "sensitivity_manhattan",
    "example_gallery",
    "fingerprint_accuracy",
)
# Analyses that look at one model at a time; `join_models` puts their tables together.
OF_EACH_MODEL = (
    "consistency",
    "rank_error_by_quantile",
    "run_agreement",
    "runs_needed",
    "averaging",
    "exponents",
    "score_correlation",
    "components",
    "loadings",
)
TABLES = ("scores", "consistency", "runs_needed", "sensitive_examples", "fingerprint")


def analysis(name):
    """An analysis file of the data set of the rule's wildcards."""
    return paths.analysis(CHAPTER, "{dataset}", name)


def model_analysis(name):
    """An analysis file of the model and the data set of the rule's wildcards."""
    return paths.model_analysis(CHAPTER, "{dataset}", "{model}", name)


def of_all_models(wildcards):
    """The aggregated scores of all models: whoever reads single runs depends on these."""
    return [
        paths.scores(CHAPTER, wildcards.dataset, model)
        for model in STUDY.difficulty.models_on(wildcards.dataset)
    ]


def run_batches():
    """The seeds, cut into the groups that one job trains."""
    seeds, size = list(range(STUDY.difficulty.seeds)), STUDY.difficulty.seeds_per_job
    return [seeds[start : start + size] for start in range(0, len(seeds), size)]


def files_of_runs(seeds, folder):
    """All files of the runs with these seeds."""
    recording = STUDY.difficulty.recording
    return [
        path
        for seed in seeds
        for path in paths.run_files(folder(seed), recording.keeps_trajectory(seed), recording.keep_model)
    ]


def settings_of_runs(wildcards):
    """Everything that the numbers of a model's runs depend on, but for the seed."""
    return STUDY.run(CHAPTER, wildcards.dataset, wildcards.model, 0).model_dump_json(exclude={"seed"})


def figures_and_tables():
    """What the chapter shows."""
    figures = [
        paths.figure(CHAPTER, dataset, name, ending)
        for dataset in STUDY.difficulty.datasets
        for name in FIGURES
        for ending in ("pdf", "png", "csv")
    ]
    return figures + [paths.table(CHAPTER, name) for name in TABLES]


def records_of_runs():
    """All files of all runs, and the scores over runs: results in their own right, made again if they are lost."""
    found = []
    for dataset in STUDY.difficulty.datasets:
        for model in STUDY.difficulty.models_on(dataset):
            folder = partial(paths.run_folder, CHAPTER, dataset, model)
            found += files_of_runs(range(STUDY.difficulty.seeds), folder)
            found.append(paths.scores(CHAPTER, dataset, model))
    return found


def figure(name, title, section):
    """The files of a figure: pdf, png (shown in the report), csv of the plotted points, caption with the numbers."""
    pdf, png, csv, rst = (
        paths.figure(CHAPTER, "{dataset}", name, ending) for ending in ("pdf", "png", "csv", "rst")
    )
    shown = report(
        png,
        caption=f"../report/{name}.rst",
        category="Difficulty",
        subcategory=section,
        labels={"data set": "{dataset}", "figure": title},
    )
    return {"pdf": pdf, "png": shown, "csv": csv, "rst": rst}


def drawing(name, scores=STUDY.difficulty.analysis.scores):
    """What a figure's script is told, with a digest of the code that draws it."""
    return {
        "dataset": "{dataset}",
        "models": STUDY.difficulty.models,
        "scores": scores,
        "gallery": STUDY.difficulty.analysis.gallery,
        "code": script_version(PROJECT / f"workflow/scripts/fig_{name}.py"),
    }


def file_stamps(settings):
    """Size and time of the local files that a data set is read from: a changed file is read again."""
    if settings.source != "files":
        return []
    found = sorted(path for pattern in [*settings.train, *(settings.test or [])] for path in glob(pattern))
    return [f"{path} {os.stat(path).st_size} {os.stat(path).st_mtime_ns}" for path in found]


def sources_of_table(wildcards):
    """The analyses that a chapter's table joins; the table of scores comes from the registry alone."""
    if wildcards.table == "scores":
        return []
    datasets = getattr(STUDY, wildcards.chapter).datasets
    return [paths.analysis(wildcards.chapter, dataset, f"{wildcards.table}.csv") for dataset in datasets]
