"""Chapter `difficulty`: how consistent are example difficulty scores? (arXiv 2401.01867)"""

SETTINGS = STUDY.difficulty.analysis


def averaged(wildcards):
    """The averaged scores of one model; whoever reads its single runs depends on these."""
    return paths.scores("difficulty", wildcards.dataset, wildcards.model)


def averaged_and_over_runs(wildcards):
    """All scores of one model, those that have one value over all runs included."""
    return [averaged(wildcards), paths.over_runs("difficulty", wildcards.dataset, wildcards.model)]


def runs_of_family(family, wildcards):
    """The examples of a model's runs on parts of the training set; none where it is not so trained."""
    settings = STUDY.difficulty.families.get(family)
    variants = settings.trained().variants if settings else ()
    return [
        f"{paths.run_folder(*run)}/examples.parquet"
        for run in STUDY.variant_runs()
        if (run.dataset, run.model) == (wildcards.dataset, wildcards.model) and run.variant in variants
    ]


def kept_models(wildcards):
    """The weights of one model's runs, and the images that they are looked at with."""
    place = ("difficulty", wildcards.dataset, wildcards.model)
    seeds = range(STUDY.difficulty.seeds)
    weights = [f"{paths.run_folder(*place, seed)}/{paths.CHECKPOINT}" for seed in seeds]
    return [f"{paths.data_folder(wildcards.dataset)}/arrays.safetensors", *weights]


def depths_of(wildcards):
    """Prediction depth over all runs, where weights are kept."""
    kept = STUDY.difficulty.recording.keeps_depths
    return [paths.consensus_depth("difficulty", wildcards.dataset, wildcards.model)] if kept else []


def prunes(dataset):
    """Whether a data set has runs on windows of a ranking."""
    pruning = STUDY.difficulty.pruning
    return pruning is not None and dataset in pruning.datasets


def pruned_runs(wildcards):
    """The runs on windows of a ranking, and the averaged scores that rank."""
    variants = STUDY.difficulty.pruning.trained().variants
    return [
        paths.scores("difficulty", wildcards.dataset, STUDY.difficulty.pruning.model),
        *(
            f"{paths.run_folder(*run)}/{name}"
            for run in STUDY.variant_runs()
            if run.dataset == wildcards.dataset and run.variant in variants
            for name in ("metrics.json", "examples.parquet")
        ),
    ]


def files_of_users():
    """The files of the user's own scores, and what is said of them."""
    return [score.file for score in STUDY.difficulty.user_scores.values()]


def compares_models(dataset):
    """Whether a data set has models to compare."""
    return len(STUDY.difficulty.models_on(dataset)) > 1


def sensitive_examples(wildcards):
    """The examples most and least sensitive to the model, where there are models to compare."""
    found = paths.analysis("difficulty", wildcards.dataset, "sensitive_examples.csv")
    return [found] if compares_models(wildcards.dataset) else []


def table(name):
    """An analysis of the data set of the rule's wildcards."""
    return paths.analysis("difficulty", "{dataset}", name)


def tables_of_claims(wildcards):
    """What the verdicts on claims rest on."""
    names = ["consistency", "exponents", "components", "defects"]
    if compares_models(wildcards.dataset):
        names += ["sensitivity_overall", "fingerprint", "fingerprint_differences"]
    return [paths.analysis("difficulty", wildcards.dataset, f"{name}.csv") for name in names]


ALL_MODELS = of_all_models("difficulty")
ON = "on {wildcards.dataset}"

OF_MODEL = {
    "consistency": Step(
        f"Measuring how far single runs of {{wildcards.model}} agree {ON}",
        ("consistency.csv", "rank_error_by_quantile.csv", "run_agreement.csv"),
        averaged,
    ),
    "runs_needed": Step(
        f"Measuring how many runs of {{wildcards.model}} a score needs {ON}",
        ("runs_needed.csv", "averaging.csv", "exponents.csv"),
        averaged,
        SETTINGS.draws,
    ),
    "over_runs": Step(
        f"Scoring examples over the runs of {{wildcards.model}} {ON}",
        ("over_runs.parquet",),
        lambda wildcards: [
            averaged(wildcards),
            *runs_of_family("subsets", wildcards),
            *depths_of(wildcards),
            *files_of_users(),
        ],
        scores_of_users("difficulty"),
        folder="",
    ),
    "memorization": Step(
        f"Measuring how far memorization by {{wildcards.model}} repeats {ON}",
        ("memorization.csv",),
        partial(runs_of_family, "subsets"),
        SETTINGS.draws,
    ),
    "correlation": Step(
        f"Correlating the scores of {{wildcards.model}} {ON}",
        ("score_correlation.csv",),
        averaged_and_over_runs,
    ),
    "components": Step(
        f"Finding the components that scores of {{wildcards.model}} share {ON}",
        ("components.csv", "loadings.csv"),
        averaged_and_over_runs,
        SETTINGS.permutations,
    ),
    "defects": Step(
        f"Measuring how well scores of {{wildcards.model}} find flipped labels {ON}",
        ("defects.csv",),
        averaged_and_over_runs,
        SETTINGS.draws,
    ),
    "epochs": Step(
        f"Following the rankings of {{wildcards.model}} over its training {ON}",
        ("epoch_correlation.csv", "epoch_curves.csv", "epoch_averaging.csv", "epochs_needed.csv"),
        averaged,
        SETTINGS.draws,
    ),
    "forgetting_variants": Step(
        f"Comparing the variants of forgetting of {{wildcards.model}} {ON}",
        ("forgetting_variants.csv", "forgetting_distribution.csv"),
        averaged,
    ),
}

