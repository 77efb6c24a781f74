"""Chapters of generated questions: the choice of a learning rate for each model on each task."""


rule tune_on_questions:
    """Every learning rate and weight decay tried by one model on one task, on data of their own."""
    input:
        prepared_for_tuning,
    output:
        paths.tuning("{chapter}", "{task}", "{model}"),
    log:
        paths.log(paths.tuning("{chapter}", "{task}", "{model}")),
    benchmark:
        paths.benchmark(paths.tuning("{chapter}", "{task}", "{model}"))
    wildcard_constraints:
        chapter="experts|synthesis",
    threads: lambda wc: STUDY.runtime.threads * of_task(wc).shared_by
    resources:
        **of_a_training(lambda wc: of_task(wc).shared_by),
        **asks("tune_on_questions"),
    params:
        launch=lambda wc: launcher(of_task(wc).shared_by),
        settings=settings_of_tuning,
        study_seed=STUDY.seed,
        code=lambda wc: training_version(
            kind_of_task(wc), STUDY.models[wc.model].architecture, "study.training.question_tuning"
        ),
    message:
        "Choosing the learning rate of {wildcards.model} for {wildcards.task}"
    shell:
        "{params.launch} -m study tune --chapter {wildcards.chapter} --task {wildcards.task} --model {wildcards.model} "
        "2>&1 | tee {log}"
