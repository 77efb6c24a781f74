"""Chapter `influence`: which sentences can a fine-tuned encoder do without? (arXiv 2311.16298)"""

INFLUENCE = STUDY.influence


def encoder_and_rate(wildcards):
    """The encoder that a model's runs on a data set start from, and what was chosen for it."""
    base = INFLUENCE.base_of(wildcards.dataset)
    return [
        paths.tuning("influence", base, wildcards.model),
        *paths.encoder_files("influence", base, wildcards.model),
    ]


def files_of_family(dataset, model, family, name):
    """A file, by its name, of every variant run of a family."""
    trained = INFLUENCE.families[family].trained()
    return [
        f"{paths.run_folder('influence', dataset, model, seed, variant)}/{name}"
        for variant in trained.variants
        for seed in range(trained.seeds)
    ]


def scores_of(dataset, model):
    """What the scores of a model on a data set are read from: its ordinary runs, and variant runs of three families."""
    variants = (
        files_of_family(dataset, model, name, "examples.parquet") for name in ("null", "folds", "cadence")
    )
    return [paths.scores("influence", dataset, model), *(path for files in variants for path in files)]


def scored(wildcards):
    """What the scores of all encoders on a data set are read from."""
    return [
        path
        for model in INFLUENCE.models_on(wildcards.dataset)
        for path in scores_of(wildcards.dataset, model)
    ]


def pruned_on(dataset):
    """The models that a plan prunes for on a data set, with their families."""
    return [
        (model, name)
        for name, family in INFLUENCE.families.items()
        if name.startswith("pruned-")
        for model in INFLUENCE.models_on(dataset)
        if family.trains(dataset, model)
    ]


def pruned_files(wildcards):
    """The results of all runs on what pruning leaves of a data set."""
    return [
        path
        for model, name in pruned_on(wildcards.dataset)
        for path in files_of_family(wildcards.dataset, model, name, "metrics.json")
    ]


def noisy(dataset):
    """Whether labels of a data set are wrong on purpose."""
    return STUDY.datasets[dataset].noisy


def known_causes(dataset):
    """Whether it is known of a data set's examples why they are hard."""
    return STUDY.datasets[dataset].source == "generated"


def vog_of_utterances(wildcards):
    """The prepared utterances, the encoder, and the runs whose VoG draws samples."""
    place = ("influence", INFLUENCE.understanding.dataset, INFLUENCE.understanding.model)
    base = INFLUENCE.base_of(place[1])
    return [
        f"{paths.data_folder(place[1])}/arrays.safetensors",
        f"{paths.data_folder(place[1])}/examples.parquet",
        paths.tuning("influence", base, place[2]),
        *paths.encoder_files("influence", base, place[2]),
        paths.scores(*place),
    ]


def settings_of_understanding(wildcards):
    """Everything that models of domain, intent and slots depend on."""
    settings = INFLUENCE.understanding
    run = STUDY.run("influence", settings.dataset, settings.model, 0)
    return digest(f"{settings.model_dump_json(exclude={'samplings'})} {run.model_dump_json()}")


ON_DATA = "on {wildcards.dataset}"
SHOWN = [INFLUENCE.analysis.scores]


def told(name):
    """An analysis of the data set of the rule's wildcards."""
    return paths.analysis("influence", "{dataset}", name)


def claimed_from(wildcards):
    """What the verdicts on claims rest on."""
    tables = [
        paths.analysis("influence", dataset, "pruning.csv")
        for dataset in INFLUENCE.datasets
        if pruned_on(dataset)
    ]
    cards = [f"{paths.data_folder(dataset)}/card.json" for dataset in INFLUENCE.datasets]
    return tables + cards + ([paths.table("influence", "nlu_runs")] if INFLUENCE.understanding else [])


include: "influence_figures.smk"


OF_CHAPTER = {}
if INFLUENCE.understanding:
    OF_CHAPTER["understanding"] = Step(
        "Measuring what is understood after pruning",
        ("nlu_runs", "nlu", "nlu_by_domain"),
        [
            *(
                f"{paths.data_folder(INFLUENCE.understanding.dataset)}/{name}"
                for name in ("arrays.safetensors", "examples.parquet")
            ),
            *(
                paths.understanding("influence", INFLUENCE.understanding.dataset, sampling)
                for sampling in INFLUENCE.understanding.jobs
            ),
        ],
        INFLUENCE.understanding.model_dump_json(),
    )