if STUDY.difficulty.recording.keeps_depths:
    OF_MODEL["consensus_depth"] = Step(
        f"Taking prediction depths of {{wildcards.model}} towards the consensus of its runs {ON}",
        ("consensus_depth.parquet",),
        kept_models,
        folder="",
    )

OF_DATASET = {
    "sensitivity": Step(
        f"Testing which examples are sensitive to the model {ON}",
        (
            "sensitivity.parquet",
            "sensitivity.csv",
            "sensitivity_null.csv",
            "sensitivity_overall.csv",
            "sensitivity_qq.csv",
            "sensitive_examples.csv",
        ),
        ALL_MODELS,
        SETTINGS.sensitivity.model_dump(),
        compares_models,
    ),
    "scores_all": Step(
        f"Joining all scores of all models {ON}",
        ("scores_all.parquet",),
        lambda wildcards: [
            f"{paths.data_folder(wildcards.dataset)}/examples.parquet",
            *ALL_MODELS(wildcards),
            *(
                paths.over_runs("difficulty", *pair)
                for pair in everywhere("difficulty")
                if pair[0] == wildcards.dataset
            ),
        ],
        folder="",
    ),
    "fingerprint": Step(
        f"Fingerprinting the models {ON}",
        (
            "fingerprint.csv",
            "fingerprint_differences.csv",
            "leak_tests.csv",
            "selector_overlap.csv",
            "clumps.csv",
        ),
        ALL_MODELS,
        SETTINGS.fingerprint.model_dump(exclude={"score_repeats"}),
        compares_models,
    ),
    "fingerprint_by_score": Step(
        f"Fingerprinting the models by each score {ON}",
        ("fingerprint_by_score.csv",),
        ALL_MODELS,
        {**SETTINGS.fingerprint.model_dump(include={"k", "score_repeats"}), "scores": SETTINGS.scores},
        compares_models,
    ),
    "run_map": Step(
        f"Mapping the runs {ON}",
        ("run_map.csv",),
        ALL_MODELS,
        {"score": SETTINGS.fingerprint.score, "scores": SETTINGS.scores},
        compares_models,
    ),
    "pruning": Step(
        f"Comparing what windows of a ranking teach {ON}",
        ("pruning.csv", "pruning_balance.csv"),
        pruned_runs,
        on=prunes,
    ),
    "model_correlation": Step(
        f"Measuring whether models agree on what is hard {ON}",
        ("model_correlation.csv", "model_correlation_summary.csv"),
        ALL_MODELS,
        [SETTINGS.scores, SETTINGS.sensitivity.score],
        compares_models,
    ),
    "claims": Step(
        f"Judging the claims D1 to D6 {ON}",
        ("claims.csv",),
        tables_of_claims,
        STUDY.name,
    ),
}

