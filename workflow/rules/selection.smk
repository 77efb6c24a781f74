"""Chapter `selection`: which weakly labelled utterances are worth adding? (arXiv 2311.16302)"""

SELECTION = STUDY.selection
REPEATS = range(SELECTION.repeats)
EVERY_LANGUAGE = [
    f"{paths.data_folder(dataset)}/{name}"
    for dataset in SELECTION.datasets
    for name in ("arrays.safetensors", "examples.parquet")
]


def of_repeats(*names):
    """A function of wildcards: files of every repeat of adding utterances in a language."""
    return lambda wildcards: [
        paths.added(wildcards.dataset, repeat, name) for repeat in REPEATS for name in names
    ]


def of_languages(name):
    """An analysis of every language."""
    return [paths.analysis("selection", dataset, name) for dataset in SELECTION.datasets]


def pools_of_languages():
    """The pools of every language and repeat."""
    return [paths.added(dataset, repeat, paths.POOL) for dataset in SELECTION.datasets for repeat in REPEATS]


def in_grid(dataset):
    """Whether other settings are tried on a data set."""
    return SELECTION.grid is not None and dataset == SELECTION.grid.dataset


def settings_of_adding(wildcards):
    """Everything that a repeat depends on, but for its number, other languages, and settings of other jobs."""
    dataset = getattr(wildcards, "dataset", None) or SELECTION.grid.dataset
    run = STUDY.run("selection", dataset, SELECTION.model, 0)
    own = SELECTION.model_dump_json(exclude={"repeats", "datasets", "grid", "pretraining"})
    return digest(f"{own} {run.model_dump_json(exclude={'dataset': {'licence'}})}")


include: "selection_figures.smk"


ON_LANGUAGE = "on {wildcards.dataset}"
PLANS["selection"] = Plan(
    of_dataset={
        "errors": Step(
            f"Measuring what models understand {ON_LANGUAGE}",
            ("errors.csv", "selection.csv"),
            of_repeats(paths.UNDERSTOOD),
        ),
        "pool": Step(
            f"Counting what each step of making the pool leaves {ON_LANGUAGE}",
            ("pool.csv",),
            of_repeats(paths.POOL),
        ),
        "agreement": Step(
            f"Comparing the two scores of the pool {ON_LANGUAGE}",
            ("score_agreement.csv",),
            of_repeats(paths.POOL),
        ),
        "quality": Step(
            f"Looking at what strategies take {ON_LANGUAGE}",
            ("quality.csv",),
            of_repeats(paths.POOL, paths.CHOSEN),
        ),
        "extremes": Step(
            f"Looking up what scores find most worth adding {ON_LANGUAGE}",
            ("extremes.csv",),
            of_repeats(paths.POOL),
        ),
        "grid": Step(
            f"Measuring what models understand at other settings {ON_LANGUAGE}",
            ("grid.csv", "grid_pools.csv"),
            lambda wildcards: [
                paths.grid(wildcards.dataset, repeat, name)
                for repeat in REPEATS
                for name in (paths.POOLS, paths.UNDERSTOOD)
            ],
            on=in_grid,
        ),
    },
    tables=(
        *("selection", "errors", "pool", "score_agreement", "quality", "extremes", "grid", "grid_pools"),
    ),
    of_chapter={
        "claims": Step(
            "Judging the claims of the chapter selection",
            ("claims",),
            [*of_languages("selection.csv"), *of_languages("score_agreement.csv")],
            digest(f"{SELECTION.scores} {SELECTION.strategies} {SELECTION.size}"),
        )
    },
    chapter_figures=CHAPTER_FIGURES,
    averaged=False,
    beside=[
        *paths.common_encoder_files("selection", SELECTION.model),
        *(
            paths.added(dataset, repeat, name)
            for dataset in SELECTION.datasets
            for repeat in REPEATS
            for name in (paths.POOL, paths.CHOSEN, paths.UNDERSTOOD)
        ),
        *(
            paths.grid(SELECTION.grid.dataset, repeat, name)
            for repeat in (REPEATS if SELECTION.grid else ())
            for name in (paths.POOLS, paths.UNDERSTOOD)
        ),
    ],
)


include: "selection_training.smk"
