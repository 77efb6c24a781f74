"""What the chapter `selection` trains: the encoder of all languages, and models on what is added to gold."""

CODE_OF_ADDING = training_version("text", "encoder", "study.training.adding")


rule selection_encoder:
    """The encoder that all models of all languages start from: made of their training texts, or fetched."""
    input:
        EVERY_LANGUAGE,
    output:
        paths.common_encoder_files("selection", "{model}"),
    log:
        paths.log(paths.common_encoder("selection", "{model}")),
    benchmark:
        paths.benchmark(paths.common_encoder("selection", "{model}"))
    threads: STUDY.runtime.threads
    resources:
        **of_a_training(),
        **asks("selection_encoder"),
    params:
        settings=lambda wc: digest(
            f"{STUDY.models[wc.model].model_dump_json()} {SELECTION.pretraining} {STUDY.training} {STUDY.seed}"
        ),
        code=code_version("study.training.pretraining"),
    message:
        "Making the encoder {wildcards.model} of all languages"
    shell:
        "python -m study encoder --chapter selection --model {wildcards.model} 2>&1 | tee {log}"


rule selection_add:
    """One repeat in one language: a teacher, the pool, its scores, and a model for what each strategy adds."""
    input:
        training_data(),
        paths.common_encoder_files("selection", SELECTION.model),
    output:
        [paths.added("{dataset}", "{seed}", name) for name in (paths.POOL, paths.CHOSEN, paths.UNDERSTOOD)],
    log:
        paths.log(paths.added("{dataset}", "{seed}", "add")),
    benchmark:
        paths.benchmark(paths.added("{dataset}", "{seed}", "add"))
    threads: STUDY.runtime.threads
    resources:
        **of_a_training(),
        **asks("selection_add"),
    params:
        settings=settings_of_adding,
        code=CODE_OF_ADDING,
    message:
        "Adding weakly labelled utterances to {wildcards.dataset}, repeat {wildcards.seed}"
    shell:
        "python -m study add-utterances --dataset {wildcards.dataset} --repeat {wildcards.seed} 2>&1 | tee {log}"


if SELECTION.grid:

    rule selection_add_in_grid:
        """The same at other thresholds, detectors of defects and shares of gold."""
        input:
            [
                f"{paths.data_folder(SELECTION.grid.dataset)}/{name}"
                for name in ("arrays.safetensors", "examples.parquet")
            ],
            paths.common_encoder_files("selection", SELECTION.model),
        output:
            [paths.grid(SELECTION.grid.dataset, "{seed}", name) for name in (paths.POOLS, paths.UNDERSTOOD)],
        log:
            paths.log(paths.grid(SELECTION.grid.dataset, "{seed}", "add")),
        benchmark:
            paths.benchmark(paths.grid(SELECTION.grid.dataset, "{seed}", "add"))
        threads: STUDY.runtime.threads
        resources:
            **of_a_training(),
            **asks("selection_add_in_grid"),
        params:
            settings=settings_of_adding,
            grid=SELECTION.grid.model_dump_json(),
            code=CODE_OF_ADDING,
        message:
            "Adding weakly labelled utterances at other settings, repeat {wildcards.seed}"
        shell:
            "python -m study add-in-grid --repeat {wildcards.seed} 2>&1 | tee {log}"