FIGURES = {
    "score_spread": Figure(
        "Spread over runs",
        "Consistency",
        f"Drawing how far scores spread over runs {ON}",
        {
            "scores": ALL_MODELS,
            "consistency": table("consistency.csv"),
            "quantiles": table("rank_error_by_quantile.csv"),
        },
    ),
    "run_correlation": Figure(
        "One run against the others",
        "Consistency",
        f"Drawing how single runs agree {ON}",
        {"runs": table("run_agreement.csv"), "consistency": table("consistency.csv")},
    ),
    "rank_error": Figure(
        "Rank error of a run",
        "Consistency",
        f"Drawing how far single runs misplace examples {ON}",
        {"runs": table("run_agreement.csv"), "consistency": table("consistency.csv")},
    ),
    "runs_needed": Figure(
        "Runs needed",
        "Consistency",
        f"Drawing what averaging over runs buys {ON}",
        {
            "averaging": table("averaging.csv"),
            "exponents": table("exponents.csv"),
            "runs_needed": table("runs_needed.csv"),
        },
    ),
    "epoch_correlation": Figure(
        "Rankings over training",
        "Consistency",
        f"Drawing how rankings change over training {ON}",
        {"correlation": table("epoch_correlation.csv"), "curves": table("epoch_curves.csv")},
    ),
    "epochs_needed": Figure(
        "Epochs needed",
        "Consistency",
        f"Drawing how many epochs must be recorded {ON}",
        {
            "curves": table("epoch_curves.csv"),
            "averaging": table("epoch_averaging.csv"),
            "needed": table("epochs_needed.csv"),
        },
    ),
    "forgetting_variants": Figure(
        "Variants of forgetting",
        "Consistency",
        f"Drawing the variants of forgetting {ON}",
        {
            "shares": table("forgetting_variants.csv"),
            "distribution": table("forgetting_distribution.csv"),
            "consistency": table("consistency.csv"),
            "correlation": table("score_correlation.csv"),
        },
    ),
    "score_correlation": Figure(
        "Correlation between scores",
        "One notion of difficulty",
        f"Drawing how scores correlate {ON}",
        {"correlation": table("score_correlation.csv")},
    ),
    "disattenuated": Figure(
        "Correlation without noise",
        "One notion of difficulty",
        f"Drawing what scores would correlate without noise {ON}",
        {"correlation": table("score_correlation.csv")},
    ),
    "principal_components": Figure(
        "Principal components",
        "One notion of difficulty",
        f"Drawing the components that scores share {ON}",
        {"components": table("components.csv"), "loadings": table("loadings.csv")},
    ),
    "sensitivity_manhattan": Figure(
        "Sensitivity to the model",
        "Inductive bias",
        f"Drawing which examples are sensitive to the model {ON}",
        {
            "tests": table("sensitivity.parquet"),
            "qq": table("sensitivity_qq.csv"),
            "pairs": table("sensitivity.csv"),
            "overall": table("sensitivity_overall.csv"),
            "null": table("sensitivity_null.csv"),
        },
        on=compares_models,
    ),
    "model_correlation": Figure(
        "Correlation between models",
        "Inductive bias",
        f"Drawing whether models agree on what is hard {ON}",
        {
            "pairs": table("model_correlation.csv"),
            "summary": table("model_correlation_summary.csv"),
        },
        on=compares_models,
    ),
    "example_gallery": Figure(
        "Example gallery",
        "Inductive bias",
        f"Drawing the hardest and easiest, most and least sensitive examples {ON}",
        {
            "arrays": f"{paths.data_folder('{dataset}')}/arrays.safetensors",
            "examples": f"{paths.data_folder('{dataset}')}/examples.parquet",
            "scores": ALL_MODELS,
            "sensitive": sensitive_examples,
        },
        {"scores": [SETTINGS.sensitivity.score], "gallery": SETTINGS.gallery},
    ),
    "run_map": Figure(
        "Map of runs",
        "Inductive bias",
        f"Drawing runs as points, by model, {ON}",
        {"table": table("run_map.csv")},
        on=compares_models,
    ),
    "fingerprint_accuracy": Figure(
        "Fingerprint accuracy",
        "Inductive bias",
        f"Drawing how well a few examples name the model {ON}",
        {
            "fingerprint": table("fingerprint.csv"),
            "differences": table("fingerprint_differences.csv"),
            "leaks": table("leak_tests.csv"),
            "clumps": table("clumps.csv"),
        },
        on=compares_models,
    ),
    "defect_detection": Figure(
        "Flipped labels found",
        "Use of scores",
        f"Drawing how well scores find flipped labels {ON}",
        {"defects": table("defects.csv")},
        on=lambda dataset: STUDY.all_datasets[dataset].label_noise > 0,
    ),
    "pruning_windows": Figure(
        "Windows of a ranking",
        "Use of scores",
        f"Drawing what windows of a ranking teach {ON}",
        {"pruning": table("pruning.csv"), "balance": table("pruning_balance.csv")},
        on=prunes,
    ),
    "fingerprint_by_score": Figure(
        "Fingerprint by score",
        "Inductive bias",
        f"Drawing by which scores models are told apart {ON}",
        {"table": table("fingerprint_by_score.csv")},
        on=compares_models,
    ),
    "selector_overlap": Figure(
        "Overlap of chosen examples",
        "Inductive bias",
        f"Drawing whether ways of choosing examples agree {ON}",
        {"table": table("selector_overlap.csv")},
        on=compares_models,
    ),
}

TABLES = ("claims", "scores", "consistency", "runs_needed", "sensitive_examples", "fingerprint", "defects")

PLANS["difficulty"] = Plan(OF_MODEL, OF_DATASET, FIGURES, TABLES)