if INFLUENCE.pruning:
    OF_CHAPTER["guidance"] = Step(
        "Working out how much of a training set can go",
        ("guidance",),
        [
            path
            for dataset in INFLUENCE.datasets
            if pruned_on(dataset)
            for path in (
                paths.analysis("influence", dataset, "pruning.csv"),
                paths.analysis("influence", INFLUENCE.base_of(dataset), "cost.csv"),
            )
        ],
        digest(f"{INFLUENCE.training} {INFLUENCE.pruning}"),
    )
OF_CHAPTER["claims"] = Step(
    "Judging the claims of the chapter influence",
    ("claims",),
    claimed_from,
    digest(f"{INFLUENCE.pruning} {INFLUENCE.understanding}"),
)

PLANS["influence"] = Plan(
    of_model={
        "rankings": Step(
            f"Averaging all scores of {{wildcards.model}} {ON_DATA}",
            ("rankings.parquet", "ranked.csv"),
            lambda wildcards: scores_of(wildcards.dataset, wildcards.model),
            SHOWN,
            folder="",
        ),
        "embedding_map": Step(
            f"Mapping what {{wildcards.model}} makes of texts {ON_DATA}",
            ("embedding_map.parquet",),
            lambda wildcards: [
                f"{paths.data_folder(wildcards.dataset)}/arrays.safetensors",
                paths.rankings("influence", wildcards.dataset, wildcards.model),
                *encoder_and_rate(wildcards),
            ],
            INFLUENCE.analysis.scores[0],
            original,
        ),
        "cost": Step(
            f"Measuring what the scores of {{wildcards.model}} cost {ON_DATA}",
            ("cost.csv",),
            lambda wildcards: [
                f"{paths.data_folder(wildcards.dataset)}/arrays.safetensors",
                *encoder_and_rate(wildcards),
            ],
            digest(
                f"{INFLUENCE.recording} {INFLUENCE.cadence} {INFLUENCE.seeds} {INFLUENCE.folds} {INFLUENCE.fold_seeds}"
            ),
            original,
        ),
    },
    of_dataset={
        "consistency": Step(
            f"Measuring how far single runs of all encoders agree {ON_DATA}",
            ("consistency.csv", "run_agreement.csv"),
            scored,
        ),
        "correlation": Step(
            f"Correlating the scores of all encoders {ON_DATA}",
            ("score_correlation.csv", "hard_overlap.csv"),
            scored,
            [*SHOWN, INFLUENCE.analysis.hardest],
        ),
        "extremes": Step(
            f"Looking up what scores of all encoders find hardest {ON_DATA}",
            ("extremes.csv",),
            scored,
            SHOWN,
        ),
        "noise": Step(
            f"Measuring how well scores of all encoders find wrong labels {ON_DATA}",
            ("noise.csv", "noise_found.csv"),
            scored,
            INFLUENCE.analysis.hardest,
            noisy,
        ),
        "causes": Step(
            f"Comparing scores of all encoders with known causes {ON_DATA}",
            ("causes.csv",),
            scored,
            SHOWN,
            known_causes,
        ),
        "pruning": Step(
            f"Comparing what pruning leaves {ON_DATA}",
            ("pruning_runs.csv", "pruning.csv"),
            pruned_files,
            on=lambda dataset: bool(pruned_on(dataset)),
        ),
        "encoders": Step(
            f"Comparing encoders {ON_DATA}",
            ("encoders.csv",),
            lambda wildcards: [
                path
                for model in INFLUENCE.models_on(wildcards.dataset)
                for path in (
                    paths.scores("influence", wildcards.dataset, model),
                    f"{paths.encoder('influence', INFLUENCE.base_of(wildcards.dataset), model)}/pretraining.csv",
                )
            ],
        ),
    },
    tables=(
        *("scores", "encoders", "consistency", "score_correlation", "hard_overlap", "extremes", "noise"),
        *("noise_found", "causes", "cost", "pruning"),
    ),
    of_chapter=OF_CHAPTER,
    figures=FIGURES,
    chapter_figures=CHAPTER_FIGURES,
    before_training=encoder_and_rate,
    ranked_by=paths.rankings,
    beside=[
        path
        for dataset in INFLUENCE.datasets
        if dataset == INFLUENCE.base_of(dataset)
        for model in INFLUENCE.models_on(dataset)
        for path in (
            paths.tuning("influence", dataset, model),
            *paths.encoder_files("influence", dataset, model),
        )
    ]
    + (
        [
            paths.understanding("influence", INFLUENCE.understanding.dataset, sampling)
            for sampling in INFLUENCE.understanding.jobs
        ]
        if INFLUENCE.understanding
        else []
    ),
)


include: "influence_training.smk"
