"""What runs of the chapter `influence` start from: encoders, and the learning rates that suit them."""


rule influence_encoder:
    """The encoder that all runs of a model on a data set start from: made of its texts, or fetched."""
    input:
        training_data(),
    output:
        paths.encoder_files("influence", "{dataset}", "{model}"),
    log:
        paths.log(paths.encoder("influence", "{dataset}", "{model}")),
    benchmark:
        paths.benchmark(paths.encoder("influence", "{dataset}", "{model}"))
    threads: STUDY.runtime.threads
    resources:
        **of_a_training(),
        **asks("influence_encoder"),
    params:
        settings=lambda wc: digest(
            f"{STUDY.models[wc.model].model_dump_json()} {STUDY.influence.pretraining} {STUDY.training} {STUDY.seed}"
        ),
        code=code_version("study.training.pretraining"),
    message:
        "Making the encoder {wildcards.model} for {wildcards.dataset}"
    shell:
        "python -m study encoder --chapter influence --dataset {wildcards.dataset} --model {wildcards.model} "
        "2>&1 | tee {log}"


rule influence_tune:
    """Every learning rate tried by one encoder on one data set, on training examples that are held out."""
    input:
        [f"{paths.data_folder('{task}')}/{name}" for name in ("arrays.safetensors", "examples.parquet")],
        paths.encoder_files("influence", "{task}", "{model}"),
    output:
        paths.tuning("influence", "{task}", "{model}"),
    log:
        paths.log(paths.tuning("influence", "{task}", "{model}")),
    benchmark:
        paths.benchmark(paths.tuning("influence", "{task}", "{model}"))
    threads: STUDY.runtime.threads
    resources:
        **of_a_training(),
        **asks("influence_tune"),
    params:
        settings=lambda wc: digest(
            f"{STUDY.run('influence', wc.task, wc.model, 0).model_dump_json()} {STUDY.influence.learning_rates} "
            f"{STUDY.influence.validation} {STUDY.influence.tuning_seeds}"
        ),
        code=lambda wc: training_version("text", "encoder", "study.training.text_tuning"),
    message:
        "Choosing the learning rate of {wildcards.model} for {wildcards.task}"
    shell:
        "python -m study tune --chapter influence --task {wildcards.task} --model {wildcards.model} "
        "2>&1 | tee {log}"


rule influence_understand:
    """Models of domain, intent and slots, trained on what one way of sampling leaves of the utterances."""
    input:
        vog_of_utterances,
    output:
        paths.understanding("influence", "{dataset}", "{sampling}"),
    log:
        paths.log(paths.understanding("influence", "{dataset}", "{sampling}")),
    benchmark:
        paths.benchmark(paths.understanding("influence", "{dataset}", "{sampling}"))
    wildcard_constraints:
        sampling="[a-z_]+",
    threads: STUDY.runtime.threads
    resources:
        **of_a_training(),
        **asks("influence_understand"),
    params:
        settings=settings_of_understanding,
        code=lambda wc: training_version("text", "encoder", "study.training.understanding"),
    message:
        "Training models of domain, intent and slots on {wildcards.dataset}: {wildcards.sampling}"
    shell:
        "python -m study understand --chapter influence --sampling {wildcards.sampling} 2>&1 | tee {log}"
